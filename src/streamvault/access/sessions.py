"""Web sessions: a browser of a logged-in person, known by a secret in a cookie or an Authorization field.

The value is `ID.SECRET`, with SESSION_PREFIX in front where it is a bearer token. The secret is exchanged once a day;
the one before is accepted until GRACE seconds after the new one was first used, as an answer may get lost.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamvault.access.secrets import digest, is_secret_of, new_id, new_secret
from streamvault.access.store.base import AccessRecords, Record

DAY = 86_400.0
LONGEST = 90 * DAY
"""Seconds after the log-in at which a session ends, however much it is used."""
ROTATION = DAY
"""Seconds after which the secret is exchanged."""
GRACE = 300.0
MAX_SESSIONS = 50
"""Sessions of one person; a log-in beyond ends the oldest one."""
SESSION_PREFIX = "svs_"
_VALUE = re.compile(r"[0-9a-f]{16}\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class WebSession:
    """A session as it is listed; times in Unix seconds. `bearer`: it is no cookie, but a token of a page elsewhere."""

    id: str
    person: int
    browser: str
    address: str
    created: float
    last_used: float | None
    expires: float
    bearer: bool


class WebSessions:
    """`clock` gives Unix seconds. Methods raise CatalogError."""

    def __init__(self, records: AccessRecords, *, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock

    async def begin(self, person: int, *, browser: str, address: str, bearer: bool = False) -> str:
        """The value of a new session's cookie, or its bearer token."""
        id, secret, now = new_id(), new_secret(), self._clock()
        value = {"hash": digest(secret), "made": now, "browser": browser[:200], "address": address, "bearer": bearer}
        await self._make_room(person)
        await self._records.add(Record("session", id, now, value, person=person, expires=now + LONGEST))
        return f"{SESSION_PREFIX if bearer else ''}{id}.{secret}"

    async def _make_room(self, person: int) -> None:
        held = await self._records.listed("session", person=person, limit=2 * MAX_SESSIONS)
        for old in held[MAX_SESSIONS - 1 :]:
            await self._records.delete("session", old.id)

    async def read(self, id: str) -> Record | None:
        """The record of a session that has not ended."""
        record = await self._records.get("session", id)
        if record is None or record.person is None or (record.expires or 0) <= self._clock():
            return None
        return record

    def is_due(self, record: Record, secret: str) -> bool:
        """Whether `rotated` has something to do for the browser with this secret."""
        value = record.value
        if value.get("bearer"):
            return False
        is_old = self._clock() - float(value["made"]) >= ROTATION
        if is_secret_of(secret, value.get("previous")):
            return is_old and not value.get("ends")
        return is_old or _awaits_end(value)

    async def rotated(self, record: Record, secret: str) -> str | None:
        """A new cookie value where it is time for one and `secret` is that of the browser; None otherwise."""
        value, now = record.value, self._clock()
        if not self.is_due(record, secret):
            return None
        if _awaits_end(value) and not is_secret_of(secret, value.get("previous")):
            # the new secret is in use: the one before ends soon
            await self._records.change("session", record.id, before=value, after={**value, "ends": now + GRACE})
            return None
        fresh = new_secret()
        # the previous one after a whole day: the answer with the present one was lost
        after: dict[str, Any] = {**value, "hash": digest(fresh), "made": now, "previous": digest(secret)}
        after.pop("ends", None)
        if await self._records.change("session", record.id, before=value, after=after):
            return f"{record.id}.{fresh}"
        return None

    def accepts(self, value: Mapping[str, Any], secret: str) -> bool:
        """Whether `secret` is that of the session, or the one before while that is accepted."""
        if is_secret_of(secret, value.get("hash")):
            return True
        ends = value.get("ends")
        return (ends is None or self._clock() < float(ends)) and is_secret_of(secret, value.get("previous"))

    async def listed(self, person: int) -> list[WebSession]:
        """The sessions of a person that have not ended, the latest first."""
        now = self._clock()
        rows: Sequence[Record] = await self._records.listed("session", person=person, limit=2 * MAX_SESSIONS)
        return [_session(row) for row in rows if (row.expires or 0) > now]

    async def end(self, person: int, id: str) -> bool:
        """End a session of this person; whether there was one."""
        record = await self._records.get("session", id)
        return record is not None and record.person == person and await self._records.delete("session", id)


def parse(value: str | None) -> tuple[str, str] | None:
    """(id, secret) of a cookie's value or a bearer token; None for anything else."""
    plain = (value or "").removeprefix(SESSION_PREFIX)
    if _VALUE.fullmatch(plain) is None:
        return None
    return plain[:16], plain[17:]


def _awaits_end(value: Mapping[str, Any]) -> bool:
    """Whether the secret before the present one is accepted without an end, as the present one was not seen yet."""
    return bool(value.get("previous")) and not value.get("ends")


def _session(row: Record) -> WebSession:
    value = row.value
    return WebSession(
        id=row.id,
        person=row.person or 0,
        browser=str(value.get("browser", "")),
        address=str(value.get("address", "")),
        created=row.created,
        last_used=row.last_used,
        expires=row.expires or 0.0,
        bearer=bool(value.get("bearer")),
    )
