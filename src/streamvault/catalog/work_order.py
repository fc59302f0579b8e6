"""Films and series as lists show them, and their order, the same for every database; pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from streamvault.catalog.cursors import Cursor, Order, Sort
from streamvault.catalog.derived import name_key
from streamvault.catalog.histogram import Bucket, by_letter, by_month
from streamvault.media.model import Origin

Place = tuple[int | str, int]
"""What a work is sorted by, and the key of its newest file, which makes it unique."""


@dataclass(frozen=True, slots=True)
class Work:
    """A film, or a series with all its seasons; `key` is what `work` of a query takes, `newest` its newest file."""

    key: str
    title: str
    year: int | None
    series: bool
    files: int
    newest: Origin


@dataclass(frozen=True, slots=True)
class WorksPage:
    """Up to `limit` works in order; `next` is the cursor of the next page, None on the last."""

    items: tuple[Work, ...]
    next: Cursor | None


def place_of(sort: Sort, key: int, title: str) -> Place:
    """The place of a work whose newest file has this key (keys.row_key)."""
    return (name_key(title) if sort == "name" else key), key


def page_of(
    places: Sequence[Place], sort: Sort, order: Order, *, after: Cursor | None, offset: int, limit: int
) -> tuple[Sequence[Place], Cursor | None]:
    """The places of one page, and the cursor of the next page; `places` are all, in this order."""
    start = offset if after is None else _places_up_to((after.value, after.key), places, order)
    shown = places[start : start + limit]
    more = start + limit < len(places)
    return shown, Cursor(sort, order, *shown[-1]) if more else None


def buckets_of(places: Iterable[Place], sort: Sort, order: Order) -> tuple[Bucket, ...]:
    """How many works each month or letter has; `places` are all, ascending."""
    if sort == "date":
        return by_month([key for _, key in places], order)
    starts = groupby(str(value)[:1] for value, _ in places)
    return by_letter(((start, len(list(several))) for start, several in starts), order)


def _places_up_to(last: Place, places: Sequence[Place], order: Order) -> int:
    """How many places there are up to `last`, which may be no more among them."""
    return bisect_right(places, last) if order == "asc" else len(places) - bisect_left(places[::-1], last)
