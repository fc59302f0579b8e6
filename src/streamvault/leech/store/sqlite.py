"""The jobs in the catalog's SQLite file, in a table and schema versions of their own."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from streamvault.leech.model import ENDED, Job, State
from streamvault.leech.store.base import MAX_DUE, MAX_LISTED, MAX_SAME, DueJob, HeldJob
from streamvault.leech.store.codec import id_of, job_of, key_of, text_of
from streamvault.storage.sqlite import Row, SqliteDatabase
from streamvault.storage.sqlite_store import SqliteStore

_FIRST = (
    """
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        person INTEGER,
        fingerprint TEXT NOT NULL,
        state TEXT NOT NULL,
        priority INTEGER NOT NULL,
        due REAL NOT NULL,
        held_until REAL,
        updated REAL NOT NULL,
        version INTEGER NOT NULL,
        value TEXT NOT NULL
    )
    """,
    "CREATE INDEX jobs_by_time ON jobs (created, id)",
    "CREATE INDEX jobs_by_person ON jobs (person, created, id)",
    "CREATE INDEX jobs_by_state ON jobs (state, updated)",
    "CREATE INDEX jobs_by_change ON jobs (updated, id)",
    "CREATE INDEX jobs_by_source ON jobs (fingerprint, created)",
    "CREATE INDEX jobs_held ON jobs (held_until) WHERE held_until IS NOT NULL",
)
MIGRATIONS = (_FIRST,)

_COLUMNS = "state, person, fingerprint, priority, due, held_until, updated, value"
_OPEN = [state for state in State if state not in ENDED]
_WAITING = [state for state in _OPEN if state is not State.PAUSED]
_SAME = [state for state in State if state not in (State.FAILED, State.CANCELLED)]


class SqliteJobs(SqliteStore):
    """The JobStore in the file at `path`; an async context manager that opens and closes it. Changes survive a power
    cut: what was posted must not be posted again.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(SqliteDatabase(path, MIGRATIONS, component="leech", durable=True, readers=1))

    async def add(self, job: Job) -> bool:
        """See JobStore."""
        insert = (
            f"INSERT INTO jobs (id, created, version, {_COLUMNS}) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING"
        )
        return await self._count(insert, (key_of(job.id), job.created, *_values(job))) > 0

    async def get(self, id: str) -> Job | None:
        """See JobStore."""
        rows = await self._database.read("SELECT value, version FROM jobs WHERE id = ?", (key_of(id),))
        return job_of(*rows[0]) if rows else None

    async def replace(self, job: Job) -> bool:
        """See JobStore."""
        update = (
            f"UPDATE jobs SET version = version + 1, ({_COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?) "
            "WHERE id = ? AND version = ? AND created = ?"
        )
        return await self._count(update, (*_values(job), key_of(job.id), job.version, job.created)) > 0

    async def due(self, now: float, *, each: int) -> Sequence[DueJob]:
        """See JobStore."""
        order = "priority DESC, created, id"
        numbered = (
            f"SELECT id, person, priority, created, row_number() OVER (PARTITION BY person ORDER BY {order}) AS number "
            "FROM jobs WHERE state IN (SELECT value FROM json_each(?1)) AND due <= ?2 "
            "AND (held_until IS NULL OR held_until <= ?2)"
        )
        found = await self._database.read(
            f"SELECT id, person, priority, created FROM ({numbered}) WHERE number <= ?3 ORDER BY {order} LIMIT ?4",
            (json.dumps(_WAITING), now, each, MAX_DUE),
        )
        return [DueJob(id_of(key), *others) for key, *others in found]

    async def held(self, now: float) -> Sequence[HeldJob]:
        """See JobStore."""
        found = await self._database.read(
            "SELECT id, person FROM jobs WHERE held_until > ? ORDER BY id LIMIT ?",
            (now, MAX_DUE),
        )
        return [HeldJob(id_of(key), person) for key, person in found]

    async def listed(
        self,
        *,
        person: int | None = None,
        states: Collection[State] | None = None,
        limit: int,
        after: str | None = None,
    ) -> Sequence[Job]:
        """See JobStore."""
        wanted, parameters = ["1"], list[object]()
        if person is not None:
            wanted.append("person = ?")
            parameters.append(person)
        if states is not None:
            wanted.append("state IN (SELECT value FROM json_each(?))")
            parameters.append(json.dumps(list(states)))
        last = () if after is None else await self._place(after)
        if last:
            wanted.append("(created, id) < (?, ?)")
            parameters += last
        found = await self._database.read(
            f"SELECT value, version FROM jobs WHERE {' AND '.join(wanted)} ORDER BY created DESC, id DESC LIMIT ?",
            (*parameters, max(0, min(limit, MAX_LISTED))),
        )
        return [job_of(*row) for row in found]

    async def changed(self, since: float, *, limit: int) -> Sequence[Job]:
        """See JobStore."""
        found = await self._database.read(
            "SELECT value, version FROM jobs WHERE updated >= ? ORDER BY updated, id LIMIT ?",
            (since, max(0, min(limit, MAX_LISTED))),
        )
        return [job_of(*row) for row in found]

    async def same(self, fingerprint: str) -> Sequence[Job]:
        """See JobStore."""
        found = await self._database.read(
            "SELECT value, version FROM jobs WHERE fingerprint = ? AND state IN (SELECT value FROM json_each(?)) "
            "ORDER BY created DESC LIMIT ?",
            (key_of(fingerprint), json.dumps(_SAME), MAX_SAME),
        )
        return [job_of(*row) for row in found]

    async def open_by(self, person: int | None) -> int:
        """See JobStore."""
        count = "SELECT count(*) FROM jobs WHERE person IS ? AND state IN (SELECT value FROM json_each(?))"
        return int((await self._database.read(count, (person, json.dumps(_OPEN))))[0][0])

    async def counts(self) -> Mapping[State, int]:
        """See JobStore."""
        found = await self._database.read("SELECT state, count(*) FROM jobs GROUP BY state LIMIT 100")
        return {State(state): count for state, count in found}

    async def delete_ended(self, before: float, *, limit: int) -> int:
        """See JobStore."""
        ended = "state IN (SELECT value FROM json_each(?)) AND updated < ?"
        return await self._count(
            f"DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE {ended} LIMIT ?)",
            (json.dumps(list(ENDED)), before, max(0, limit)),
        )

    async def _place(self, id: str) -> Row:
        rows = await self._database.read("SELECT created, id FROM jobs WHERE id = ?", (key_of(id),))
        return rows[0] if rows else ()


def _values(job: Job) -> tuple[object, ...]:
    """The values of _COLUMNS."""
    lease = job.lease
    return (
        job.state, job.person, key_of(job.fingerprint), job.priority, job.due, lease and lease.until,
        job.updated, text_of(job),
    )  # fmt: skip
