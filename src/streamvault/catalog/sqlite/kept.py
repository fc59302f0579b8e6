"""What was read of lists is kept until the catalog changes, and read once for all who ask for it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from streamvault.catalog.base import CatalogQuery

MOST_LISTS = 64
MOST_BYTES = 8_000_000
"""Of all lists that are kept, together with their queries."""
_TEXT = 100
"""Bytes of a short text in a set."""

V = TypeVar("V")


@dataclass(slots=True)
class _Flight:
    task: asyncio.Task[Any]
    waiting: int = 0


class KeptLists(Generic[V]):
    """At most MOST_LISTS, those that were asked for last."""

    def __init__(self, size: Callable[[V], int]) -> None:
        """`size`: the bytes of a list, 0 for one that is not worth keeping."""
        self._size = size
        self._revision = -1
        self._kept: dict[CatalogQuery, tuple[V, int]] = {}
        self._bytes = 0
        self._flights: dict[tuple[int, CatalogQuery], _Flight] = {}

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """The bytes of all that is kept."""
        return self._bytes

    async def get(self, revision: int, query: CatalogQuery, read: Callable[[], Awaitable[V]]) -> V:
        """The list of `query` at this revision of the catalog; `read` gives it where it is not kept."""
        if revision != self._revision:
            self._kept.clear()
            self._revision, self._bytes = revision, 0
        if query in self._kept:
            kept = self._kept[query] = self._kept.pop(query)  # the last one to go
            return kept[0]
        found = await self._once((revision, query), read)
        if revision == self._revision and query not in self._kept:
            self._keep(query, found)
        return found

    def _keep(self, query: CatalogQuery, found: V) -> None:
        own = self._size(found)
        size = own + _TEXT * (1 + len(query.without) + len(query.chat_ids or ()))
        if not own or size > MOST_BYTES:
            return
        self._kept[query] = found, size
        self._bytes += size
        while self._bytes > MOST_BYTES or len(self._kept) > MOST_LISTS:
            _, dropped = self._kept.pop(next(iter(self._kept)))
            self._bytes -= dropped

    async def _once(self, key: tuple[int, CatalogQuery], read: Callable[[], Awaitable[V]]) -> V:
        """The result of `read`, or of the one that is under way; it is cancelled once nobody waits for it."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(_await(read)))
        flight.waiting += 1
        try:
            await asyncio.wait((flight.task,))
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
            if self._flights.get(key) is flight and (flight.task.done() or not flight.waiting):
                del self._flights[key]
        result: V = flight.task.result()
        return result


async def _await(read: Callable[[], Awaitable[V]]) -> V:
    return await read()
