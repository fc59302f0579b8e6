"""How many items of a list each month or letter has, in the order of the list: what jumps into a long list need."""

import calendar
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from streamvault.catalog.cursors import Order
from streamvault.catalog.keys import BELOW_DATE, DATE_BITS

OTHERS = "#"
"""The key of names that begin with a digit or a sign that comes before letters, and of files without a name."""
_LAST_MONTH = calendar.timegm((9999, 12, 1, 0, 0, 0))
_NEVER = 1 << DATE_BITS + 1
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_SYLLABLES = 588
"""Hangul syllables with the same initial consonant."""
_IDEOGRAPHS = 1024
"""Ideographs that have one key together, that of the first one: they are as many as the letters of all alphabets."""

_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x0, 0, OTHERS), (0x61, 1, ""), (0x2000, 0, "※"), (0x3040, 1, ""), (0x3400, _IDEOGRAPHS, ""), (0xA000, 1, ""),
    (0xAC00, _SYLLABLES, _INITIALS), (0xD7A4, 1, ""), (0x1F000, 0, "☆"), (0x20000, 0, "\U00020000"),
)  # fmt: skip
"""From which code point on how many characters have one key (0: all), and the keys, "" for the characters themselves.

Every key is that of neighbours in code point order, which is the order of names (derived.name_key)."""
_STARTS = [start for start, _, _ in _RANGES]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Neighbours in a list that have the same month or letter; `offset` items of the list come before them.

    `key`: year and month (UTC) as in "2026-11", or a letter as `letter` gives it.
    """

    key: str
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """The buckets of a list in its order, each key once and none empty. `corrected` as in Page."""

    buckets: tuple[Bucket, ...] = ()
    corrected: str = ""

    @property
    def total(self) -> int:
        """The number of items in the list."""
        return sum(bucket.count for bucket in self.buckets)


def by_month(keys: Sequence[int], order: Order) -> tuple[Bucket, ...]:
    """The buckets of messages with these keys (keys.row_key), ascending."""
    found, begin = [], 0
    while begin < len(keys):
        month, following = _month(keys[begin] >> BELOW_DATE)
        end = bisect_left(keys, following << BELOW_DATE, begin)
        found.append((month, end - begin))
        begin = end
    return _buckets(found, order)


def by_letter(starts: Iterable[tuple[str, int]], order: Order) -> tuple[Bucket, ...]:
    """The buckets of names, from the numbers of those that begin with each character, ascending; "" is no name."""
    groups = groupby(starts, lambda one: letter(one[0]))
    return _buckets([(key, sum(count for _, count in several)) for key, several in groups], order)


def letter(name_key: str) -> str:
    """The key of a name, given as derived.name_key: its first letter as a capital, or what stands for many."""
    code = ord(name_key[:1] or "\0")
    start, size, keys = _RANGES[bisect_right(_STARTS, code) - 1]
    number = (code - start) // size if size else 0
    if keys:
        return keys[number]
    first = chr(start + number * size)
    capital = first.title()
    return capital if len(capital) == 1 else first


def _month(seconds: int) -> tuple[str, int]:
    """The month of a date in Unix seconds, and when the next one begins; the last one is that of year 9999."""
    if seconds >= _LAST_MONTH:
        return "9999-12", _NEVER
    year, month = time.gmtime(seconds)[:2]
    return f"{year:04}-{month:02}", calendar.timegm((year + month // 12, month % 12 + 1, 1, 0, 0, 0))


def _buckets(counts: Sequence[tuple[str, int]], order: Order) -> tuple[Bucket, ...]:
    found, offset = [], 0
    for key, count in counts if order == "asc" else reversed(counts):
        if count:
            found.append(Bucket(key, count, offset))
            offset += count
    return tuple(found)
