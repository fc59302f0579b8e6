"""Where in its list each item stands: the ids of a whole list in its order, for jumps by offset and for histograms.

SQLite gives the ids of a hundred thousand rows as one JSON text, which takes a tenth of the time of as many rows. Few
files are in several messages: only these are looked at for those that do not stand in front. Of a list with few items
only these are read. Long lists are kept until the catalog changes.
"""

import asyncio
import json
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import filterfalse

from streamvault.catalog.base import CatalogQuery, Cursor, Histogram, Sort
from streamvault.catalog.histogram import by_letter, by_month
from streamvault.catalog.sqlite import statements
from streamvault.catalog.sqlite.kept import KeptLists
from streamvault.catalog.sqlite.query import Conditions
from streamvault.catalog.versions import computed
from streamvault.storage.sqlite import Row, SqliteDatabase

AT_ONCE = 100_000
"""Ids in one text at most."""
FEW = 1_000
"""The rows of so many matches are read themselves, and their list is not kept: that is fast enough."""
_START = 100
"""Bytes of the number of names that begin with one character."""


@dataclass(frozen=True, slots=True)
class _Order:
    """The ids of a list in ascending order; of one by name also how many names begin with each character."""

    ids: Sequence[int]
    starts: Sequence[tuple[str, int]] = ()


class SqlitePositions:
    """The lists of the catalog in `database` as ids."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._kept = KeptLists(_size)

    async def cursor_before(self, query: CatalogQuery, found: Conditions) -> Cursor | None:
        """The cursor after which the item at `query.offset` (from 1 on) comes; None where the list has no such item."""
        while True:
            ids = (await self._order(query, found)).ids
            if len(ids) <= query.offset:
                return None
            id = ids[query.offset - 1] if query.order == "asc" else ids[-query.offset]
            if query.sort == "date":
                return Cursor(query.sort, query.order, id, id)
            rows = await self._database.read(*statements.sort_value(query.sort, id))
            if rows:  # else it was deleted meanwhile
                return Cursor(query.sort, query.order, *rows[0])

    async def histogram(self, query: CatalogQuery, found: Conditions) -> Histogram:
        """See Catalog.histogram; of a list without items it has no buckets."""
        order = await self._order(query, found)
        if query.sort == "name":
            return Histogram(by_letter(order.starts, query.order))
        return Histogram(by_month(order.ids, query.order))

    async def _order(self, query: CatalogQuery, found: Conditions) -> _Order:
        [(revision,)] = await self._database.read(statements.REVISION)
        key = replace(query, order="asc", limit=1, after=None, offset=0)
        return await self._kept.get(revision, key, lambda: self._read(query.sort, found))

    async def _read(self, sort: Sort, found: Conditions) -> _Order:
        ids = await self._matching(found)
        if len(ids) <= FEW:
            return _of_few(await self._database.read(*statements.in_order(sort, ids)))
        several, rows = await asyncio.gather(self._database.read(statements.IN_SEVERAL_MESSAGES), self._every(sort))
        behind = await computed(len(ids), lambda: frozenset(_behind(ids, several)))
        if sort == "date":
            return _Order(array("q", filterfalse(behind.__contains__, ids)))
        return await computed(len(ids), partial(_ordered, ids, behind, rows))

    async def _every(self, sort: Sort) -> list[Row]:
        """The rows that `_ordered` takes; none of a list by date, whose ids are in its order."""
        if sort == "date":
            return []
        return await self._database.read(statements.IDS_BY_LETTER if sort == "name" else statements.IDS_BY_SIZE)

    async def _matching(self, found: Conditions) -> list[int]:
        """The ids of the matching rows, ascending."""
        ids: list[int] = []
        more = AT_ONCE
        while more == AT_ONCE:
            statement = statements.ids(found, limit=AT_ONCE, before=ids[-1] if ids else None)
            [(text,)] = await self._database.read(*statement)
            newest: list[int] = await computed(len(text) >> 4, partial(json.loads, text))
            ids += newest
            more = len(newest)
        return ids[::-1]


def _size(order: _Order) -> int:
    """The bytes of a list that is to be kept, else 0."""
    return 8 * len(order.ids) + _START * len(order.starts) if len(order.ids) > FEW else 0


def _of_few(rows: Sequence[Row]) -> _Order:
    """The list of these rows (statements.in_order)."""
    fronts = {row[1]: row[0] for row in sorted(rows, key=lambda row: (-row[2], row[0]))}
    shown = [row for row in rows if fronts[row[1]] == row[0]]
    return _Order([row[0] for row in shown], list(Counter(row[3] for row in shown).items()))


def _behind(ids: Sequence[int], rows: Sequence[Row]) -> Iterator[int]:
    """Those of `ids` (ascending) that others of their files stand before.

    `rows` are (file, id) of files in several messages: of each file first what stands in front (derived.behind).
    """
    before = None
    for file, id in rows:
        at = bisect_left(ids, id)
        if at < len(ids) and ids[at] == id:
            if file == before:
                yield id
            before = file


def _ordered(ids: Sequence[int], behind: frozenset[int], rows: Sequence[Row]) -> _Order:
    """`ids` without those of `behind` in the order of `rows`, which are (first character, JSON array of ids)."""
    every = [(start, json.loads(text)) for start, text in rows]
    all_match = sum(len(found) for _, found in every) == len(ids)
    wanted = frozenset[int]() if all_match else frozenset(ids) - behind
    ordered, starts = array("q"), []
    for start, found in every:
        shown = list(filterfalse(behind.__contains__, found) if all_match else filter(wanted.__contains__, found))
        ordered.extend(shown)
        starts.append((start, len(shown)))
    return _Order(ordered, starts)
