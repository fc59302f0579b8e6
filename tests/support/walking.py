"""Lists of a catalog, whole."""

import dataclasses
from itertools import product

from streamvault.catalog.base import Catalog, CatalogQuery, Change, Cursor, Entry, Order, Sort
from streamvault.media.model import MediaFile

SORTS: tuple[Sort, ...] = ("date", "name", "size")
BOTH: tuple[Order, ...] = ("asc", "desc")
ORDERS = tuple(product(SORTS, BOTH))
"""Each order in which a list can be asked for."""


async def entries(catalog: Catalog, query: CatalogQuery) -> list[Entry]:
    """The items of every page, by following the cursors as a client does."""
    found: list[Entry] = []
    while True:
        page = await catalog.page(query)
        assert len(page.items) <= query.limit
        found += page.items
        if page.next is None:
            return found
        after = Cursor.decode(page.next.encode(), sort=query.sort, order=query.order)
        query = dataclasses.replace(query, after=after, offset=0)


async def everything(catalog: Catalog, query: CatalogQuery) -> list[MediaFile]:
    """The files of every page."""
    return [entry.file for entry in await entries(catalog, query)]


async def names(catalog: Catalog, query: CatalogQuery) -> list[str]:
    """The names of those files."""
    return [file.name for file in await everything(catalog, query)]


async def empty(catalog: Catalog) -> None:
    """Take every message away."""
    while rows := await catalog.dump(None, 200):
        await catalog.apply(Change(gone=[entry.file.origin for entry in rows]))
