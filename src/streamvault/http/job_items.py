"""A leech job as the API shows it."""

from typing import Literal

from pydantic import BaseModel, JsonValue

from streamvault.http.items import with_examples
from streamvault.leech.addresses import shown_name
from streamvault.leech.choice import choice_of
from streamvault.leech.model import Job, State

JOB: dict[str, JsonValue] = {
    "id": "5f2c0a9be1d3477a", "source": "https://example.org/garden.mkv", "name": "garden.mkv",
    "state": "transferring", "reason": None, "wish": None, "bytes_done": 367001600, "bytes_total": 734003200,
    "rate": 10485760, "eta": 35, "attempts": 0, "chat_id": -1001234567890, "messages": [], "notes": [],
    "person": 11111111, "as_document": False, "zip": False, "unzip": False, "select": [], "ytdlp": False,
    "choose": False,
    "retry_at": None, "created_at": 1735689600, "updated_at": 1735689635,
}  # fmt: skip

ENTRY: dict[str, JsonValue] = {"number": 1, "name": "The first of the list", "size": None, "picked": True}

StateName = Literal[
    "queued", "reading", "waiting", "transferring", "joining", "done", "failed", "cancelled", "paused"
]  # fmt: skip


class JobMessage(BaseModel):
    """A message that a job has posted."""

    model_config = with_examples({"chat_id": -1001234567890, "message_id": 42})

    chat_id: int
    message_id: int


class JobItem(BaseModel):
    """A job: a file from `source` into the chat `chat_id`. `reason`: why it waits or failed, or what came of a list.
    `wish`: what its worker has been asked for. `rate` in bytes a second; `eta`: seconds that are left, null where
    that is not known; `retry_at`: when a waiting job goes on. `messages`: those with its file, or with its parts in
    their order; `notes`: what should be known of how it was posted. `choose`: it is, or will be, paused until it is
    resumed with the entries that are wanted: see `/api/jobs/{id}/entries`. Times in Unix seconds.
    """

    model_config = with_examples(JOB)

    id: str
    source: str
    name: str
    state: StateName
    reason: str | None
    wish: Literal["pause", "cancel"] | None
    bytes_done: int
    bytes_total: int | None
    rate: int
    eta: int | None
    attempts: int
    chat_id: int
    messages: list[JobMessage]
    notes: list[str]
    person: int | None
    as_document: bool
    zip: bool
    unzip: bool
    select: list[int]
    ytdlp: bool
    choose: bool
    retry_at: int | None
    created_at: int
    updated_at: int


class JobEntry(BaseModel):
    """An entry that can be chosen; `size` in bytes, null where that is not known; `picked`: it is wanted."""

    model_config = with_examples(ENTRY)

    number: int
    name: str
    size: int | None
    picked: bool


class JobEntries(BaseModel):
    """What can be chosen of a job's source; `next_cursor` is always null."""

    model_config = with_examples({"items": [ENTRY], "next_cursor": None})

    items: list[JobEntry]
    next_cursor: str | None = None


class JobItems(BaseModel):
    """Jobs, the latest first."""

    model_config = with_examples({"items": [JOB], "next_cursor": None})

    items: list[JobItem]
    next_cursor: str | None = None


def job_item(job: Job) -> JobItem:
    """What is shown of a job."""
    options = job.options
    posted = [piece.message_id for piece in job.transfer.pieces if piece.message_id is not None]
    return JobItem(
        id=job.id,
        source=_text(job.source),
        name=_text(_name(job)),
        state=job.state.value,
        reason=None if job.reason is None else _text(job.reason),
        wish=job.wish,
        bytes_done=job.bytes_done,
        bytes_total=job.bytes_total,
        rate=round(job.rate),
        eta=_eta(job),
        attempts=job.attempts,
        chat_id=job.chat_id,
        messages=[JobMessage(chat_id=job.chat_id, message_id=id) for id in posted],
        notes=[_text(note) for note in job.transfer.notes],
        person=job.person,
        as_document=options.as_document,
        zip=options.zip,
        unzip=options.unzip,
        select=list(options.select),
        ytdlp=options.ytdlp,
        choose=options.choose,
        retry_at=int(job.due) if job.state is State.WAITING else None,
        created_at=int(job.created),
        updated_at=int(job.updated),
    )


def job_entries(job: Job) -> JobEntries | None:
    """What can be chosen; None where nothing can."""
    entries, picked = choice_of(job), frozenset(job.options.select)
    if entries is None:
        return None
    return JobEntries(
        items=[
            JobEntry(number=one.number, name=_text(one.name), size=one.size, picked=one.number in picked)
            for one in entries
        ]
    )


def _name(job: Job) -> str:
    described = job.transfer.described
    if described is None:
        return job.options.name or shown_name(job.source)
    return job.options.wished_name or described.name


def _text(text: str) -> str:
    """Without surrogates, which a source's name may have and UTF-8 has not."""
    return text.encode(errors="replace").decode()


def _eta(job: Job) -> int | None:
    if job.state is not State.TRANSFERRING or job.bytes_total is None or job.rate <= 0:
        return None
    return round(max(0, job.bytes_total - job.bytes_done) / job.rate)
