"""Answers a CatalogQuery from MongoDB: a page, and the newest matches over which facets and works are counted."""

from collections.abc import Iterable, Mapping
from typing import Any

from streamvault.catalog.base import EXACT, CatalogQuery, Cursor, Page
from streamvault.catalog.mongo.query import SORT_FIELD, TEXTS, Conditions, Filter, beyond, both, conditions, order
from streamvault.catalog.mongo.rows import Document, entry, place

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
    """Each matching file once, newest first, up to EXACT + 1, as documents with the fields `names`.

    It is the document that stands in front among those read: as many as it takes, the newest first.
    """
    found = conditions(query)
    if found is None:
        return []
    wanted = projection(found, *names)
    kept: dict[str, Document] = {}
    filter = found.filter
    while True:
        cursor = files.find(filter, wanted, batch_size=EXACT + 1).sort([("key", -1)]).limit(EXACT + 1)
        rows = await cursor.to_list(EXACT + 1)
        for row in rows:
            if found.holds(row):
                _keep_first(kept, row)
        if len(rows) <= EXACT or len(kept) > EXACT:
            return sorted(kept.values(), key=lambda row: -row["key"])[: EXACT + 1]
        filter = both(found.filter, {"key": {"$lt": rows[-1]["key"]}})


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
            # of those that are not behind, the first one of a file is its newest
            fronts = await _fronts(files, found, [row for row in matching if row.get("behind")])
            for row in matching:
                name = row["file_unique_id"]
                if name not in seen and (not row.get("behind") or fronts[name] == row["key"]):
                    seen.add(name)
                    shown.append(row)
        else:
            fronts = await _fronts(files, found, matching)
            shown += [row for row in matching if fronts[row["file_unique_id"]] == row["key"]]
        if len(rows) < size or len(shown) > query.limit:
            return shown[: query.limit + 1]
        after = _cursor(rows[-1], query)
        size = min(max(size, _MORE) * 2, _MOST)


async def _fronts(files: _Files, found: Conditions, rows: list[Document]) -> Mapping[str, int]:
    """The key of each file's matching message that stands in front, whichever page that is on."""
    first: dict[str, Document] = {}
    for row in rows:
        _keep_first(first, row)
    if not rows:
        return {}
    others: Filter = {"file_unique_id": {"$in": list(first)}}
    if not any(row.get("behind") for row in first.values()):
        others |= {"behind": None, "key": {"$gt": min(row["key"] for row in first.values())}}
    async for row in files.find(both(found.filter, others), projection(found)).hint(BY_FILE):
        if found.holds(row):
            _keep_first(first, row)
    return {name: row["key"] for name, row in first.items()}


def _keep_first(kept: dict[str, Document], row: Document) -> None:
    """Keep that of two documents of one file which stands in front (derived.behind)."""
    old = kept.setdefault(row["file_unique_id"], row)
    if place(row) > place(old):
        kept[row["file_unique_id"]] = row


def projection(found: Conditions, *names: str) -> dict[str, int]:
    """The fields `names` and those that `Conditions.holds` reads; a list may need ten thousand documents."""
    texts = (*TEXTS, "facts") if found.reads_text else ()
    return {"_id": 0, **dict.fromkeys(("file_unique_id", "key", "behind", *texts, *names), 1)}


def _cursor(row: Document, query: CatalogQuery) -> Cursor:
    return Cursor(query.sort, query.order, row[SORT_FIELD[query.sort]], row["key"])
