"""Where in its list each item stands: pages by offset, and histograms.

Which message of a file stands in front depends on the query, so that no index knows it: a few fields of every matching
document are read.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

from streamvault.catalog.base import CatalogQuery, Cursor, Histogram, Page
from streamvault.catalog.histogram import by_letter, by_month
from streamvault.catalog.mongo import lists
from streamvault.catalog.mongo.query import SORT_FIELD, conditions
from streamvault.catalog.mongo.rows import place
from streamvault.catalog.versions import computed

SECONDS = 30.0
"""How long all matching documents may take to be read: the server sends some ten thousand a second."""
_BATCH = 1000
_TEXTS = 50
_Files = Any  # pymongo's AsyncCollection


async def page(files: _Files, query: CatalogQuery) -> Page:
    """The page after `query.offset` items, at least one; see Catalog.page."""
    fronts = await _fronts(files, query)
    items = await computed(len(fronts), partial(sorted, fronts, reverse=query.order == "desc"))
    if len(items) <= query.offset:
        return Page((), None)
    after = Cursor(query.sort, query.order, *items[query.offset - 1])
    return await lists.page(files, replace(query, after=after, offset=0))


async def histogram(files: _Files, query: CatalogQuery) -> Histogram:
    """See Catalog.histogram."""
    if query.sort == "size":
        raise ValueError("a list that is sorted by size has neither months nor letters")
    items = await _fronts(files, query)
    if query.sort == "date":
        keys = await computed(len(items), lambda: sorted(key for _, key in items))
        return Histogram(by_month(keys, query.order))
    starts = Counter(str(value)[:1] for value, _ in items)
    return Histogram(by_letter(sorted(starts.items()), query.order))


async def _fronts(files: _Files, query: CatalogQuery) -> list[tuple[Any, int]]:
    """Sort value and key of each matching file's document that stands in front."""
    found = conditions(query)
    if found is None:
        return []
    field = SORT_FIELD[query.sort]
    fronts: dict[str, tuple[tuple[int, int], Any]] = {}
    numbers = count()
    async for row in files.find(found.filter, lists.projection(found, field), batch_size=_BATCH):
        if found.reads_text and not next(numbers) % _TEXTS:
            await asyncio.sleep(0)  # the rest of the server goes on between texts
        if found.holds(row):
            name, at = row["file_unique_id"], place(row)
            if name not in fronts or at > fronts[name][0]:
                fronts[name] = at, row[field]
    return [(value, key) for (_, key), value in fronts.values()]
