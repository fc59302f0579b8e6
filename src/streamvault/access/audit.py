"""What people did: log-ins, links, refusals, deletions. Kept in the database, the latest of them (store/housekeeping).

Events are written in the background, so that no request waits for it; at most WAITING of them wait.
"""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from streamvault.access.store.base import AccessRecords, Record
from streamvault.errors import CatalogError

log = logging.getLogger(__name__)

What = Literal[
    "login", "logout", "login refused", "session ended", "invited", "changed", "removed", "token made",
    "token revoked", "link made", "link revoked", "refused often", "deleted", "leeched", "mirrored", "served",
    "feed added", "feed removed", "played",
]  # fmt: skip
WAITING = 1_000
PAUSE = 5.0
"""Seconds between tries while the database does not answer."""


@dataclass(frozen=True, slots=True)
class Event:
    """`person` did `what` to `detail`, from `address`; `at` in Unix seconds."""

    id: str
    at: float
    what: str
    person: int | None
    detail: str
    address: str


class Audit:
    """`clock` gives Unix seconds; `sleep` waits between tries."""

    def __init__(
        self, records: AccessRecords, *, clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._records = records
        self._clock = clock
        self._sleep = sleep
        self._waiting: deque[Record] = deque()
        self._added = asyncio.Event()
        self._dropped = 0

    def note(self, what: What, *, person: int | None = None, detail: str = "", address: str = "") -> None:
        """Have an event stored."""
        if len(self._waiting) >= WAITING:
            self._dropped += 1
            return
        now = self._clock()
        value = {"what": what, "detail": detail[:300], "address": address[:64]}
        self._waiting.append(
            Record("audit", f"{int(now * 1000):013x}{secrets.randbits(48):012x}", now, value, person=person)
        )
        self._added.set()

    async def run(self) -> None:
        """Store events until cancelled."""
        while True:
            await self._added.wait()
            self._added.clear()
            while not await self.flush():
                await self._sleep(PAUSE)

    async def flush(self) -> bool:
        """Store what waits; False if the database does not answer."""
        try:
            while self._waiting:
                await self._records.add(self._waiting[0])
                self._waiting.popleft()
        except CatalogError as error:
            log.debug("the audit cannot be written now: %s", error)
            return False
        if self._dropped:
            log.warning("%d events of the audit were lost while the database did not answer", self._dropped)
            self._dropped = 0
        return True

    async def listed(self, *, limit: int, after: str | None = None) -> list[Event]:
        """The events that are stored, the latest first. Raises CatalogError."""
        return [_event(row) for row in await self._records.listed("audit", limit=limit, after=after)]


def _event(row: Record) -> Event:
    value = row.value
    return Event(
        row.id, row.created, str(value.get("what", "")), row.person, str(value.get("detail", "")),
        str(value.get("address", "")),
    )  # fmt: skip
