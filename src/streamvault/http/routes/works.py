"""Works: films with all their qualities, and series with their seasons and episodes."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from streamvault.catalog import works
from streamvault.catalog.base import MAX_LIMIT, Catalog, CatalogQuery, Entry, Work
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, json_with_etag
from streamvault.http.facets import FacetCounts, facet_counts
from streamvault.http.get_and_head import get_and_head
from streamvault.http.hiding import without_hidden
from streamvault.http.histogram import HistogramCounts, histogram_counts
from streamvault.http.items import (
    ITEM,
    CallerPresenter,
    Item,
    PersonalState,
    Presenter,
    placeholder_of,
    with_examples,
)
from streamvault.http.lookup import entries_at, personal_state
from streamvault.http.selection import WorkFilters, WorkHistogramFilters, WorkSelection
from streamvault.http.users import OptionalUser
from streamvault.http.versions import PLAYS, Plays, Summaries, plays_of, summaries
from streamvault.http.visible import VisibleChats
from streamvault.http.ways import ByClient

MAX_FILES = 2_000
"""Files of one work at most, the newest."""

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
    "placeholder": None,
}
_VERSION: dict[str, JsonValue] = {**ITEM, "plays": PLAYS}

Key = Annotated[str, Path(min_length=1, max_length=300, examples=["s:kuche-garten"])]

Hidden = Annotated[bool, Query(description="With the files that the caller has hidden")]


class WorkItem(BaseModel):
    """A film or a series; `files` counts its matching files. The thumbnail is that of its newest file."""

    model_config = with_examples(_ITEM)

    key: str
    title: str
    year: int | None
    series: bool
    files: int
    chat_id: int
    message_id: int
    thumb_url: str | None
    placeholder: str | None


class Works(BaseModel):
    """One page of films and series. `next_cursor` is null on the last page."""

    model_config = with_examples({"works": [_ITEM], "next_cursor": None})

    works: list[WorkItem]
    next_cursor: str | None


class Version(Item):
    """A file of a work; `plays` is null for one that is neither film nor song."""

    model_config = with_examples(_VERSION)

    plays: Plays | None


class Episode(BaseModel):
    """One episode, the best quality first; `episode` is null for files that name none, such as a whole season.

    A file that holds several episodes is listed below each of them, up to 100.
    """

    model_config = with_examples({"episode": 3, "files": [_VERSION]})

    episode: int | None
    files: list[Version]


class Season(BaseModel):
    """One season; `season` is null for files whose names give none."""

    model_config = with_examples({"season": 1, "episodes": [{"episode": 3, "files": [_VERSION]}]})

    season: int | None
    episodes: list[Episode]


class WorkTree(BaseModel):
    """All files of a film in `files`, the best quality first, or of a series in `seasons`.

    `complete` false: there are more than 2,000 files, of which these are the newest.
    """

    model_config = with_examples(
        {
            **_WORK,
            "complete": True,
            "files": [],
            "seasons": [{"season": 1, "episodes": [{"episode": 3, "files": [_VERSION]}]}],
        }
    )

    key: str
    title: str
    year: int | None
    series: bool
    complete: bool
    files: list[Version]
    seasons: list[Season]


@get_and_head(
    router,
    "",
    response_model=Works,
    responses={400: {"description": "The cursor is wrong, or there is an offset beside it"}, **NOT_MODIFIED},
)
async def list_works(
    request: Request,
    filters: Annotated[WorkFilters, Query()],
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """The films and series among the files that match."""
    filters.check()
    query = filters.sorted(chats, limit=filters.limit)
    query = await without_hidden(services, user, query, hidden=filters.hidden)
    page = await services.catalog.works(query, series=filters.series)
    newest = await entries_at(services.catalog, (work.newest for work in page.items))
    found = [_work(work, entry, presenter) for work, entry in zip(page.items, newest, strict=True)]
    return json_with_etag(request, Works(works=found, next_cursor=page.next.encode() if page.next else None))


@get_and_head(
    router,
    "/histogram",
    response_model=HistogramCounts,
    responses={400: {"description": "The list has another order"}, **NOT_MODIFIED},
)
async def get_histogram(
    request: Request,
    filters: Annotated[WorkHistogramFilters, Query()],
    *,
    services: Services,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """How many films and series each month or letter of the same list has."""
    query = await without_hidden(services, user, filters.sorted(chats), hidden=filters.hidden)
    return json_with_etag(
        request, histogram_counts(await services.catalog.works_histogram(query, series=filters.series))
    )


@get_and_head(router, "/facets", response_model=FacetCounts, responses=NOT_MODIFIED)
async def get_facets(
    request: Request,
    filters: Annotated[WorkSelection, Query()],
    *,
    services: Services,
    user: OptionalUser,
    chats: VisibleChats,
) -> Response:
    """How many films and series have a matching file of each channel, year, resolution and so on.

    Counts and `total` are works; with more than 10,000 matching files (`exact` false) those of the newest of them.
    """
    query = await without_hidden(services, user, filters.query(chats), hidden=filters.hidden)
    found = await services.catalog.works_facets(query, series=filters.series)
    titles = await services.catalog.chats()
    return json_with_etag(request, facet_counts(found, titles=titles))


@get_and_head(
    router,
    "/{key}",
    response_model=WorkTree,
    responses={404: {"description": "No such film or series"}, **NOT_MODIFIED},
)
async def get_work(
    request: Request,
    key: Key,
    hidden: Hidden = False,
    *,
    services: Services,
    presenter: CallerPresenter,
    user: OptionalUser,
    chats: VisibleChats,
    client: ByClient,
) -> Response:
    """One film or series with all its files, and how each plays in a browser as far as it was read already.

    `plays` is for a browser that takes what all take; with `client=1` and what a browser takes (as for /api/facts, of
    the `codecs` that `plays` has) it is for that one.
    """
    query = CatalogQuery(work=key, chat_ids=chats, limit=MAX_LIMIT)
    query = await without_hidden(services, user, query, hidden=hidden)
    entries, complete = await _entries(services.catalog, query)
    if not entries:
        but = "; with hidden=true, also what you have hidden counts" if query.without else ""
        raise HTTPException(404, f"No film or series with this key in the channels of this server{but}.")
    personal = await personal_state(services, user, entries)
    known = await summaries(services, entries, client=client)
    versions = _Versions(presenter, personal, known)
    return json_with_etag(request, _tree(works.group(entries), versions, complete=complete))


async def _entries(catalog: Catalog, query: CatalogQuery) -> tuple[list[Entry], bool]:
    """The newest files of a work, and whether they are all."""
    entries: list[Entry] = []
    while True:
        page = await catalog.page(query)
        # a name may be parsed again between two pages, and then belong to another work
        entries += (entry for entry in page.items if entry.facts is not None and entry.facts.work == query.work)
        if page.next is None or len(entries) >= MAX_FILES:
            return entries, page.next is None
        query = dataclasses.replace(query, after=page.next)


def _work(work: Work, entry: Entry | None, presenter: Presenter) -> WorkItem:
    return WorkItem(
        key=work.key,
        title=work.title,
        year=work.year,
        series=work.series,
        files=work.files,
        chat_id=work.newest.chat_id,
        message_id=work.newest.message_id,
        thumb_url=presenter.addresses(entry)[1] if entry else None,
        placeholder=placeholder_of(entry) if entry else None,
    )


@dataclass(frozen=True, slots=True)
class _Versions:
    """Makes the items of a work for one caller."""

    presenter: Presenter
    personal: PersonalState
    known: Summaries

    def __call__(self, entries: Sequence[Entry]) -> list[Version]:
        return [
            Version(**self.presenter.fields(entry, self.personal), plays=plays_of(entry, self.known))
            for entry in entries
        ]


def _tree(tree: works.WorkTree, versions: _Versions, *, complete: bool) -> WorkTree:
    return WorkTree(
        key=tree.key,
        title=tree.title,
        year=tree.year,
        series=works.is_series(tree.key),
        complete=complete,
        files=versions(tree.files),
        seasons=[
            Season(
                season=season.number,
                episodes=[Episode(episode=one.number, files=versions(one.files)) for one in season.episodes],
            )
            for season in tree.seasons
        ],
    )
