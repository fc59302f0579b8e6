"""Conditional requests (RFC 9110 section 13): a pure decision from validators and header fields."""

import calendar
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from enum import Enum

_ELEMENT = re.compile(r'[ \t]*(?:(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(,|\Z)')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_DATES = (
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(
        r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, "
        rf"(?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"
    ),
    re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)


class Outcome(Enum):
    """The result of the preconditions; the value is the status to answer, as far as they decide it."""

    PERFORM = 200
    NOT_MODIFIED = 304
    FAILED = 412


@dataclass(frozen=True, slots=True)
class Validators:
    """A strong entity tag with its quotes, and the time of the last change in Unix seconds."""

    etag: str
    modified: int

    @property
    def last_modified(self) -> str:
        """The Last-Modified field: IMF-fixdate (section 5.6.7)."""
        return formatdate(self.modified, usegmt=True)


def evaluate(validators: Validators, headers: Mapping[str, str]) -> Outcome:
    """Evaluate the preconditions of a GET or HEAD in the order of section 13.2.2; header names in lower case."""
    if_match = headers.get("if-match")
    unmodified = parse_date(headers.get("if-unmodified-since"))
    if if_match is not None:
        if not names_tag(if_match, validators.etag, weakly=False):
            return Outcome.FAILED
    elif unmodified is not None and validators.modified > unmodified:
        return Outcome.FAILED
    if_none_match = headers.get("if-none-match")
    modified = parse_date(headers.get("if-modified-since"))
    if if_none_match is not None:
        if names_tag(if_none_match, validators.etag, weakly=True):
            return Outcome.NOT_MODIFIED
    elif modified is not None and validators.modified <= modified:
        return Outcome.NOT_MODIFIED
    return Outcome.PERFORM


def range_applies(if_range: str | None, validators: Validators) -> bool:
    """Whether If-Range lets the Range header apply (section 13.1.5): its tag or date is exactly that of the file."""
    if if_range is None:
        return True
    value = if_range.strip(" \t")
    if value.startswith(('"', "W/")):
        return value == validators.etag
    return parse_date(value) == validators.modified


def parse_date(value: str | None) -> int | None:
    """Unix seconds of an HTTP-date in any of its three forms (section 5.6.7); None if it is not one."""
    text = (value or "").strip(" \t")
    for form in _DATES:
        match = form.fullmatch(text)
        if match is not None:
            return _unix(match)
    return None


def names_tag(field: str, etag: str, *, weakly: bool) -> bool:
    """Whether an If-Match or If-None-Match list names the strong `etag`; a malformed list names nothing."""
    if field.strip(" \t") == "*":
        return True
    named, position, comma = False, 0, ","
    while comma:
        element = _ELEMENT.match(field, position)
        if element is None:
            return False
        weak, tag, comma = element.groups()
        named = named or (tag == etag and (weakly or not weak))
        position = element.end()
    return named


def _unix(match: re.Match[str]) -> int | None:
    year, month = _year(match["year"]), _MONTHS.index(match["month"]) + 1
    day, hour, minute, second = (int(match[part]) for part in ("day", "hour", "minute", "second"))
    if year < 1 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    return calendar.timegm((year, month, day, hour, minute, second))


def _year(digits: str) -> int:
    """Two digits mean the latest such year that is not more than 50 years ahead (section 5.6.7)."""
    if len(digits) == 4:
        return int(digits)
    now = time.gmtime().tm_year
    year = now - now % 100 + int(digits)
    return year - 100 if year > now + 50 else year
