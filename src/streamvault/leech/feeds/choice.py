"""Which of the addresses in an item is its file; pure.

By type, then by look: a torrent before a film or song, that before another file; never a picture; a web page only where
that is wished.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urljoin, urlsplit

from streamvault.leech.feeds.model import Enclosure, Item
from streamvault.media.types import kind_of, type_of

MAX_ADDRESS = 4096
"""Characters of an address in a feed; longer ones are none."""
_TORRENTS = ("application/x-bittorrent", "application/x-torrent", "application/torrent")
_PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/xml", "application/xml", "application/rss+xml")
_VAGUE = ("", "application/octet-stream", "binary/octet-stream", "application/unknown", "text/plain", "unknown/unknown")
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".svg", ".ico", ".heic", ".tif", ".tiff")
_PAGES = (".html", ".htm", ".xhtml", ".php", ".asp", ".aspx", ".jsp", ".shtml")

Lacking = Literal["no file", "torrent", "page", "scheme"]
"""Why an item has no file that can be taken: it has none, or one that is not taken here."""


class Kind(IntEnum):
    """The better one is the smaller one."""

    TORRENT = 0
    MEDIA = 1
    OTHER = 2
    PAGE = 3


@dataclass(frozen=True, slots=True)
class Abilities:
    """What workers of this server take: addresses with these `schemes`, torrents, web pages."""

    schemes: Collection[str] = ("http", "https", "ftp")
    torrents: bool = False
    pages: bool = False

    @property
    def taken(self) -> Collection[str]:
        """Schemes with that of magnet links, where torrents are taken."""
        return (*self.schemes, "magnet") if self.torrents else self.schemes


HERE = Abilities(pages=True)
"""Of this version, where torrents are not allowed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The address of an item's file; where there is none, why. `page`: it is a web page, for yt-dlp."""

    address: str | None
    why: Lacking | None = None
    page: bool = False


def chosen(item: Item, base: str, abilities: Abilities, *, pages: bool) -> Choice:
    """The file of an item. `base`: the feed's address, for relative ones; `pages`: a web page is wished, too."""
    found = sorted(_candidates(item, base), key=lambda one: one[0])
    lacking: Lacking = "no file"
    for kind, address in found:
        why = _refusal(kind, address, abilities, pages=pages)
        if why is None:
            return Choice(address, page=kind is Kind.PAGE)
        if lacking == "no file":
            lacking = why
    return Choice(None, lacking)


def kind_by_look(enclosure: Enclosure, address: str) -> Kind | None:
    """What an address leads to; None for a picture, and for what is no address."""
    scheme = address.partition(":")[0].lower()
    mime_type = enclosure.type.partition(";")[0].strip().lower()
    ending = _ending(address)
    if scheme == "magnet" or mime_type in _TORRENTS:
        return Kind.TORRENT
    if mime_type.startswith("image/"):
        return None
    if mime_type.startswith(("video/", "audio/")):
        return Kind.MEDIA
    if mime_type in _PAGE_TYPES:
        return Kind.PAGE
    if mime_type not in _VAGUE:
        return Kind.OTHER
    return _by_ending(ending, linked=enclosure.linked)


def _by_ending(ending: str, *, linked: bool) -> Kind | None:
    if ending == ".torrent":
        return Kind.TORRENT
    if ending in _PICTURES:
        return None
    if ending and kind_of(type_of(f"x{ending}")) in ("video", "audio"):
        return Kind.MEDIA
    if linked or ending in _PAGES:
        return Kind.PAGE
    return Kind.OTHER


def _candidates(item: Item, base: str) -> list[tuple[Kind, str]]:
    linked = [
        Enclosure(address, linked=True) for address in (item.link, item.guid) if "://" in address or _magnet(address)
    ]
    found = []
    for enclosure in (*item.enclosures, *linked):
        address = _absolute(enclosure.address, base)
        kind = None if address is None else kind_by_look(enclosure, address)
        if address is not None and kind is not None:
            found.append((kind, address))
    return found


def _refusal(kind: Kind, address: str, abilities: Abilities, *, pages: bool) -> Lacking | None:
    if kind is Kind.TORRENT and not abilities.torrents:
        return "torrent"
    if kind is Kind.PAGE and not (pages and abilities.pages):
        return "page"
    scheme = address.partition(":")[0].lower()
    return None if scheme in abilities.taken else "scheme"


def _absolute(address: str, base: str) -> str | None:
    """An address, of which XML has left entities for `&` where the feed hides them in CDATA; None for none."""
    text = address.strip()
    for entity in ("&amp;", "&#38;", "&#038;", "&#x26;"):
        text = text.replace(entity, "&")
    if not text or len(text) > MAX_ADDRESS or any(ord(sign) < 32 or sign == "\x7f" for sign in text):
        return None
    try:
        scheme = urlsplit(text).scheme
        return text if scheme else urljoin(base, text)
    except ValueError:
        return None


def _magnet(address: str) -> bool:
    return address.strip().lower().startswith("magnet:")


def _ending(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:
        return ""
    return PurePosixPath(unquote(path)).suffix.lower()
