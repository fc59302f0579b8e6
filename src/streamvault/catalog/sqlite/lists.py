"""Answers a CatalogQuery from SQLite: pages, facets and works."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from streamvault.catalog.base import EXACT, CatalogQuery, Cursor, Facets, Histogram, Page, WorksPage
from streamvault.catalog.fields import commonest, one_spelling
from streamvault.catalog.sqlite import statements
from streamvault.catalog.sqlite.index_words import unquoted
from streamvault.catalog.sqlite.interning import number_of, texts_of
from streamvault.catalog.sqlite.positions import SqlitePositions
from streamvault.catalog.sqlite.query import Conditions, completions, conditions
from streamvault.catalog.sqlite.rows import entry
from streamvault.catalog.sqlite.spelling import corrections
from streamvault.catalog.sqlite.statements import Plan
from streamvault.catalog.sqlite.works import SqliteWorks, facet_letters
from streamvault.storage.sqlite import Row, SqliteDatabase

FEW, MANY = 1_000, 20_000
ROWS, IDS = 1_000, 30_000
"""How a list sorted by name or size is made, by the number of matches (see statements.Plan).

Up to FEW: all matches are sorted. Up to MANY: the first IDS rows in the order of the list are filtered by the ids of
the matches; if they do not fill a page, all matches are sorted. More: the first ROWS rows in the order of the list are
checked by their words; if they do not fill a page, all rows in that order are filtered by the ids of the matches."""

_ID, _BEHIND = itemgetter(1), itemgetter(2)
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
        self._positions = SqlitePositions(database)
        self._works = SqliteWorks(database)

    async def page(self, query: CatalogQuery) -> Page:
        """See Catalog."""
        page = await self._page(query)
        if not page.items and (corrected := await self._corrected(query)):
            return replace(await self._page(corrected), corrected=corrected.text)
        return page

    async def histogram(self, query: CatalogQuery) -> Histogram:
        """See Catalog."""
        if query.sort == "size":
            raise ValueError("a list that is sorted by size has neither months nor letters")
        found = await self._histogram(query)
        if not found.buckets and (corrected := await self._corrected(replace(query, after=None, offset=0))):
            return replace(await self._histogram(corrected), corrected=corrected.text)
        return found

    async def facets(self, query: CatalogQuery) -> Facets:
        """See Catalog."""
        rows, text = await self._newest(query, "l.file, l.id, l.behind, l.facets"), ""
        if not rows and (corrected := await self._corrected(query)):
            rows, text = await self._newest(corrected, "l.file, l.id, l.behind, l.facets"), corrected.text
        letters = Counter("".join([row[3] for row in rows[:EXACT]]))
        counted = await self._facet_words(letters)
        facets = _facets(counted, total=min(len(rows), EXACT), exact=len(rows) <= EXACT)
        return replace(facets, corrected=text)

    async def works_facets(self, query: CatalogQuery, *, series: bool | None) -> Facets:
        """See Catalog."""
        columns = "l.file, l.id, l.behind, l.facets, l.work"
        rows, text = await self._newest(query, columns), ""
        if not rows and (corrected := await self._corrected(query)):
            rows, text = await self._newest(corrected, columns), corrected.text
        total, letters = facet_letters((row[3:] for row in rows[:EXACT]), series=series)
        facets = _facets(await self._facet_words(letters), total=total, exact=len(rows) <= EXACT)
        return replace(facets, corrected=text)

    async def _facet_words(self, letters: Mapping[str, int]) -> dict[str, int]:
        """The same counts by the words that the letters stand for."""
        words = await texts_of(self._database, "facet_words", [number_of(one) for one in letters])
        return {words[number_of(one)]: count for one, count in letters.items()}

    async def works(self, query: CatalogQuery, *, series: bool | None) -> WorksPage:
        """See Catalog."""
        if query.sort == "size":
            raise ValueError("films and series have no size")
        page = await self._works_page(query, series)
        corrected = None if page.items else await self._corrected_for_works(query)
        return page if corrected is None else await self._works_page(corrected, series)

    async def works_histogram(self, query: CatalogQuery, *, series: bool | None) -> Histogram:
        """See Catalog."""
        if query.sort == "size":
            raise ValueError("films and series have no size")
        found = await self._works_histogram(query, series)
        corrected = None if found.buckets else await self._corrected_for_works(query)
        if corrected is None:
            return found
        return replace(await self._works_histogram(corrected, series), corrected=corrected.text)

    async def _corrected_for_works(self, query: CatalogQuery) -> CatalogQuery | None:
        """As _corrected, for a list of works, which may have none though files match."""
        whole = replace(query, after=None, offset=0, limit=1)
        if not query.text or (await self._page(whole)).items:
            return None
        corrected = await self._corrected(whole)
        return None if corrected is None else replace(query, text=corrected.text)

    async def _works_histogram(self, query: CatalogQuery, series: bool | None) -> Histogram:
        found = await self._conditions(query)
        return Histogram() if found is None else await self._works.histogram(query, found, series=series)

    async def _works_page(self, query: CatalogQuery, series: bool | None) -> WorksPage:
        found = await self._conditions(query)
        return WorksPage((), None) if found is None else await self._works.page(query, found, series=series)

    async def _page(self, query: CatalogQuery) -> Page:
        found = await self._conditions(query)
        if found is None:
            return Page((), None)
        if query.offset:
            after = await self._positions.cursor_before(query, found)
            if after is None:
                return Page((), None)
            query = replace(query, after=after, offset=0)
        rows = await self._rows(query, found)
        items = tuple(entry(row[:-2]) for row in rows[: query.limit])
        if len(rows) <= query.limit:
            return Page(items, None)
        *_, value, key = rows[query.limit - 1]
        return Page(items, Cursor(query.sort, query.order, value, key))

    async def _histogram(self, query: CatalogQuery) -> Histogram:
        found = await self._conditions(query)
        return Histogram() if found is None else await self._positions.histogram(query, found)

    async def _rows(self, query: CatalogQuery, found: Conditions) -> list[Row]:
        """The rows of a page, by the cheapest plan that finds them all."""
        if query.sort == "date" or not found.match:
            return await self._database.read(*statements.page(query, found, plan="rows"))
        [(matches,)] = await self._database.read(*statements.count(found, MANY + 1))
        plans: list[tuple[Plan, int]] = [("rows", ROWS), ("ids", 0)]
        if matches <= MANY:
            plans = [("ids", IDS), ("matches", 0)] if matches > FEW else [("matches", 0)]
        for plan, tries in plans:
            rows = await self._database.read(*statements.page(query, found, plan=plan, tries=tries))
            if len(rows) > query.limit:
                break
        return rows

    async def _conditions(self, query: CatalogQuery) -> Conditions | None:
        stored = [] if query.chat_ids is None else await self._database.read(_CHATS)
        completed: defaultdict[str, list[str]] = defaultdict(list)
        if statement := completions(query):
            for start, word in await self._database.read(*statement):
                completed[start].append(word)
        return conditions(query, [row[0] for row in stored], completed=completed)

    async def _corrected(self, query: CatalogQuery) -> CatalogQuery | None:
        """`query`, which finds nothing, with a corrected text that finds something; None without one."""
        first = replace(query, after=None, offset=0, limit=1)
        if not query.text or ((query.after or query.offset) and (await self._page(first)).items):
            return None
        for text in await corrections(self._database, query.text):
            if (await self._page(replace(first, text=text))).items:
                return replace(query, text=text)
        return None

    async def _newest(self, query: CatalogQuery, columns: str) -> list[Row]:
        """The matching row of each file that stands in front, newest first, up to EXACT + 1.

        `columns` begin with file, id, behind. Of more than EXACT rows those in front of these are given.
        """
        conditions = await self._conditions(query)
        if conditions is None:
            return []
        limit = EXACT + 1
        rows = await self._database.read(*statements.newest(conditions, columns, limit=limit))
        found = _in_front(rows)
        if len(found) == len(rows):
            return rows
        while len(rows) == limit and len(found) <= EXACT:
            limit = 2 * (EXACT + 1 - len(found))
            rows = await self._database.read(*statements.newest(conditions, columns, limit=limit, before=rows[-1][1]))
            found = _in_front([*found.values(), *rows])
        return sorted(found.values(), key=_ID, reverse=True)[: EXACT + 1]


def _in_front(rows: Sequence[Row]) -> dict[int, Row]:
    """Of rows of (file, id, behind, ...), newest first, the one of each file that stands in front."""
    found = {row[0]: row for row in reversed(rows)}
    if len(found) < len(rows) and any(map(_BEHIND, rows)):
        return {row[0]: row for row in sorted(rows, key=lambda row: (-row[2], row[1]))}
    return found


def _facets(counted: Mapping[str, int], *, total: int, exact: bool) -> Facets:
    """Counts of facet words, sorted into the facets by their first letters."""
    values: dict[str, dict[str, int]] = {letter: {} for letter in "kcyrlt"}
    for word, count in counted.items():
        values[word[0]][unquoted(word[1:])] = count
    return Facets(
        total=total,
        exact=exact,
        kinds=commonest(values["k"]),
        chats=commonest({int(value.replace("n", "-")): count for value, count in values["c"].items()}),
        years=commonest({int(value): count for value, count in values["y"].items()}),
        resolutions=commonest(values["r"]),
        languages=commonest(values["l"]),
        tags=commonest(one_spelling(values["t"])),
    )
