"""The interface of stored feeds: whole feeds, changed by compare-and-set."""

from collections.abc import Sequence
from typing import Protocol

from streamvault.leech.feeds.model import Feed

MAX_FEEDS = 1000
"""Feeds that one call gives."""


class FeedStore(Protocol):
    """Every method raises CatalogError when the database fails, or cannot hold a value. What has been written survives
    a power cut.
    """

    async def add(self, feed: Feed) -> bool:
        """Insert a feed as version 1, whatever its own is; False where there is one with its id."""
        ...

    async def get(self, id: str) -> Feed | None:
        """The feed, or None."""
        ...

    async def replace(self, feed: Feed) -> bool:
        """Write all of a feed if the stored one still has its version, which grows by one; whether it was written.
        `id` and `created` stay what they were.
        """
        ...

    async def delete(self, id: str) -> bool:
        """Delete a feed, whoever holds it; whether it was there."""
        ...

    async def due(self, now: float, *, limit: int) -> Sequence[str]:
        """The ids of up to `limit` (at most MAX_FEEDS) feeds that may be taken up: active, `due` not after `now`,
        without a lease or with one that ended by `now`; those that are due longest first.
        """
        ...

    async def listed(self, *, person: int | None = None) -> Sequence[Feed]:
        """Up to MAX_FEEDS feeds of a person (None: of all), the latest created first."""
        ...

    async def same(self, fingerprint: str) -> Sequence[Feed]:
        """The feeds with this fingerprint, the latest first, up to MAX_FEEDS."""
        ...

    async def count(self, person: int | None = None) -> int:
        """How many feeds a person (None: all people and nobody) has."""
        ...
