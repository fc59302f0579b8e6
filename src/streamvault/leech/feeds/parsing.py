"""The document of a feed as items, by feedparser; pure, but what it costs is bounded by its process alone (`program`).

What parses is used, however wrong the document is; entities are undone once.
"""

import calendar
import html
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import feedparser

from streamvault.leech.feeds.model import Enclosure, Item, Parsed

MAX_ITEMS = 1000
"""Items that are read of a document, the first ones."""
MAX_TITLE, MAX_GUID, MAX_ADDRESS, MAX_ENCLOSURES = 500, 2048, 4096, 20
_RAW_AMPERSAND = re.compile(rb"&(?!(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_NUMBER = re.compile(rb"&#([0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});")
_CDATA = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_ITEM_BEGINS = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:item|entry)(?=[\s>/])", re.IGNORECASE)
_ITEM_ENDS = re.compile(rb"</(?:[A-Za-z][\w.-]*:)?(?:item|entry)\s*>", re.IGNORECASE)
_ENDS = re.compile(rb"</(?:[A-Za-z][\w.-]*:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]{0,300}>")


class NotAFeed(ValueError):
    """A document that is no feed; the text says what it looks like."""


def parse_feed(data: bytes, content_type: str = "", *, cut: bool = False) -> Parsed:
    """The items of a document. `cut`: its end did not come. Raises NotAFeed."""
    repaired, whole = _repaired(data)
    headers = {"content-type": content_type} if content_type else {}
    try:
        found = feedparser.parse(
            io.BytesIO(repaired), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # it promises none, and raises many
        raise NotAFeed("a document that cannot be read") from error
    if not found.get("version") and not found.entries:
        page = b"<html" in data[:4096].lower()
        raise NotAFeed("a web page" if page else "no RSS or Atom document")
    items = tuple(_item(entry) for entry in found.entries[:MAX_ITEMS])
    return Parsed(_text(found.feed.get("title"))[:MAX_TITLE], items, whole=whole and not cut)


def _repaired(data: bytes) -> tuple[bytes, bool]:
    """Without blanks at its start and an unfinished item at its end, and with each `&` that is no entity escaped;
    whether its end is there.
    """
    if b"\0" in data[:64]:
        return data, True  # UTF-16 or UTF-32
    data = data.lstrip(b" \t\r\n\x0b\x0c")
    ends = [match.end() for match in _ITEM_ENDS.finditer(data)]
    last = ends[-1] if ends else 0
    whole = _ENDS.search(data, last) is not None
    if not whole and _ITEM_BEGINS.search(data, last) is not None:
        data = data[:last] if ends else data[: _begin(data)]
    parts = [part if part.startswith(b"<![CDATA[") else _escaped(part) for part in _CDATA.split(data)]
    return b"".join(parts), whole


def _escaped(part: bytes) -> bytes:
    """With raw `&` as entities, and numbers of characters that do not exist as the sign for those."""
    return _NUMBER.sub(_existing, _RAW_AMPERSAND.sub(b"&amp;", part))


def _existing(match: re.Match[bytes]) -> bytes:
    number = match[1]
    value = int(number[1:], 16) if number[:1] in b"xX" else int(number)
    return match[0] if 0 < value < 0xD800 or 0xE000 <= value <= 0x10FFFF else b"&#xFFFD;"


def _begin(data: bytes) -> int:
    found = _ITEM_BEGINS.search(data)
    return len(data) if found is None else found.start()


def _item(entry: Mapping[str, Any]) -> Item:
    return Item(
        title=_text(entry.get("title"))[:MAX_TITLE],
        guid=str(entry.get("id") or "").strip()[:MAX_GUID],
        link=_link(entry),
        published=_time(entry),
        enclosures=tuple(_enclosures(entry))[:MAX_ENCLOSURES],
    )


def _link(entry: Mapping[str, Any]) -> str:
    """The page of an item, which has no enclosure for its link."""
    links = [one for one in entry.get("links", ()) if one.get("rel", "alternate") == "alternate"]
    found = str(links[0].get("href") or "") if links else str(entry.get("link") or "")
    return found.strip() if len(found) <= MAX_ADDRESS else ""


def _enclosures(entry: Mapping[str, Any]) -> Iterator[Enclosure]:
    """Each address once, with the first type that is told of it."""
    told = dict[str, str]()
    for address, mime_type in _told(entry):
        if address and len(address) <= MAX_ADDRESS and not told.get(address):
            told[address] = mime_type[:100]
    yield from (Enclosure(address, mime_type) for address, mime_type in told.items())


def _told(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for link in entry.get("links", ()):
        if link.get("rel") == "enclosure":
            yield str(link.get("href") or "").strip(), str(link.get("type") or "")
    for one in entry.get("media_content", ()):
        medium = str(one.get("medium") or "")
        kind = {"image": "image/*", "video": "video/*", "audio": "audio/*"}.get(medium, "")
        yield str(one.get("url") or "").strip(), str(one.get("type") or kind)
    for name in ("torrent_magneturi", "magneturi"):
        yield str(entry.get(name) or "").strip(), ""


def _time(entry: Mapping[str, Any]) -> float | None:
    told = entry.get("published_parsed") or entry.get("updated_parsed")
    if told is None:
        return None
    try:
        return float(calendar.timegm(told))
    except (ValueError, OverflowError, TypeError):
        return None


def _text(value: object) -> str:
    """A title on one line, without the tags and entities of HTML that some feeds put in."""
    return " ".join(html.unescape(_TAGS.sub(" ", str(value or ""))).split())
