"""The address of a source as somebody gave it: checked, shown without its secrets, and compared with others."""

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from streamvault.errors import SourceRefused
from streamvault.leech.message_links import is_telegram, read_link
from streamvault.leech.torrent_files import file_of, is_file_address, named_by

MAX_ADDRESS = 8192
"""Characters of an address."""
SCHEMES = ("https", "http", "ftp", "tg")
"""Of addresses that can be leeched; with tg all links to messages of Telegram can."""
WITH_TORRENTS = (*SCHEMES, "magnet", "data")
"""With `data` those that hold a .torrent file themselves."""
NO_TORRENTS = "Torrents are not taken here: the server's owner can allow them by LEECH_TORRENTS=true."
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
_PERCENT = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LONGEST_NAME = 255
_ILLEGAL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_HASH = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Address:
    """`full`: as it was given. `shown`: without credentials. `same`: equal for addresses of the same source;
    `credentials`: whether that has any.
    """

    full: str
    shown: str
    same: str
    credentials: bool


def read_address(text: str, *, schemes: Collection[str] = SCHEMES) -> Address:
    """The address that a text is. Raises SourceRefused for what is none, or has another scheme."""
    text = text.strip()
    if is_file_address(text):
        return _file(text, schemes)
    if not text or len(text) > MAX_ADDRESS or _ILLEGAL.search(text):
        raise SourceRefused(f"This is no address: write one of at most {MAX_ADDRESS} characters, in one line.")
    if is_telegram(text):
        return _message(text, schemes)
    scheme = text.partition(":")[0].lower()
    if scheme == "magnet" and "magnet" not in schemes and "ftp" in schemes:
        raise SourceRefused(NO_TORRENTS)
    if scheme not in schemes:
        known = ", ".join(f"{one}:" if one == "magnet" else f"{one}://" for one in schemes if one not in ("tg", "data"))
        raise SourceRefused(f"This address cannot be leeched: it has to begin with one of {known}.")
    return _magnet(text) if scheme == "magnet" else _url(text)


def _file(text: str, schemes: Collection[str]) -> Address:
    """A .torrent file, shown as its magnet link."""
    if "data" not in schemes:
        raise SourceRefused(NO_TORRENTS)
    try:
        named = named_by(file_of(text))
    except ValueError as error:
        raise SourceRefused(f"This is no .torrent file that can be read: {error}.") from None
    same = _link_to(named.hash)
    shown = f"{same}&dn={quote(named.name[:_LONGEST_NAME])}" if named.name else same
    return Address(text, shown, same, credentials=False)


def _link_to(hash: str) -> str:
    return f"magnet:?xt=urn:btih:{hash}" if len(hash) == 40 else f"magnet:?xt=urn:btmh:1220{hash}"


def is_magnet(address: str) -> bool:
    """Whether an address is a magnet link."""
    return address.strip()[:7].lower() == "magnet:"


def is_torrent_address(address: str) -> bool:
    """Whether an address is a magnet link, or holds a .torrent file."""
    return is_magnet(address) or is_file_address(address)


def _message(text: str, schemes: Collection[str]) -> Address:
    if "tg" not in schemes:
        raise SourceRefused("A message of Telegram is fetched by itself: ask for it without yt-dlp.")
    link = read_link(text).public
    return Address(link, link, link, credentials=False)


def _url(text: str) -> Address:
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise SourceRefused("This address is not valid: its host or port is none.") from None
    if not host or not text[len(parts.scheme) :].startswith("://"):
        raise SourceRefused(f"This address has no host: it has to be like {parts.scheme}://host/file.")
    userinfo, at, place = parts.netloc.rpartition("@")
    if port == 0:
        raise SourceRefused("This address is not valid: there is no port 0.")
    name = _host(host) + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")
    path = _normal(parts.path) or "/"
    same = urlunsplit((parts.scheme, f"{userinfo}{at}{name}", path, _normal(parts.query), ""))
    shown = urlunsplit((parts.scheme, place, parts.path, parts.query, parts.fragment))
    return Address(text, shown if at else text, same, credentials=bool(at))


def _host(host: str) -> str:
    name = host.rstrip(".")
    if ":" in name:
        return f"[{name}]"
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        raise SourceRefused("This address is not valid: its host is no name.") from None


def _normal(text: str) -> str:
    """The same octets in one spelling (RFC 3986 section 6.2.2)."""

    def one(match: re.Match[str]) -> str:
        octet = int(match[1], 16)
        return chr(octet) if octet in _UNRESERVED else f"%{octet:02X}"

    return _PERCENT.sub(one, quote(text, safe="/?#[]@!$&'()*+,;=:%"))


def _magnet(text: str) -> Address:
    """A magnet link; its trackers may have passkeys, so that only its hashes and its name are shown."""
    try:
        fields = parse_qsl(urlsplit(text).query, max_num_fields=500)
    except ValueError:
        fields = []
    hashes = sorted({found for name, value in fields if re.fullmatch(r"xt(\.\d+)?", name) and (found := _hash(value))})
    if not hashes:
        raise SourceRefused("This magnet link names no torrent: it lacks xt=urn:btih:HASH.")
    first = next((one for one in hashes if len(one) == 40), hashes[0])
    names = [value for name, value in fields if name == "dn"]
    same = _link_to(first)
    return Address(text, same + (f"&dn={quote(names[0])}" if names else ""), same, credentials=False)


def _hash(urn: str) -> str | None:
    """The hash of a torrent in hexadecimal: SHA-1 of version 1, SHA-256 of version 2."""
    kind, _, value = urn.removeprefix("urn:").partition(":")
    value = value.lower()
    if kind.lower() == "btmh":
        value = value.removeprefix("1220")
        return value if len(value) == 64 and _HASH.fullmatch(value) else None
    if kind.lower() != "btih":
        return None
    if len(value) == 32:
        try:
            value = base64.b32decode(value.upper()).hex()
        except ValueError:
            return None
    return value if len(value) == 40 and _HASH.fullmatch(value) else None


def same_torrent(hash: str) -> str:
    """Address.same of the torrent with this hash in hexadecimal."""
    return _link_to(hash)


def public_address(text: str) -> str:
    """An address as it may be shown; a magnet link without its trackers. What is no address stays as it is."""
    try:
        return read_address(text, schemes=WITH_TORRENTS).shown
    except SourceRefused:
        return text


def shown_name(shown: str) -> str:
    """What to call a source of which nothing else is known: the end of its path, the name in a magnet link."""
    parts = urlsplit(shown)
    if parts.scheme == "magnet":
        named = [value for name, value in parse_qsl(parts.query) if name == "dn"]
        return named[0] if named else shown
    if is_telegram(shown):
        return f"{parts.hostname}{parts.path}"
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.hostname or shown
