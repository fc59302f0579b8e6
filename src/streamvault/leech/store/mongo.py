"""The jobs in MongoDB: one collection, whose documents are changed one at a time and without transactions.

Updates are filtered by plain values only; see access/store/mongo.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from streamvault.leech.model import ENDED, Job, State
from streamvault.leech.store.base import MAX_DUE, MAX_LISTED, MAX_SAME, DueJob, HeldJob
from streamvault.leech.store.codec import id_of, job_of, key_of, text_of
from streamvault.storage.mongo_store import MongoStore

VERSION = 1
INDEXES = [
    IndexModel([("created", -1), ("id", -1)], name="by_time"),
    IndexModel([("person", 1), ("created", -1), ("id", -1)], name="by_person"),
    IndexModel([("state", 1), ("updated", 1)], name="by_state"),
    IndexModel([("updated", 1), ("id", 1)], name="by_change"),
    IndexModel([("fingerprint", 1), ("created", -1)], name="by_source"),
    IndexModel([("held_until", 1)], name="by_lease"),
]
_WHOLE = {"value": 1, "version": 1}
_LATEST_FIRST = [("created", -1), ("id", -1)]
_OPEN = [state.value for state in State if state not in ENDED]
_WAITING = [state for state in _OPEN if state != State.PAUSED]
_SAME = [state.value for state in State if state not in (State.FAILED, State.CANCELLED)]
_NOBODY = 0
"""Stored instead of null, which nx-27017 (the server of the tests) neither lists among distinct values nor finds."""
MAX_PEOPLE = 200
"""People whose jobs one call of `due` reads by themselves."""
_Document = dict[str, Any]


class MongoJobs(MongoStore):
    """The JobStore in a MongoDatabase; an async context manager that creates its indexes."""

    component, what, version = "leech", "the leech jobs", VERSION
    indexes: ClassVar = {"jobs": INDEXES}
    collection = "jobs"

    async def add(self, job: Job) -> bool:
        """See JobStore."""
        key = key_of(job.id)
        document = {"_id": key, "id": key, "created": float(job.created), "version": 1, **_values(job)}
        return await self._insert(document)

    async def get(self, id: str) -> Job | None:
        """See JobStore."""
        row = await self._server.run(self._in.find_one({"_id": key_of(id)}, _WHOLE))
        return None if row is None else _job(row)

    async def replace(self, job: Job) -> bool:
        """See JobStore."""
        same = {"_id": key_of(job.id), "version": job.version, "created": float(job.created)}
        change = {"$set": {**_values(job), "version": job.version + 1}}
        return bool((await self._server.run(self._in.update_one(same, change))).matched_count)

    async def due(self, now: float, *, each: int) -> Sequence[DueJob]:
        """See JobStore. Where more than MAX_DUE jobs are due, those of some people are read, of others next time."""
        if each < 1:  # 0 would be no limit
            return ()
        free = {"state": {"$in": _WAITING}, "due": {"$lte": now}, "held_until": {"$lte": now}}

        async def read() -> list[_Document]:
            rows = await self._first_due(free, MAX_DUE)
            if len(rows) < MAX_DUE:
                return rows
            people = sorted(await self._in.distinct("person", free))
            begin = int(now) % max(1, len(people))
            some = [*people[begin:], *people[:begin]][:MAX_PEOPLE]
            pages = await asyncio.gather(*(self._first_due({**free, "person": person}, each) for person in some))
            return sorted((row for page in pages for row in page), key=_due_place)

        found, seen = list[DueJob](), Counter[int]()
        for row in await self._server.run(read()):
            seen[row["person"]] += 1
            if seen[row["person"]] <= each:
                found.append(DueJob(id_of(row["id"]), row["person"] or None, row["priority"], row["created"]))
        return found[:MAX_DUE]

    async def _first_due(self, wanted: _Document, limit: int) -> list[_Document]:
        shown = {"id": 1, "person": 1, "priority": 1, "created": 1}
        order = [("priority", -1), ("created", 1), ("id", 1)]
        found: list[_Document] = await self._in.find(wanted, shown).sort(order).limit(limit).to_list(limit)
        return found

    async def held(self, now: float) -> Sequence[HeldJob]:
        """See JobStore."""
        found = self._in.find({"held_until": {"$gt": now}}, {"id": 1, "person": 1}).sort("id", 1).limit(MAX_DUE)
        rows = await self._server.run(found.to_list(MAX_DUE))
        return [HeldJob(id_of(row["id"]), row["person"] or None) for row in rows]

    async def listed(
        self,
        *,
        person: int | None = None,
        states: Collection[State] | None = None,
        limit: int,
        after: str | None = None,
    ) -> Sequence[Job]:
        """See JobStore."""
        wanted: _Document = {} if person is None else {"person": person}
        if states is not None:
            wanted["state"] = {"$in": [state.value for state in states]}
        limit = min(limit, MAX_LISTED)
        if limit < 1:  # 0 would be no limit
            return ()

        async def read() -> list[_Document]:
            last = None if after is None else await self._in.find_one({"_id": key_of(after)}, {"created": 1, "id": 1})
            behind = {} if last is None else _behind(last)
            found: list[_Document] = (
                await self._in.find({**wanted, **behind}, _WHOLE).sort(_LATEST_FIRST).limit(limit).to_list(limit)
            )
            return found

        return [_job(row) for row in await self._server.run(read())]

    async def changed(self, since: float, *, limit: int) -> Sequence[Job]:
        """See JobStore."""
        return await self._found({"updated": {"$gte": since}}, [("updated", 1), ("id", 1)], min(limit, MAX_LISTED))

    async def same(self, fingerprint: str) -> Sequence[Job]:
        """See JobStore."""
        same = {"fingerprint": key_of(fingerprint), "state": {"$in": _SAME}}
        return await self._found(same, [("created", -1)], MAX_SAME)

    async def open_by(self, person: int | None) -> int:
        """See JobStore."""
        mine = {"person": _stored(person), "state": {"$in": _OPEN}}
        return int(await self._server.run(self._in.count_documents(mine)))

    async def counts(self) -> Mapping[State, int]:
        """See JobStore."""

        async def read() -> dict[State, int]:
            return {state: int(await self._in.count_documents({"state": state.value})) for state in State}

        return {state: count for state, count in (await self._server.run(read())).items() if count}

    async def delete_ended(self, before: float, *, limit: int) -> int:
        """See JobStore."""
        if limit < 1:  # 0 would be no limit
            return 0
        ended = {"state": {"$in": [state.value for state in ENDED]}, "updated": {"$lt": before}}

        async def delete() -> int:
            rows = await self._in.find(ended, {"version": 1}).limit(limit).to_list(limit)
            deleted = 0
            for row in rows:  # a retry may come between
                deleted += int((await self._in.delete_one(row)).deleted_count)
            return deleted

        return await self._server.run(delete())

    async def _found(self, wanted: _Document, order: list[tuple[str, int]], limit: int) -> Sequence[Job]:
        if limit < 1:  # 0 would be no limit
            return ()
        found = self._in.find(wanted, _WHOLE).sort(order).limit(limit)
        return [_job(row) for row in await self._server.run(found.to_list(limit))]


def _stored(person: int | None) -> int:
    return _NOBODY if person is None else person


def _values(job: Job) -> _Document:
    """What `replace` replaces. A job without a lease has one that ended in 1970."""
    lease = job.lease
    return {
        "state": job.state.value,
        "person": _stored(job.person),
        "fingerprint": key_of(job.fingerprint),
        "priority": job.priority,
        "due": float(job.due),
        "held_until": 0.0 if lease is None else float(lease.until),
        "updated": float(job.updated),
        "value": text_of(job),
    }


def _due_place(row: _Document) -> tuple[float, float, str]:
    return -row["priority"], row["created"], row["id"]


def _behind(row: _Document) -> _Document:
    """The filter for the documents behind this one in _LATEST_FIRST."""
    created = row["created"]
    return {"$or": [{"created": {"$lt": created}}, {"created": created, "id": {"$lt": row["id"]}}]}


def _job(row: _Document) -> Job:
    return job_of(row["value"], row["version"])
