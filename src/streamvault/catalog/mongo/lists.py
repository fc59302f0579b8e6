"""Answers a CatalogQuery from MongoDB: a page, and the newest matches over which facets and works are counted."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from streamvault.catalog.base import EXACT, CatalogQuery, Cursor, Page, Work
from streamvault.catalog.mongo.query import SORT_FIELD, TEXTS, Conditions, beyond, both, conditions, order
from streamvault.catalog.mongo.rows import Document, entry, facts_of
from streamvault.catalog.works import names_episode
from streamvault.media.model import Origin

BY_FILE = "by_file"
_MORE = 32
_MOST = 1000
_Files = Any  # pymongo's AsyncCollection


async def page(files: _Files, query: CatalogQuery) -> Page:
    """See Catalog.page."""
    found = conditions(query)
    if found is None:
        return Page((), None)
    rows = await _rows(files, query, found)
    items = tuple(map(entry, rows[: query.limit]))
    return Page(items, _cursor(rows[query.limit - 1], query) if len(rows) > query.limit else None)


async def newest(files: _Files, query: CatalogQuery, names: Iterable[str]) -> list[Document]:
    """Each matching file once, newest first, up to EXACT + 1, as documents with the fields `names`."""
    found = conditions(query)
    if found is None:
        return []
    projection = _projection(found, *names)
    kept: dict[str, Document] = {}
    filter = found.filter
    while True:
        cursor = files.find(filter, projection, batch_size=EXACT + 1).sort([("key", -1)]).limit(EXACT + 1)
        rows = await cursor.to_list(EXACT + 1)
        for row in rows:
            if found.holds(row):
                kept.setdefault(row["file_unique_id"], row)
        if len(rows) <= EXACT or len(kept) > EXACT:
            return list(kept.values())[: EXACT + 1]
        filter = both(found.filter, {"key": {"$lt": rows[-1]["key"]}})


def works(rows: Iterable[Document], *, limit: int) -> tuple[Work, ...]:
    """The films and series of documents with chat_id, message_id and facts, in the order of the documents."""
    found: dict[str, Work] = {}
    for row in rows:
        facts = facts_of(row)
        if facts is None or not facts.work:
            continue
        series = names_episode(facts)
        new = Work(facts.work, facts.title, facts.year, series, 0, Origin(row["chat_id"], row["message_id"]))
        known = found.get(facts.work, new)
        found[facts.work] = replace(known, files=known.files + 1, series=known.series or series)
    return tuple(found.values())[:limit]


async def _rows(files: _Files, query: CatalogQuery, found: Conditions) -> list[Document]:
    """The documents of a page, and one more if there is another page."""
    shown: list[Document] = []
    seen: set[str] = set()
    after = query.after
    size = query.limit + 1
    while True:
        filter = found.filter if after is None else both(found.filter, beyond(after))
        cursor = files.find(filter, {"terms": 0}, batch_size=size).sort(order(query)).limit(size)
        rows = await cursor.to_list(size)
        matching = [row for row in rows if found.holds(row)]
        if query.sort == "date" and query.order == "desc" and query.after is None:
            for row in matching:  # the first of each file is its newest
                if row["file_unique_id"] not in seen:
                    seen.add(row["file_unique_id"])
                    shown.append(row)
        else:
            latest = await _latest(files, found, matching)
            shown += [row for row in matching if latest[row["file_unique_id"]] == row["key"]]
        if len(rows) < size or len(shown) > query.limit:
            return shown[: query.limit + 1]
        after = _cursor(rows[-1], query)
        size = min(max(size, _MORE) * 2, _MOST)


async def _latest(files: _Files, found: Conditions, rows: list[Document]) -> Mapping[str, int]:
    """The key of each file's newest matching message, whichever page that is on."""
    latest = {row["file_unique_id"]: 0 for row in rows}
    for row in rows:
        latest[row["file_unique_id"]] = max(latest[row["file_unique_id"]], row["key"])
    if not rows:
        return latest
    others = both(found.filter, {"file_unique_id": {"$in": list(latest)}, "key": {"$gt": min(latest.values())}})
    async for row in files.find(others, _projection(found)).hint(BY_FILE):
        if row["key"] > latest[row["file_unique_id"]] and found.holds(row):
            latest[row["file_unique_id"]] = row["key"]
    return latest


def _projection(found: Conditions, *names: str) -> dict[str, int]:
    """The fields `names` and those that `Conditions.holds` reads; a list may need ten thousand documents."""
    texts = (*TEXTS, "facts") if found.reads_text else ()
    return {"_id": 0, **dict.fromkeys(("file_unique_id", "key", *texts, *names), 1)}


def _cursor(row: Document, query: CatalogQuery) -> Cursor:
    return Cursor(query.sort, query.order, row[SORT_FIELD[query.sort]], row["key"])
