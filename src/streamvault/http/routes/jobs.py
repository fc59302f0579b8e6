"""Leech jobs: files from elsewhere into a channel. Queued, listed, paused, resumed, cancelled, retried."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from streamvault.errors import JobConflict
from streamvault.http.addresses import client_of
from streamvault.http.dependencies import HttpServices, Services
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.job_items import JobEntries, JobItem, JobItems, StateName, job_entries, job_item
from streamvault.http.leech_chats import NO_BOT, chat_for, whose_jobs
from streamvault.http.middleware.access import identity_of
from streamvault.http.selection import ChatId
from streamvault.leech.choice import DECIDED
from streamvault.leech.model import Job, Options, State
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.store.base import MAX_LISTED
from streamvault.leech.torrent_files import LONGEST

router = APIRouter(prefix="/api/jobs", tags=["leech"])

_NO_STORE = {"Cache-Control": "no-store"}
MAX_SELECTED = 10_000
UNDECIDABLE = "What there is to choose from is not known yet: look again once the job is paused."
FROM_ONE = "The entries of a playlist, and the files of a torrent, are numbered from 1."

JobId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
_SIGN = r"[^\x00-\x1f\x7f/\\]"
_NOT_A_FOLDER = rf"^([^\x00-\x1f\x7f/\\.]{_SIGN}*|\.[^\x00-\x1f\x7f/\\.]{_SIGN}*|\.\.{_SIGN}+)$"
"""A name without slashes and control characters, but not `.` or `..`."""
FileName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255, pattern=_NOT_A_FOLDER)]
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No such job of the caller"}}
_CHANGED: dict[int | str, dict[str, Any]] = {
    **_MISSING,
    409: {"description": "The job is in a state in which this cannot be done; the detail says what can"},
}


class NewJob(BaseModel):
    """What is to be leeched. `source`: an address, or, where torrents are taken, a .torrent file of at most 256 KiB
    as a data URL (`data:application/x-bittorrent;base64,...`). `name` of the file; `select`: numbers of the files of a
    torrent, or the entries of a playlist (there from 1), empty for all; `zip`: pack it into a ZIP archive; `unzip`:
    post the files in an archive instead of it; `chat_id`: null for the server's channel; `ytdlp`: `source` is a page
    that yt-dlp is asked about, and its video, or the entries of its list, are wanted; `choose`: the job is paused once
    it is known what there is, until it is resumed with what is wanted (see `/api/jobs/{id}/entries`).
    """

    model_config = with_examples(
        {"source": "https://example.org/garden.mkv", "name": "Garden.mkv", "as_document": False}, extra="forbid"
    )

    source: str = Field(min_length=1, max_length=LONGEST)
    name: FileName | None = None
    as_document: bool = False
    zip: bool = False
    unzip: bool = False
    chat_id: ChatId | None = None
    select: list[Annotated[int, Field(ge=0, lt=1_000_000)]] = Field([], max_length=MAX_SELECTED)
    ytdlp: bool = False
    choose: bool = False

    @property
    def options(self) -> Options:
        """What is wished for the job."""
        select = tuple(sorted(set(self.select)))
        return Options(
            self.name, as_document=self.as_document, zip=self.zip, unzip=self.unzip, select=select, ytdlp=self.ytdlp,
            choose=self.choose,
        )  # fmt: skip


class Picked(BaseModel):
    """The numbers of the entries that are wanted."""

    model_config = with_examples({"select": [1, 3]}, extra="forbid")

    select: list[Annotated[int, Field(ge=0, lt=10_000_000)]] = Field(max_length=MAX_SELECTED)


@get_and_head(router, "", response_model=JobItems)
async def list_jobs(
    request: Request,
    state: Annotated[list[StateName], Query(max_length=20, description="Repeat it for several states")] = [],  # noqa: B006
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 50,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before")] = None,
    *,
    services: Services,
) -> Response:
    """The caller's jobs, the latest first; an owner sees all."""
    whose = whose_jobs(identity_of(request.scope))
    states = [State(one) for one in state] or None
    found = await _queue(services).listed(person=whose, states=states, limit=limit, after=cursor)
    body = JobItems(items=[job_item(one) for one in found], next_cursor=found[-1].id if len(found) == limit else None)
    return JSONResponse(body.model_dump(), headers=_NO_STORE)


@router.post(
    "", status_code=201, response_model=JobItem,
    responses={
        200: {"description": "The source is leeched already: by this job", "model": JobItem},
        400: {"description": "No address that can be leeched, or options that exclude each other; the detail says why"},
        404: {"description": "This server does not serve that channel"},
        409: {"description": "This server has no leech bot, or no channel where no `chat_id` is named"},
        429: {"description": "There are too many jobs that have not ended"},
    },
)  # fmt: skip
async def add_job(asked: NewJob, request: Request, *, services: Services) -> Response:
    """Queue a job. Where the same source is, or was, leeched for the same chat with the same wishes: 200, that job."""
    if services.settings.leech_bot_token is None:
        raise HTTPException(409, NO_BOT)
    if sentence := asked.options.conflict:
        raise HTTPException(400, sentence)
    if 0 in asked.select:
        raise HTTPException(400, FROM_ONE)
    identity = identity_of(request.scope)
    chat_id = await chat_for(asked.chat_id, identity, services)
    person = None if identity.person is None else identity.person.id
    added = await _queue(services).add(Wanted(asked.source, chat_id, person, asked.options))
    if added.new:
        detail = f"{added.job.id} {added.job.source}"[:500]
        services.access.audit.note("leeched", person=person, detail=detail, address=client_of(request.scope))
    return _one(added.job, status=201 if added.new else 200)


@get_and_head(router, "/{id}", response_model=JobItem, responses=_MISSING)
async def get_job(id: JobId, request: Request, *, services: Services) -> Response:
    """One job."""
    return _one(await _queue(services).get(id, person=whose_jobs(identity_of(request.scope))))


@get_and_head(router, "/{id}/entries", response_model=JobEntries, responses=_CHANGED)
async def list_entries(id: JobId, request: Request, *, services: Services) -> Response:
    """What can be chosen for a job with `choose`, once that is known: then it is paused."""
    return _entries(await _queue(services).get(id, person=whose_jobs(identity_of(request.scope))))


@router.put("/{id}/entries", response_model=JobEntries, responses=_CHANGED)
async def pick_entries(id: JobId, asked: Picked, request: Request, *, services: Services) -> Response:
    """Pick these entries, in place of those before. To resume the job starts it with them; without any with all."""
    person = whose_jobs(identity_of(request.scope))
    return _entries(await _queue(services).pick(id, asked.select, person=person))


@router.post("/{id}/pause", response_model=JobItem, responses=_CHANGED)
async def pause_job(id: JobId, request: Request, *, services: Services) -> Response:
    """Pause a job. One that a worker holds is shown with the `wish` until the worker lets it go."""
    return await _change(_queue(services).pause, id, request)


@router.post("/{id}/resume", response_model=JobItem, responses=_CHANGED)
async def resume_job(id: JobId, request: Request, *, services: Services) -> Response:
    """Go on with a paused job."""
    return await _change(_queue(services).resume, id, request)


@router.post("/{id}/cancel", response_model=JobItem, responses=_CHANGED)
async def cancel_job(id: JobId, request: Request, *, services: Services) -> Response:
    """End a job. One that a worker holds is shown with the `wish` until the worker lets it go."""
    return await _change(_queue(services).cancel, id, request)


@router.post("/{id}/retry", response_model=JobItem, responses=_CHANGED)
async def retry_job(id: JobId, request: Request, *, services: Services) -> Response:
    """Try a job again that failed, from where it stopped, or was cancelled, from its start; one that waits at once."""
    return await _change(_queue(services).retry, id, request)


async def _change(ask: Callable[..., Awaitable[Job]], id: str, request: Request) -> Response:
    return _one(await ask(id, person=whose_jobs(identity_of(request.scope))))


def _queue(services: HttpServices) -> Queue:
    if services.jobs is None:
        raise RuntimeError("this server has no queue of jobs")
    return services.jobs


def _entries(job: Job) -> Response:
    """Raises JobConflict where nothing can be chosen."""
    found = job_entries(job)
    if found is None:
        raise JobConflict(UNDECIDABLE if job.options.choose else DECIDED)
    return JSONResponse(found.model_dump(), headers=_NO_STORE)


def _one(job: Job, *, status: int = 200) -> Response:
    return JSONResponse(job_item(job).model_dump(), status_code=status, headers=_NO_STORE)
