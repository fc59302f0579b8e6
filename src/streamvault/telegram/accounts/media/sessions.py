"""The media sessions of one account by data centre, and their figures."""

import asyncio

from streamvault.telegram.accounts.media.session import MediaAccount, MediaSession
from streamvault.telegram.accounts.media.stats import RequestStats
from streamvault.telegram.config import TelegramMetrics


class MediaSessions:
    """One media session per data centre, made on demand; the figures outlive the sessions."""

    def __init__(self, account: MediaAccount, name: str, metrics: TelegramMetrics, *, limit: int) -> None:
        """`name` is the account's; `limit` is how many connections there may be to each data centre."""
        self._account, self._name, self._metrics, self._limit = account, name, metrics, limit
        self._sessions: dict[tuple[int, bool], MediaSession] = {}
        self.stats_by_dc: dict[int, RequestStats] = {}
        self.load = 0
        """Chunks that are being fetched with this account."""

    def authorized(self, dc_id: int) -> bool:
        """Whether files of a data centre can be requested without a new key or export."""
        session = self._sessions.get((dc_id, False))
        if (session is not None and session.authorized) or self._account.is_home(dc_id):
            return True
        key = self._account.session.key(dc_id)
        return key is not None and key.imported

    def for_dc(self, dc_id: int, *, cdn: bool = False) -> MediaSession:
        """The media session of a data centre or CDN."""
        if (dc_id, cdn) not in self._sessions:
            session = MediaSession(self._account, dc_id, limit=self._limit, stats=self.stats(dc_id), cdn=cdn)
            self._sessions[dc_id, cdn] = session
        return self._sessions[dc_id, cdn]

    def stats(self, dc_id: int) -> RequestStats:
        """The figures of a data centre."""
        if dc_id not in self.stats_by_dc:
            self.stats_by_dc[dc_id] = RequestStats(self._name, dc_id, self._metrics)
        return self.stats_by_dc[dc_id]

    def trim(self) -> None:
        """Close idle connections."""
        for session in self._sessions.values():
            session.trim()

    async def probe(self) -> None:
        """Find out whether data centres that could not be reached can be, where no request tells."""
        await asyncio.gather(*(session.probe() for session in self._sessions.values()))

    @property
    def failing_for(self) -> dict[int, float | None]:
        """For each data centre that was asked, the seconds since requests began to fail; None where they do not."""
        return {dc_id: one.reachability.failing_for for (dc_id, cdn), one in self._sessions.items() if not cdn}

    async def close(self) -> None:
        """Close all connections within a bound."""
        sessions, self._sessions = self._sessions, {}
        await asyncio.gather(*(session.close() for session in sessions.values()))
