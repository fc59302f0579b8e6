"""Room for one more log-in that waits: the oldest ones give way, so that nobody keeps others from logging in.

An address has so many at a time. Where all of them in all are taken, the address with most of them loses its oldest.
"""

from collections import Counter

from streamvault.access.store.base import MAX_LISTED, AccessRecords, Record

MOST_WAITING, MOST_OF_ADDRESS = 500, 10


class LoginRoom:
    """Ends log-ins over `records` that began `seconds` ago or less and have no answer yet. Raises CatalogError."""

    def __init__(self, records: AccessRecords, *, seconds: float) -> None:
        self._records = records
        self._seconds = seconds

    async def for_address(self, address: str, now: float) -> None:
        """Have less than MOST_OF_ADDRESS of this address wait."""
        own = [record for record in await self._waiting(now) if record.value.get("counted") == address]
        for record in own[MOST_OF_ADDRESS - 1 :]:
            await self._records.delete("login", record.id)

    async def for_anybody(self, now: float) -> bool:
        """End the oldest one of the address with most; whether there was one."""
        waiting = await self._waiting(now)
        counts = Counter(record.value.get("counted") for record in waiting)
        most = max(counts.values(), default=0)
        for record in reversed(waiting):
            if counts[record.value.get("counted")] == most:
                return await self._records.delete("login", record.id)
        return False

    async def _waiting(self, now: float) -> list[Record]:
        """Those that wait, the latest first."""
        found: list[Record] = []
        after: str | None = None
        while page := await self._records.listed("login", limit=MAX_LISTED, after=after):
            found += [record for record in page if self._waits(record, now)]
            if len(page) < MAX_LISTED:
                break
            after = page[-1].id
        return found

    def _waits(self, record: Record, now: float) -> bool:
        return record.value.get("state") == "waiting" and now < record.created + self._seconds
