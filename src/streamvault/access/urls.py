"""Builds the URLs of a file (page, stream, download, thumbnail) with an access token in them."""

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode, urlsplit

from streamvault.access.links import Grant, LinkSigner
from streamvault.errors import AccessDenied
from streamvault.media.model import MediaFile, Origin
from streamvault.media.stills import may_hold_still

DAY = 86_400
SHORT_NAME, LONGEST_NAME = 240, 1000
"""Bytes of a name in an address, percent-encoded: in messages of a chat, and elsewhere."""
_UNSAFE = ("Cc", "Cs", "Zl", "Zp")  # controls, lone surrogates, line and paragraph separators


class UrlSettings(Protocol):
    """The settings that URLs depend on."""

    @property
    def public_url(self) -> str: ...

    @property
    def public_access(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Links:
    """The absolute URLs of one file."""

    watch: str
    download: str
    play: str = ""
    """For players: the file with the token in the path, or the playlist of several."""


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom the addresses in an answer are made.

    `token`: passed on as it is, since it opens one file alone; None: each address gets a token for its file, with this
    `grant`, that ends at `expires_at` (Unix seconds) at the latest. `in_path`: tokens stand in the path, not the query.
    `download`: files may be saved only, as their addresses then say.
    """

    token: str | None = None
    grant: Grant | None = None
    expires_at: int | None = None
    in_path: bool = False
    download: bool = False


class Urls:
    """Builds URLs; they carry an access token unless the server is public. `clock` gives Unix seconds.

    `stills`: this server makes pictures for files without a thumbnail.
    """

    def __init__(
        self, settings: UrlSettings, signer: LinkSigner, *, stills: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._base = settings.public_url.rstrip("/")
        self._prefix = urlsplit(self._base).path
        self._public = settings.public_access
        self._signer = signer
        self._stills = stills
        self._clock = clock

    @property
    def buttons(self) -> bool:
        """Whether Telegram accepts these URLs in a button: not those of localhost or a host without a dot."""
        host = urlsplit(self._base).hostname or ""
        return host != "localhost" and "." in host

    def links(self, file: MediaFile) -> Links:
        """Absolute URLs for a chat message, which never expire; long names are shortened in them."""
        return self.links_to(file.origin, name=file.name)

    def links_to(
        self, origin: Origin, *, name: str = "", expires_at: int | None = None, grant: Grant | None = None
    ) -> Links:
        """Absolute URLs of the file that a message holds; `expires_at` in Unix seconds, None for never."""
        token = self._token(origin, expires_at=expires_at, grant=grant)
        last = f"/{quote(shortened(path_name(name)), safe='')}" if name else ""
        return Links(
            watch=f"{self._base}/watch/{_place(origin)}{_query(token)}",
            download=f"{self._base}/stream/{_place(origin)}{last}{_query(token, download='1')}",
        )

    def links_of(self, grant: Grant, origin: Origin | None, *, name: str = "", expires_at: int | None = None) -> Links:
        """Absolute URLs of a stored link, to the file of `origin` or (None) to a list; they carry a token always."""
        token = self._signer.sign(None, scope="link", expires_at=expires_at, grant=grant)
        if origin is None:
            playlist = f"{self._base}/s/{token}/api/catalog.m3u8"
            return Links(f"{self._base}/{_query(token)}", playlist, playlist)
        last = f"/{quote(shortened(path_name(name)), safe='')}" if name else ""
        stream = f"/stream/{_place(origin)}{last}"
        return Links(
            watch=f"{self._base}/watch/{_place(origin)}{_query(token)}",
            download=f"{self._base}{stream}{_query(token, download='1')}",
            play=f"{self._base}/s/{token}{stream}",
        )

    def caller(self, token: str | None, *, in_path: bool = False) -> Caller | None:
        """The caller whose only credential is this accepted token; None without one, or for one of another kind, which
        addresses must not contain.
        """
        if token is None or not self._signer.is_token(token):
            return None
        try:
            claims = self._signer.claims(token, None)
        except AccessDenied:
            return Caller(token, in_path=in_path)
        return Caller(grant=claims.grant, expires_at=claims.expires_at, in_path=in_path)

    def stream_path(self, file: MediaFile, *, caller: Caller | None) -> str:
        """The path of the file's bytes, from the root of the host that the client uses.

        A token that is made for it is valid for one to two days, but never longer than the caller may.
        """
        name = quote(shortened(path_name(file.name), LONGEST_NAME), safe="")
        return self._path("stream", file.origin, caller, last=f"/{name}")

    def thumb_path(self, file: MediaFile, *, caller: Caller | None) -> str | None:
        """The path of the file's thumbnail, in the same way; None without one. One that is yet to be made may fail."""
        if not file.thumb_sizes and not (self._stills and may_hold_still(file)):
            return None
        return self._path("thumb", file.origin, caller)

    def absolute(self, path: str) -> str:
        """`stream_path` or `thumb_path` as an absolute URL."""
        return self._base + path.removeprefix(self._prefix)

    def _path(self, what: str, origin: Origin, caller: Caller | None, *, last: str = "") -> str:
        token = self._passing(origin, caller)
        path = f"/{what}/{_place(origin)}{last}"
        saves = {"download": "1"} if what == "stream" and caller is not None and caller.download else {}
        if token is not None and caller is not None and caller.in_path:
            return f"{self._prefix}/s/{token}{path}{_query(None, **saves)}"
        return f"{self._prefix}{path}{_query(token, **saves)}"

    def _passing(self, origin: Origin, caller: Caller | None) -> str | None:
        if self._public or caller is None:
            return None
        if caller.token is not None:
            return caller.token
        # whole days, so that the same list has the same URLs for a day and players can use their caches
        day_after = (int(self._clock()) // DAY + 2) * DAY
        return self._token(origin, expires_at=min(day_after, caller.expires_at or day_after), grant=caller.grant)

    def _token(self, origin: Origin, *, expires_at: int | None, grant: Grant | None) -> str | None:
        if self._public:
            return None
        return self._signer.sign(origin, scope="file", expires_at=expires_at, grant=grant)


def path_name(name: str) -> str:
    """`name` as one path segment: no separators, no control characters, no dot segment, never empty.

    Nothing in it that proxies and players decode, cut or refuse when it is percent-encoded.
    """
    clean = "".join("_" if c in "/\\#%?;" or unicodedata.category(c) in _UNSAFE else c for c in name)
    return clean if clean.strip(". ") else "file"


def shortened(name: str, longest: int = SHORT_NAME) -> str:
    """`name`; if it takes more than `longest` bytes in a URL, only its beginning and its extension."""
    if len(quote(name, safe="")) <= longest:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(quote(extension, safe="")) > longest // 4:
        stem, dot, extension = name, "", ""
    room = longest - len(quote(dot + extension, safe=""))
    kept = ""
    for character in stem:
        room -= len(quote(character, safe=""))
        if room < 0:
            break
        kept += character
    return kept + dot + extension


def _place(origin: Origin) -> str:
    return f"{origin.chat_id}/{origin.message_id}"


def _query(token: str | None, **parameters: str) -> str:
    pairs = parameters if token is None else {**parameters, "token": token}
    return f"?{urlencode(pairs)}" if pairs else ""
