"""The films and series among the matching documents, of which a few fields are read."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from streamvault.catalog.base import CatalogQuery, Histogram, Work, WorksPage
from streamvault.catalog.mongo import lists
from streamvault.catalog.mongo.query import conditions
from streamvault.catalog.mongo.rows import Document, facts_of, place
from streamvault.catalog.versions import computed
from streamvault.catalog.work_order import Place, buckets_of, page_of, place_of
from streamvault.catalog.works import names_episode
from streamvault.media.model import Origin

_BATCH = 1000
_AT_ONCE = 50
"""Documents after which the rest of the server goes on."""
_Files = Any  # pymongo's AsyncCollection


@dataclass(frozen=True, slots=True)
class _Found:
    """A matching file of a work: its document's place in front of others, key and origin; facts of its name."""

    place: tuple[int, int]
    key: int
    origin: Origin
    work: str
    title: str
    year: int | None
    episode: bool


async def page(files: _Files, query: CatalogQuery, *, series: bool | None) -> WorksPage:
    """See Catalog.works."""
    if query.sort == "size":
        raise ValueError("films and series have no size")
    fronts = await _fronts(files, query)
    return await computed(len(fronts), partial(_page, fronts, query, series=series))


async def histogram(files: _Files, query: CatalogQuery, *, series: bool | None) -> Histogram:
    """See Catalog.works_histogram."""
    if query.sort == "size":
        raise ValueError("films and series have no size")
    fronts = await _fronts(files, query)
    works = await computed(len(fronts), partial(_chosen, fronts, query, series=series))
    return Histogram(buckets_of(sorted(works), query.sort, query.order))


def by_work(rows: Iterable[Document], *, series: bool | None) -> list[list[Document]]:
    """Of documents with `facts` those of each film or series, or of one of both."""
    found: defaultdict[str, list[Document]] = defaultdict(list)
    shows = set[str]()
    for row in rows:
        facts = facts_of(row)
        if facts is not None and facts.work:
            found[facts.work].append(row)
            shows.update([facts.work] * names_episode(facts))
    return [several for work, several in found.items() if series in (None, work in shows)]


async def _fronts(files: _Files, query: CatalogQuery) -> list[_Found]:
    """The document in front of each matching file that belongs to a work."""
    found = conditions(query)
    if found is None:
        return []
    names = ("chat_id", "message_id", "facts")
    fronts: dict[str, _Found] = {}
    numbers = count(1)
    async for row in files.find(found.filter, lists.projection(found, *names), batch_size=_BATCH):
        if not next(numbers) % _AT_ONCE:
            await asyncio.sleep(0)
        if found.holds(row) and (one := _found(row)) is not None:
            known = fronts.setdefault(row["file_unique_id"], one)
            if one.place > known.place:
                fronts[row["file_unique_id"]] = one
    return list(fronts.values())


def _found(row: Document) -> _Found | None:
    facts = facts_of(row)
    if facts is None or not facts.work:
        return None
    origin = Origin(row["chat_id"], row["message_id"])
    return _Found(place(row), row["key"], origin, facts.work, facts.title, facts.year, names_episode(facts))


def _page(fronts: Iterable[_Found], query: CatalogQuery, *, series: bool | None) -> WorksPage:
    works = _chosen(fronts, query, series=series)
    places = sorted(works, reverse=query.order == "desc")
    where: dict[str, Any] = {"after": query.after, "offset": query.offset, "limit": query.limit}
    shown, after = page_of(places, query.sort, query.order, **where)
    return WorksPage(tuple(works[place] for place in shown), after)


def _chosen(fronts: Iterable[_Found], query: CatalogQuery, *, series: bool | None) -> dict[Place, Work]:
    groups: defaultdict[str, list[_Found]] = defaultdict(list)
    for one in fronts:
        groups[one.work].append(one)
    return {place: work for place, work in _works(groups.values(), query) if series in (None, work.series)}


def _works(groups: Iterable[Sequence[_Found]], query: CatalogQuery) -> Iterator[tuple[Place, Work]]:
    for files in groups:
        newest = max(files, key=lambda one: one.key)
        series = any(one.episode for one in files)
        work = Work(newest.work, newest.title, newest.year, series, len(files), newest.origin)
        yield place_of(query.sort, newest.key, newest.title), work
