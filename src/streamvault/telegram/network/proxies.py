"""PROXY_URL: SOCKS5 and HTTP proxies as URLs, MTProxies as the links that Telegram's apps share."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr
from pyrogram.connection.proxy import normalize_proxy

from streamvault.errors import ConfigError

_DIALED = ("socks5", "http")
_SHAPES = (
    "socks5://user:password@host:port, http://user:password@host:port (with special characters percent-encoded) or "
    "tg://proxy?server=host&port=443&secret=..."
)


def parse_proxies(url: SecretStr | None) -> list[Any]:
    """Kurigram's proxy values, in order. ConfigError gives a wrong entry's number, not its text (credentials)."""
    entries = [] if url is None else [part.strip() for part in url.get_secret_value().split(",") if part.strip()]
    found = []
    for number, entry in enumerate(entries, start=1):
        try:
            found.append(normalize_proxy(_fields(entry)))
        except ValueError:
            raise ConfigError(f"PROXY_URL is wrong in entry {number} of {len(entries)}: write {_SHAPES}") from None
    return found


def proxy_name(proxy: Any) -> str:
    """Kind, host and port of a proxy, without credentials; stored, so it must not change."""
    host = f"[{proxy.hostname}]" if ":" in proxy.hostname else proxy.hostname
    return f"{proxy.scheme.value} {host}:{proxy.port}"


def _fields(entry: str) -> Any:
    """An entry as the dict that Kurigram's `normalize_proxy` takes. ValueError for anything else."""
    parts = urlsplit(entry)
    if parts.scheme in _DIALED and parts.hostname and parts.port and not parts.path.strip("/") and not parts.query:
        fields = {"scheme": parts.scheme, "hostname": parts.hostname, "port": parts.port}
        if parts.username is not None:
            fields |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
        return fields
    if parts.scheme == "tg":
        kind = parts.netloc
    elif parts.scheme == "https" and parts.hostname in ("t.me", "telegram.me", "telegram.dog"):
        kind = parts.path.strip("/")
    else:
        raise ValueError("an unknown kind of proxy")
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    server, port = given.get("server"), int(given.get("port", ""))
    if not server or not 0 < port < 65536:
        raise ValueError("a proxy link needs a server and a port")
    if kind == "proxy":
        return {"scheme": "mtproxy", "hostname": server, "port": port, "secret": given.get("secret", "")}
    if kind == "socks":
        login = {"username": given["user"], "password": given.get("pass", "")} if "user" in given else {}
        return {"scheme": "socks5", "hostname": server, "port": port, **login}
    raise ValueError("an unknown kind of proxy link")
