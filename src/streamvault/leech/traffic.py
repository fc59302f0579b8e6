"""How many bytes a worker has read from sources and sent to Telegram, for the metrics of a server.

The worker adds them to the database from time to time, where they outlive it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, NoReturn, Protocol, get_args

from streamvault.errors import CatalogError

log = logging.getLogger(__name__)

Direction = Literal["download", "upload"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
COUNTER, WINDOW = "leech_bytes", 0
"""Under which the database counts them, without an end."""
EVERY = 5.0
"""Seconds between two writes."""


class Totals(Protocol):
    """The part of the counters in the database that is used here."""

    async def add(self, counter: str, window: int, counts: Mapping[str, int]) -> dict[str, int]:
        """See access.usage.UsageStore."""
        ...


class Traffic:
    """The bytes of one process that are not in the database yet."""

    def __init__(self) -> None:
        self._new = Counter[str]()

    def downloaded(self, size: int) -> None:
        """So many bytes came from a source."""
        self._new["download"] += size

    def uploaded(self, size: int) -> None:
        """Telegram has taken so many bytes."""
        self._new["upload"] += size

    async def run(self, totals: Totals, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> NoReturn:
        """Store what is new until cancelled; while the database does not answer, the next time makes up for it."""
        while True:
            await sleep(EVERY)
            try:
                await self.store(totals)
            except CatalogError as error:
                log.debug("how much was transferred is not counted yet: %s", error)

    async def store(self, totals: Totals) -> None:
        """Add what is new. Raises CatalogError."""
        new, self._new = self._new, Counter()
        try:
            if new:
                await totals.add(COUNTER, WINDOW, new)
        except CatalogError:
            self._new += new
            raise
