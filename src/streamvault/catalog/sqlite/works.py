"""The films and series among the matching rows; long lists are kept until the catalog changes."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from streamvault.catalog.base import CatalogQuery, Histogram, Sort, Work, WorksPage
from streamvault.catalog.sqlite import statements
from streamvault.catalog.sqlite.kept import KeptLists
from streamvault.catalog.sqlite.query import Conditions
from streamvault.catalog.versions import computed
from streamvault.catalog.work_order import Place, buckets_of, page_of, place_of
from streamvault.media.model import Origin
from streamvault.storage.sqlite import Row, SqliteDatabase

FEW = 200
"""So few works are found anew each time."""
_BYTES = 250
"""Of a work that is kept."""
_FACTS = """
SELECT f.id, c.work, c.title, c.year, f.chat_id, f.message_id FROM json_each(?) AS wanted
CROSS JOIN files AS f ON f.id = wanted.value CROSS JOIN contents AS c ON c.file = f.file
"""
_TITLES = """
SELECT f.id, c.title FROM json_each(?) AS wanted
CROSS JOIN files AS f ON f.id = wanted.value CROSS JOIN contents AS c ON c.file = f.file
"""


@dataclass(frozen=True, slots=True)
class _Every:
    """The places of all works, ascending; by the id of its newest file, how many files each has, and if a series."""

    places: Sequence[Place]
    files: Mapping[int, tuple[int, bool]]


class SqliteWorks:
    """The films and series of the catalog in `database`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._kept = {series: KeptLists[_Every](_size) for series in (None, True, False)}

    async def page(self, query: CatalogQuery, found: Conditions, *, series: bool | None) -> WorksPage:
        """See Catalog.works."""
        every = await self._every(query, found, series=series)
        places = every.places if query.order == "asc" else every.places[::-1]
        place: dict[str, Any] = {"after": query.after, "offset": query.offset, "limit": query.limit}
        shown, after = page_of(places, query.sort, query.order, **place)
        return WorksPage(await self._works([id for _, id in shown], every.files), after)

    async def histogram(self, query: CatalogQuery, found: Conditions, *, series: bool | None) -> Histogram:
        """See Catalog.works_histogram."""
        every = await self._every(query, found, series=series)
        return Histogram(buckets_of(every.places, query.sort, query.order))

    async def _every(self, query: CatalogQuery, found: Conditions, *, series: bool | None) -> _Every:
        [(revision,)] = await self._database.read(statements.REVISION)
        key = replace(query, order="asc", limit=1, after=None, offset=0)
        return await self._kept[series].get(revision, key, lambda: self._read(query.sort, found, series=series))

    async def _read(self, sort: Sort, found: Conditions, *, series: bool | None) -> _Every:
        rows = await self._database.read(*statements.works(found, series=series))
        titles: dict[int, str] = {}
        if sort == "name":
            titles = dict(await self._database.read(_TITLES, (json.dumps([row[0] for row in rows]),)))
        return await computed(len(rows), lambda: _every(sort, rows, titles))

    async def _works(self, newest: Sequence[int], files: Mapping[int, tuple[int, bool]]) -> tuple[Work, ...]:
        """The works with these newest files, without those that were deleted meanwhile."""
        found = {row[0]: row[1:] for row in await self._database.read(_FACTS, (json.dumps(newest),))}
        return tuple(
            Work(key, title, year, files=files[id][0], series=files[id][1], newest=Origin(chat_id, message_id))
            for id in newest
            for key, title, year, chat_id, message_id in [found[id]] * (id in found)
        )


def _every(sort: Sort, rows: Sequence[Row], titles: Mapping[int, str]) -> _Every:
    files = {id: (count, bool(series)) for id, count, series in rows}
    return _Every(sorted(place_of(sort, id, titles.get(id, "")) for id in files), files)


def facet_letters(rows: Iterable[tuple[str, int]], *, series: bool | None) -> tuple[int, Counter[str]]:
    """How many films or series some files belong to, and how many of these have each letter among their files.

    `rows` are (letters of facets, work) of listed rows: twice the number of the work, and 1 more for an episode.
    """
    letters: defaultdict[int, set[str]] = defaultdict(set)
    shows = set[int]()
    for facets, work in rows:
        if work:
            letters[work >> 1].update(facets)
            shows.update([work >> 1] * (work & 1))
    chosen = [found for work, found in letters.items() if series in (None, work in shows)]
    return len(chosen), Counter(chain.from_iterable(chosen))


def _size(every: _Every) -> int:
    """The bytes of a list that is to be kept, else 0."""
    return _BYTES * len(every.places) if len(every.places) > FEW else 0
