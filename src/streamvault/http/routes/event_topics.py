"""What each topic of `/api/events` tells, and to whom: the present state, and changes of it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import cast

from streamvault.access.identity import Identity, Right
from streamvault.health.conditions import Condition as Present
from streamvault.http.active_streams import ActiveStream
from streamvault.http.dependencies import HttpServices
from streamvault.http.event_hub import Topic
from streamvault.http.event_source import Body
from streamvault.http.job_changes import JobChange, JobChanges
from streamvault.http.job_items import job_item
from streamvault.http.leech_chats import whose_jobs
from streamvault.http.middleware.readiness import without_names
from streamvault.http.routes.indexing import WalkTeller
from streamvault.http.routes.stats import Condition, DataCentre
from streamvault.http.voice_changes import CallChanges
from streamvault.http.voice_items import call_item
from streamvault.indexing.stored import Stored, together
from streamvault.leech.model import ENDED, State
from streamvault.media.model import Origin
from streamvault.voice.model import Call

MOST_NAMED = 200
"""Messages of each kind in one event of the catalog; of more it says that there are more."""

MOST_VIEWERS = 100

MOST_JOBS = 100
"""Jobs that have not ended, and others, of which the present state tells."""
OPEN = frozenset(State) - ENDED

_NEEDS: Mapping[Topic, frozenset[Right]] = {
    "jobs": frozenset({"leech"}),
    "index": frozenset({"index", "read"}),
    "voice": frozenset({"voice"}),
    "catalog": frozenset({"read"}),
    "accounts": frozenset({"index", "read"}),
    "streams": frozenset({"people"}),
}


def refused(topics: Iterable[Topic], who: Identity) -> list[Topic]:
    """Those of the topics that `who` may not see: each needs one of its rights; streams are told to owners only."""
    return [topic for topic in topics if not _NEEDS[topic] & who.can or (topic == "streams" and who.role != "owner")]


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The state of the accounts: what cannot be done, and figures of each at each data centre."""

    conditions: tuple[Present, ...]
    figures: tuple[DataCentre, ...]


@dataclass(frozen=True, slots=True)
class _Streams:
    """The number of streams that are being sent, bytes sent since the start, and the streams, the oldest first."""

    active: int
    bytes: int
    viewers: tuple[ActiveStream, ...]


class Topics:
    """The topics of one server as one caller may see them."""

    def __init__(self, services: HttpServices, who: Identity) -> None:
        self._services = services
        self._who = who
        self._walks = WalkTeller(services.walks, who.chats)
        self._snapshots: dict[Topic, Callable[[], Awaitable[Body]]] = {
            "jobs": self._jobs,
            "index": partial(self._walks.snapshot, "index"),
            "catalog": self._catalog,
            "accounts": self._accounts,
            "streams": self._streams,
            "voice": self._voice,
        }

    async def snapshot(self, topic: Topic) -> Body:
        """The present state of a topic. Raises CatalogError."""
        return await self._snapshots[topic]()

    async def change(self, topic: Topic, changes: Sequence[object]) -> Body | None:
        """Changes as one; None where the caller may see nothing of them. Raises CatalogError."""
        if topic == "index":
            return await self._walks.change(topic, changes)
        if topic == "jobs":
            return _theirs(cast(Sequence[JobChange], changes), whose_jobs(self._who))
        if topic == "catalog":
            stored = together(cast(Sequence[Stored], changes))
            theirs = stored.chats if self._who.chats is None else stored.chats & self._who.chats
            return _named(stored, await self._chats(), more=stored.more or bool(theirs))
        if topic == "voice":
            latest = {call.chat_id: call for call in cast(Sequence[Call], changes)}
            return {"calls": [call_item(call).model_dump() for call in latest.values()]}
        if topic == "accounts":
            return self._accounts_body(cast(_Accounts, changes[-1]))
        return _streams_body(cast(_Streams, changes[-1]))

    async def _jobs(self) -> Body:
        """Those that have not ended, and the latest."""
        queue, whose = self._services.jobs, whose_jobs(self._who)
        if queue is None:
            return {"jobs": []}
        pages = [await queue.listed(person=whose, states=OPEN, limit=MOST_JOBS)]
        pages.append(await queue.listed(person=whose, limit=MOST_JOBS))
        found = {job.id: job for page in pages for job in page}
        ordered = sorted(found.values(), key=lambda job: job.created, reverse=True)
        return {"jobs": [job_item(job).model_dump() for job in ordered]}

    async def _voice(self) -> Body:
        """The calls in which something plays, waits or failed."""
        calls = self._services.calls
        return {"calls": [] if calls is None else [call_item(one).model_dump() for one in await calls.listed()]}

    async def _catalog(self) -> Body:
        counts = await self._services.catalog.counts(await self._chats())
        return {"files": counts.files, "bytes": counts.bytes}

    async def _accounts(self) -> Body:
        return self._accounts_body(_accounts(self._services))

    async def _streams(self) -> Body:
        return _streams_body(_streams(self._services))

    async def _chats(self) -> frozenset[int]:
        ours = await self._services.finder.our_chats()
        return ours if self._who.chats is None else ours & self._who.chats

    def _accounts_body(self, state: _Accounts) -> Body:
        named = "index" in self._who.can
        conditions = state.conditions if named else without_names(state.conditions)
        return {
            "conditions": [Condition.model_validate(one).model_dump() for one in conditions],
            "accounts": [one.model_dump() for one in state.figures] if named else [],
        }


def _theirs(changes: Sequence[JobChange], whose: int | None) -> Body | None:
    latest = {change.item.id: change.item for change in changes if whose in (None, change.person)}
    return {"jobs": [item.model_dump() for item in latest.values()]} if latest else None


def _named(stored: Stored, chats: frozenset[int], *, more: bool) -> Body | None:
    kinds = {"added": stored.added, "changed": stored.changed, "removed": stored.removed}
    here = {kind: sorted(_within(origins, chats), key=_place) for kind, origins in kinds.items()}
    if not more and not any(here.values()):
        return None
    body: Body = {kind: [_message(one) for one in origins[:MOST_NAMED]] for kind, origins in here.items()}
    return body | {"more": more or any(len(origins) > MOST_NAMED for origins in here.values())}


def _within(origins: Iterable[Origin], chats: frozenset[int]) -> list[Origin]:
    return [one for one in origins if one.chat_id in chats]


def _place(origin: Origin) -> tuple[int, int]:
    return origin.chat_id, origin.message_id


def _message(origin: Origin) -> Body:
    return {"chat_id": origin.chat_id, "message_id": origin.message_id}


def _accounts(services: HttpServices) -> _Accounts:
    figures = tuple(DataCentre.model_validate(one) for one in services.telegram())
    return _Accounts(services.readiness.conditions.present, figures)


def _streams(services: HttpServices) -> _Streams:
    present = services.active_streams.present
    viewers = tuple(replace(one) for one in present[:MOST_VIEWERS])  # they go on counting
    return _Streams(len(present), services.metrics.bytes_sent, viewers)


def look_at_states(services: HttpServices) -> None:
    """Have the hub look at what nothing tells of."""
    services.events.look_at("accounts", partial(_accounts, services))
    services.events.look_at("streams", partial(_streams, services))
    if services.jobs is not None:
        changes = JobChanges(services.jobs, services.events)
        services.jobs.on_change = changes.tell
        services.events.look_at("jobs", changes.look)
    if services.calls is not None:
        calls = CallChanges(services.calls, services.events)
        services.calls.on_change = calls.tell
        services.events.look_at("voice", calls.look)


def _streams_body(state: _Streams) -> Body:
    return {"active": state.active, "bytes": state.bytes, "viewers": [asdict(one) for one in state.viewers]}
