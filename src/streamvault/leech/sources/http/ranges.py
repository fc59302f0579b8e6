"""Ranges of a file: what Content-Range says, and which validators may stand in If-Range; pure."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from streamvault.leech.model import Described
from streamvault.leech.sources.http.fields import Fields

_RANGE = re.compile(rb"\s*bytes[\s=]+(?:(\d{1,18})\s*-\s*(\d{1,18})|\*)\s*/\s*(\d{1,18}|\*)\s*", re.IGNORECASE)
_LENGTH = re.compile(rb"\d{1,18}")


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Bytes `start` to `end` (exclusive) of `total`, None where the server does not know it; `start` and `end` are
    None where it sends none of them (416).
    """

    start: int | None
    end: int | None
    total: int | None


def parse_content_range(value: bytes | None) -> ContentRange | None:
    """The value of a Content-Range field; None for one that makes no sense."""
    found = _RANGE.fullmatch(value or b"")
    if found is None:
        return None
    total = None if found[3] == b"*" else int(found[3])
    if found[1] is None:
        return ContentRange(None, None, total)
    start, end = int(found[1]), int(found[2]) + 1
    if end <= start or (total is not None and end > total):
        return None
    return ContentRange(start, end, total)


def content_length(fields: Fields) -> int | None:
    """The length of a body, None where it is not reliable: in chunks, or not told."""
    value = fields.get("content-length")
    if value is None or fields.get("transfer-encoding") is not None:
        return None
    first = value.partition(b",")[0].strip()
    return int(first) if _LENGTH.fullmatch(first) else None


def validators(fields: Fields) -> tuple[str | None, str | None]:
    """ETag and Last-Modified as they are sent."""
    return fields.text("etag"), fields.text("last-modified")


def if_range(described: Described) -> str | None:
    """The value of If-Range: a strong ETag, or else the date of the last change."""
    if described.etag and described.etag.startswith('"'):
        return described.etag
    return None if described.etag else described.modified


def is_other(old: Described, etag: str | None, modified: str | None) -> bool:
    """Whether validators say that a file of the same size is another one. Equal ETags or equal dates speak for the
    same file, as servers of one file may have ETags of their own.
    """
    same = [_same_etag(old.etag, etag), _same_date(old.modified, modified)]
    return False in same and True not in same and not (same[0] is False and same[1] is None)


def is_certain(old: Described, etag: str | None, modified: str | None) -> bool:
    """Whether validators say that it is the same file."""
    by_etag = _same_etag(old.etag, etag)
    return by_etag is True or (by_etag is None and _same_date(old.modified, modified) is True)


def _same_etag(old: str | None, new: str | None) -> bool | None:
    return None if not old or not new else old.removeprefix("W/") == new.removeprefix("W/")


def _same_date(old: str | None, new: str | None) -> bool | None:
    if not old or not new:
        return None
    try:
        return parsedate_to_datetime(old) == parsedate_to_datetime(new)
    except (ValueError, TypeError):
        return old == new
