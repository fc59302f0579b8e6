"""The file connections of one account, by data centre, and what is counted of them."""

import asyncio

from streamvault.telegram.accounts.media.session import MediaSession, MediaSessionHost
from streamvault.telegram.accounts.media.stats import RequestStats
from streamvault.telegram.config import TelegramMetrics


class MediaSessions:
    """A pool for each data centre that was asked for; counts outlive the pools."""

    def __init__(self, host: MediaSessionHost, name: str, metrics: TelegramMetrics, *, limit: int) -> None:
        """`name` is the account's; `limit` is how many connections there may be to each data centre."""
        self._host, self._name, self._metrics, self._limit = host, name, metrics, limit
        self._pools: dict[tuple[int, bool], MediaSession] = {}
        self.tallies: dict[int, RequestStats] = {}
        self.load = 0
        """Chunks that the account was chosen for and that have not come yet."""

    def settled(self, dc_id: int) -> bool:
        """Whether files of a data centre can be asked for without a new key or export."""
        pool = self._pools.get((dc_id, False))
        if (pool is not None and pool.ready) or self._host.is_home(dc_id):
            return True
        key = self._host.session.key(dc_id)
        return key is not None and key.imported

    def of(self, dc_id: int, *, cdn: bool = False) -> MediaSession:
        """The pool of a data centre, or of a CDN's."""
        if (dc_id, cdn) not in self._pools:
            pool = MediaSession(self._host, dc_id, limit=self._limit, tally=self.tally(dc_id), cdn=cdn)
            self._pools[dc_id, cdn] = pool
        return self._pools[dc_id, cdn]

    def tally(self, dc_id: int) -> RequestStats:
        """What is counted at a data centre."""
        if dc_id not in self.tallies:
            self.tallies[dc_id] = RequestStats(self._name, dc_id, self._metrics)
        return self.tallies[dc_id]

    def trim(self) -> None:
        """Close connections that nobody uses."""
        for pool in self._pools.values():
            pool.trim()

    async def close(self) -> None:
        """Close all connections, within bounds."""
        pools, self._pools = self._pools, {}
        await asyncio.gather(*(pool.close() for pool in pools.values()))
