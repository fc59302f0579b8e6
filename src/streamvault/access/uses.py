"""Counts how often sessions, tokens and links are used, and writes it to their records now and then."""

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable

from streamvault.access.identity import Identity
from streamvault.access.store.base import AccessRecords, Kind
from streamvault.errors import CatalogError

log = logging.getLogger(__name__)

INTERVAL = 30.0
"""Seconds between two writes."""
AT_ONCE = 500
"""Credentials of one write."""
MOST = 10_000
"""Credentials whose uses are counted between two writes."""


class Uses:
    """`clock` gives Unix seconds."""

    def __init__(self, records: AccessRecords, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock
        self._counted: dict[tuple[Kind, str], int] = {}

    def add(self, identity: Identity) -> None:
        """Count one more use of the credential of a request."""
        if identity.via not in ("session", "token", "link") or not identity.credential:
            return
        key: tuple[Kind, str] = (identity.via, identity.credential)
        if key in self._counted or len(self._counted) < MOST:
            self._counted[key] = self._counted.get(key, 0) + 1

    async def run(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Write what was counted, until cancelled."""
        while True:
            await sleep(INTERVAL)
            try:
                await self.write()
            except CatalogError as error:
                log.debug("the uses of credentials cannot be written now: %s", error)

    async def write(self) -> None:
        """Add what was counted to the records. Raises CatalogError; what was not written is counted on."""
        now = self._clock()
        while self._counted:
            some = dict(itertools.islice(self._counted.items(), AT_ONCE))
            await self._records.count_uses(some, last_used=now)
            for key, uses in some.items():
                left = self._counted.pop(key) - uses
                if left:
                    self._counted[key] = left
