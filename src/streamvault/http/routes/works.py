"""Films with all their qualities, series with their seasons and episodes."""

import dataclasses
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from streamvault.catalog import works
from streamvault.catalog.base import MAX_LIMIT, Catalog, CatalogQuery, Entry, Work
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, fresh
from streamvault.http.items import ITEM, Item, Marks, Showing, Shown, shown
from streamvault.http.lookup import marks_of
from streamvault.http.readable import readable
from streamvault.http.selection import WorkFilters
from streamvault.http.users import Reader

MAX_FILES = 2_000
"""Files of one work that are grouped; the newest."""

router = APIRouter(prefix="/api/works", tags=["catalog"])

_WORK: dict[str, JsonValue] = {
    "key": "s:kuche-garten",
    "title": "Küche & Garten",
    "year": 2024,
    "series": True,
    "files": 26,
}
_ITEM: dict[str, JsonValue] = {
    **_WORK,
    "chat_id": -1001234567890,
    "message_id": 42,
    "thumb_url": "/thumb/-1001234567890/42",
}

Key = Annotated[str, Path(min_length=1, max_length=300, examples=["s:kuche-garten"])]


class WorkItem(BaseModel):
    """A film or a series; `files` counts its files among those that match. The picture is that of its newest file."""

    model_config = shown(_ITEM)

    key: str
    title: str
    year: int | None
    series: bool
    files: int
    chat_id: int
    message_id: int
    thumb_url: str | None


class Works(BaseModel):
    """Films and series, those with the newest files first. There is no next page: narrow the selection instead."""

    model_config = shown({"works": [_ITEM]})

    works: list[WorkItem]


class Episode(BaseModel):
    """One episode, the best quality first; `episode` is null for files that name none, such as a whole season."""

    model_config = shown({"episode": 3, "files": [ITEM]})

    episode: int | None
    files: list[Item]


class Season(BaseModel):
    """One season; `season` is null for files that name none."""

    model_config = shown({"season": 1, "episodes": [{"episode": 3, "files": [ITEM]}]})

    season: int | None
    episodes: list[Episode]


class WorkTree(BaseModel):
    """All files of a film in `files`, the best quality first, or of a series in `seasons`.

    `complete` false: there are more than 2,000 files, of which these are the newest.
    """

    model_config = shown(
        {
            **_WORK,
            "complete": True,
            "files": [],
            "seasons": [{"season": 1, "episodes": [{"episode": 3, "files": [ITEM]}]}],
        }
    )

    key: str
    title: str
    year: int | None
    series: bool
    complete: bool
    files: list[Item]
    seasons: list[Season]


@readable(router, "", response_model=Works, responses=NOT_MODIFIED)
async def list_works(
    request: Request, filters: Annotated[WorkFilters, Query()], *, services: Services, show: Shown
) -> Response:
    """The films and series among the files that match."""
    query = filters.query(await services.finder.our_chats(), limit=filters.limit)
    found = await services.catalog.works(query)
    return fresh(request, Works(works=[await _work(services.catalog, work, show) for work in found]))


@readable(
    router,
    "/{key}",
    response_model=WorkTree,
    responses={404: {"description": "No such film or series"}, **NOT_MODIFIED},
)
async def get_work(request: Request, key: Key, *, services: Services, show: Shown, user: Reader) -> Response:
    """One film or series with all its files."""
    query = CatalogQuery(work=key, chat_ids=await services.finder.our_chats(), limit=MAX_LIMIT)
    entries, complete = await _entries(services.catalog, query)
    if not entries:
        raise HTTPException(404, "No film or series with this key in our channels.")
    marks = await marks_of(services, user, entries)
    return fresh(request, _tree(works.group(entries), show=show, marks=marks, complete=complete))


async def _entries(catalog: Catalog, query: CatalogQuery) -> tuple[list[Entry], bool]:
    """The newest files, and whether they are all."""
    entries: list[Entry] = []
    while True:
        page = await catalog.page(query)
        # a name may be read anew between two pages, and tell of another work
        entries += (entry for entry in page.items if entry.facts is not None and entry.facts.work == query.work)
        if page.next is None or len(entries) >= MAX_FILES:
            return entries, page.next is None
        query = dataclasses.replace(query, after=page.next)


async def _work(catalog: Catalog, work: Work, show: Showing) -> WorkItem:
    file = await catalog.get(work.newest)
    return WorkItem(
        key=work.key,
        title=work.title,
        year=work.year,
        series=work.series,
        files=work.files,
        chat_id=work.newest.chat_id,
        message_id=work.newest.message_id,
        thumb_url=show.addresses(Entry(file))[1] if file else None,
    )


def _tree(tree: works.WorkTree, *, show: Showing, marks: Marks, complete: bool) -> WorkTree:
    return WorkTree(
        key=tree.key,
        title=tree.title,
        year=tree.year,
        series=works.is_series(tree.key),
        complete=complete,
        files=show.items(tree.files, marks),
        seasons=[
            Season(
                season=season.number,
                episodes=[Episode(episode=one.number, files=show.items(one.files, marks)) for one in season.episodes],
            )
            for season in tree.seasons
        ],
    )
