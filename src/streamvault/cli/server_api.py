"""Client of a running server's API, for `index`, `leech` and `mirror`: the server does the work."""

import hmac
import http.client
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from streamvault.access.links import LinkSigner, Scope
from streamvault.datadir import open_data_dir, secret_key
from streamvault.errors import ConfigError, SourceBusy, SourceError, SourceUnavailable
from streamvault.indexing.progress import Progress
from streamvault.settings import LocalSettings

TOKEN_SECONDS = 3600
"""How long a token for the server is good."""

TIMEOUT = 60.0
"""Seconds without a byte after which the server counts as lost; its event stream has a heartbeat."""

DEFAULT_RETRY_AFTER = 5.0
"""Seconds to wait after a 503 without a Retry-After in seconds."""


_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}


class NotStreamVault(Exception):
    """No answer at the address, or one of another program."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, the JSON object of the body ({} for anything else), and Retry-After in seconds."""

    status: int
    body: dict[str, Any]
    retry_after: float

    @property
    def detail(self) -> str:
        """The detail of an RFC 9457 problem."""
        return str(self.body.get("detail", f"the server answers {self.status}"))


class Server:
    """A StreamVault server at `base`, such as `http://127.0.0.1:8080`.

    It is given a token only after it has proved that it holds the secret of `links`, and one for /api/index, or for
    /api/jobs, /api/feeds and /api/mirrors, alone: what listens at an address is not always the server that was there
    before.
    """

    def __init__(self, base: str, *, links: LinkSigner) -> None:
        self.base = base
        self._links = links

    def check_ready(self) -> None:
        """Return if a server that was started with these settings answers and is ready.

        Raises NotStreamVault, ConfigError (it refuses the token), SourceBusy (it is not ready yet).
        """
        self._check_ours()
        reply = self._request("GET", "/api/index")
        if reply.status == 200 and "walks" in reply.body:
            return
        if reply.status == 503 and "waiting_for" in reply.body:
            raise SourceBusy(reply.retry_after)
        if reply.status in (401, 403) and reply.body.get("status") == reply.status:
            raise self._other_secret()
        raise NotStreamVault(self.base)

    def ask(self, method: str, path: str, body: object = None) -> Reply:
        """The answer of /api/jobs, /api/feeds, /api/mirrors and what is below them.

        Raises NotStreamVault, ConfigError (another secret).
        """
        self._check_ours()
        return self._request(method, path, body, scope="leech")

    def readyz(self) -> dict[str, Any]:
        """What it says of its state. Raises NotStreamVault, ConfigError (it was started with another secret)."""
        self._check_ours()
        return self._request("GET", "/readyz", authorized=False).body

    def _check_ours(self) -> None:
        """Have it prove that it holds the secret. Raises NotStreamVault, ConfigError."""
        challenge = secrets.token_hex(16)
        told = self._request("GET", f"/healthz?challenge={challenge}", authorized=False).body
        if told.get("status") != "alive" or not isinstance(told.get("proof"), str):
            raise NotStreamVault(self.base)
        if not hmac.compare_digest(str(told["proof"]).encode(), self._links.prove(challenge).encode()):
            raise self._other_secret()

    def _other_secret(self) -> ConfigError:
        return ConfigError(f"the server at {self.base} was started with another SECRET_KEY or DATA_DIR than this")

    def start_walk(self, chat: int | str, *, again: bool) -> Progress:
        """Start a walk. Raises ConfigError for an unknown chat, SourceBusy, SourceError, NotStreamVault."""
        reply = self._request("POST", "/api/index", {"chat_id": chat, "again": again})
        match reply.status:
            case 202:
                return _progress(reply.body)
            case 404 | 422:
                raise ConfigError(f"{chat} cannot be indexed: the bot is in no such channel, or CHANNELS leaves it out")
            case 503:
                raise SourceBusy(reply.retry_after)
            case _:
                raise SourceError(f"the server at {self.base} cannot do it: {reply.detail}")

    def events(self) -> Iterator[Progress]:
        """The progress of all walks, until the server ends. Raises SourceUnavailable if the connection breaks."""
        connection, path = self._connect()
        try:
            connection.request("GET", f"{path}/api/index/events", headers=self._headers())
            answer = connection.getresponse()
            if answer.status != 200:
                raise SourceUnavailable(f"the server answers {answer.status}")
            while line := answer.readline():
                if line.startswith(b"data: "):
                    yield _progress(json.loads(line[len(b"data: ") :]))
        except (OSError, http.client.HTTPException) as error:
            raise SourceUnavailable(f"the server at {self.base} has gone: {error}") from error
        finally:
            connection.close()

    def _request(
        self, method: str, path: str, body: object = None, *, authorized: bool = True, scope: Scope = "index"
    ) -> Reply:
        connection, prefix = self._connect()
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, prefix + path, body=text, headers=self._headers(scope) if authorized else {})
            answer = connection.getresponse()
            return Reply(answer.status, _object(answer.read(1 << 20)), _seconds(answer.getheader("Retry-After")))
        except (OSError, http.client.HTTPException) as error:
            raise NotStreamVault(self.base) from error
        finally:
            connection.close()

    def _connect(self) -> tuple[http.client.HTTPConnection, str]:
        """A connection that is not open yet, and the prefix of every path."""
        parts = urlsplit(self.base)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=TIMEOUT), parts.path

    def _headers(self, scope: Scope = "index") -> dict[str, str]:
        expires_at = int(time.time()) + TOKEN_SECONDS
        token = self._links.sign(None, scope=scope, expires_at=expires_at)
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def servers(settings: LocalSettings) -> Iterator[Server]:
    """The addresses at which a server with these settings may run: HOST:PORT first, then PUBLIC_URL."""
    if settings.secret_key is None and not (settings.data_dir / "secret_key").exists():
        settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir)})
    links = LinkSigner(secret_key(settings))
    local = f"http://{_WILDCARDS.get(settings.host, settings.host)}:{settings.port}"
    for base in dict.fromkeys((local, settings.public_url)):
        yield Server(base, links=links)


def ask(settings: LocalSettings, method: str, path: str, body: object = None) -> Reply:
    """The answer of the server that runs with these settings; see Server.ask. Raises SourceUnavailable where none does,
    or is not ready, ConfigError for one with another secret.
    """
    tried = []
    for server in servers(settings):
        try:
            reply = server.ask(method, path, body)
        except NotStreamVault:
            tried.append(server.base)
            continue
        if reply.status == 503:
            raise SourceUnavailable(f"the server at {server.base} cannot do it now: {reply.detail}")
        return reply
    raise SourceUnavailable(
        f"no server with these settings answers at {' or '.join(tried)}: start it with `streamvault serve`, or name "
        "its HOST and PORT, or PUBLIC_URL"
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _progress(fields: dict[str, Any]) -> Progress:
    """A Progress as the API serialises it; fields of a newer server are ignored, and an older one has no `known`."""
    return Progress(**{name: {"known": None, **fields}[name] for name in Progress.__dataclass_fields__})


def _seconds(header: str | None) -> float:
    return float(header) if header is not None and header.isdecimal() else DEFAULT_RETRY_AFTER
