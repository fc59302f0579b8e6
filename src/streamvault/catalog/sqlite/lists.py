"""Lists, counts and works: what SQLite answers to a CatalogQuery."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from streamvault.catalog.base import EXACT, MAX_VALUES, CatalogQuery, Cursor, Facets, Page, Work, sort_value
from streamvault.catalog.sqlite import statements
from streamvault.catalog.sqlite.index_words import unquoted
from streamvault.catalog.sqlite.interning import number_of, texts
from streamvault.catalog.sqlite.query import Conditions, conditions, prefixes
from streamvault.catalog.sqlite.rows import entry
from streamvault.catalog.sqlite.spelling import respelled
from streamvault.catalog.sqlite.statements import Way
from streamvault.media.model import Origin
from streamvault.storage.sqlite import Row, SqliteDatabase

FEW, MANY = 1_000, 20_000
ROWS, IDS = 1_000, 30_000
"""Sorted by name or size, few matches are all looked at. The ids of more are gathered, and met within the first IDS
places of the sort's order unless they lie elsewhere; then all are looked at. Of many the first ROWS rows hold enough,
as a rule; else their ids are gathered, and met wherever they are."""

_Value = TypeVar("_Value", int, str)
_WORKS = """
SELECT f.id, c.work, c.title, c.year, f.chat_id, f.message_id FROM json_each(?) AS wanted
CROSS JOIN files AS f ON f.id = wanted.value CROSS JOIN contents AS c ON c.file = f.file
"""
_CHATS = """
WITH RECURSIVE found (chat_id) AS (
    SELECT min(chat_id) FROM files
    UNION ALL
    SELECT (SELECT min(chat_id) FROM files WHERE chat_id > found.chat_id) FROM found WHERE found.chat_id IS NOT NULL
)
SELECT chat_id FROM found WHERE chat_id IS NOT NULL
"""


class SqliteLists:
    """The lists of the Catalog in `database`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def page(self, query: CatalogQuery) -> Page:
        """See Catalog."""
        page = await self._page(query)
        if not page.items and (meant := await self._meant(query)):
            return replace(await self._page(meant), corrected=meant.text)
        return page

    async def facets(self, query: CatalogQuery) -> Facets:
        """See Catalog."""
        rows, corrected = await self._newest(query, "l.file, l.id, l.facets"), ""
        if not rows and (meant := await self._meant(query)):
            rows, corrected = await self._newest(meant, "l.file, l.id, l.facets"), meant.text
        letters = Counter("".join([row[2] for row in rows[:EXACT]]))
        words = await texts(self._database, "facet_words", [number_of(one) for one in letters])
        counted = {words[number_of(one)]: count for one, count in letters.items()}
        facets = _facets(counted, total=min(len(rows), EXACT), exact=len(rows) <= EXACT)
        return replace(facets, corrected=corrected)

    async def works(self, query: CatalogQuery) -> tuple[Work, ...]:
        """See Catalog."""
        rows = await self._newest(query, "l.file, l.id, l.work")
        if not rows and (meant := await self._meant(query)):
            rows = await self._newest(meant, "l.file, l.id, l.work")
        rows = rows[:EXACT]
        files = Counter(row[2] >> 1 for row in rows)
        series = {row[2] >> 1 for row in rows if row[2] & 1}
        newest = {row[2] >> 1: row[1] for row in reversed(rows)}
        shown = [number for number in files if number][: query.limit]  # in the order of `rows`
        ids = json.dumps([newest[number] for number in shown])
        found = {row[0]: row[1:] for row in await self._database.read(_WORKS, (ids,))}
        return tuple(
            Work(key, title, year, series=number in series, files=files[number], newest=Origin(chat_id, message_id))
            for number in shown
            for key, title, year, chat_id, message_id in [found[newest[number]]] * (newest[number] in found)
        )

    async def _page(self, query: CatalogQuery) -> Page:
        found = await self._conditions(query)
        if found is None:
            return Page((), None)
        rows = await self._rows(query, found)
        items = tuple(entry(row[:-1]) for row in rows[: query.limit])
        if len(rows) <= query.limit:
            return Page(items, None)
        key = rows[query.limit - 1][-1]
        return Page(items, Cursor(query.sort, query.order, sort_value(items[-1].file, query.sort, key), key))

    async def _rows(self, query: CatalogQuery, found: Conditions) -> list[Row]:
        """Those of a page, by the cheapest way that finds them all."""
        if query.sort == "date" or not found.match:
            return await self._database.read(*statements.page(query, found, way="rows"))
        [(matches,)] = await self._database.read(*statements.count(found, MANY + 1))
        ways: list[tuple[Way, int]] = [("rows", ROWS), ("ids", 0)]
        if matches <= MANY:
            ways = [("ids", IDS), ("matches", 0)] if matches > FEW else [("matches", 0)]
        for way, tries in ways:
            rows = await self._database.read(*statements.page(query, found, way=way, tries=tries))
            if len(rows) > query.limit:
                break
        return rows

    async def _conditions(self, query: CatalogQuery) -> Conditions | None:
        stored = [] if query.chat_ids is None else await self._database.read(_CHATS)
        completions = {}
        for sql, start in prefixes(query):
            completions[str(start[0])] = [row[0] for row in await self._database.read(sql, start)]
        return conditions(query, [row[0] for row in stored], completions=completions)

    async def _meant(self, query: CatalogQuery) -> CatalogQuery | None:
        """What somebody meant whose `query` finds nothing, by a spelling that finds something."""
        if not query.text or (query.after and (await self._page(replace(query, after=None, limit=1))).items):
            return None
        for text in await respelled(self._database, query.text):
            if (await self._page(replace(query, text=text, after=None, limit=1))).items:
                return replace(query, text=text)
        return None

    async def _newest(self, query: CatalogQuery, columns: str) -> list[Row]:
        """The newest matching row of each file, the newest first, up to EXACT + 1; `columns` begin with file, id."""
        conditions = await self._conditions(query)
        if conditions is None:
            return []
        limit = EXACT + 1
        rows = await self._database.read(*statements.newest(conditions, columns, limit=limit))
        found = {row[0]: row for row in reversed(rows)}  # of several rows of one file the newest stays
        if len(found) == len(rows):
            return rows
        while len(rows) == limit and len(found) <= EXACT:
            limit = 2 * (EXACT + 1 - len(found))
            rows = await self._database.read(*statements.newest(conditions, columns, limit=limit, before=rows[-1][1]))
            found = {row[0]: row for row in reversed(rows)} | found
        return sorted(found.values(), key=lambda row: -row[1])[: EXACT + 1]


def _facets(counted: Mapping[str, int], *, total: int, exact: bool) -> Facets:
    """The facet words by their first letters."""
    values: dict[str, dict[str, int]] = {letter: {} for letter in "kcyrlt"}
    for word, count in counted.items():
        values[word[0]][unquoted(word[1:])] = count
    return Facets(
        total=total,
        exact=exact,
        kinds=_commonest(values["k"]),
        chats=_commonest({int(value.replace("n", "-")): count for value, count in values["c"].items()}),
        years=_commonest({int(value): count for value, count in values["y"].items()}),
        resolutions=_commonest(values["r"]),
        languages=_commonest(values["l"]),
        tags=_commonest(values["t"]),
    )


def _commonest(values: Mapping[_Value, int]) -> dict[_Value, int]:
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:MAX_VALUES])
