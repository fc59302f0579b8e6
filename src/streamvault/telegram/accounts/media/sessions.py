"""The media sessions of one account by data centre, and their figures.

Uploads have connections of their own: a chunk that somebody waits for must not queue behind parts of files.
"""

import asyncio

from streamvault.telegram.accounts.media.session import MediaAccount, MediaSession
from streamvault.telegram.accounts.media.stats import RequestStats
from streamvault.telegram.config import TelegramMetrics
from streamvault.telegram.mtproto.keepalive import AnswerDelays

SLOWEST_UPLOAD = 32 * 1024
"""Bytes/s of each connection at which an upload must be possible: the answer to a part is waited for accordingly."""


class MediaSessions:
    """One media session per data centre, made on demand; the figures outlive the sessions."""

    def __init__(self, account: MediaAccount, name: str, metrics: TelegramMetrics, *, limit: int) -> None:
        """`name` is the account's; `limit` is how many connections each session has at most."""
        self._account, self._name, self._metrics, self.limit = account, name, metrics, limit
        self._sessions: dict[tuple[int, str], MediaSession] = {}
        self.stats_by_dc: dict[int, RequestStats] = {}
        self.load = 0
        """Chunks that are being fetched with this account."""

    def authorized(self, dc_id: int) -> bool:
        """Whether files of a data centre can be requested without a new key or export."""
        session = self._sessions.get((dc_id, "file"))
        if (session is not None and session.authorized) or self._account.is_home(dc_id):
            return True
        key = self._account.session.key(dc_id)
        return key is not None and key.imported

    def for_dc(self, dc_id: int, *, family: str = "file") -> MediaSession:
        """The media session of a data centre or CDN for a family of methods: file, cdn or upload."""
        if (dc_id, family) not in self._sessions:
            stats = self._upload_stats(dc_id) if family == "upload" else self.stats(dc_id)
            session = MediaSession(self._account, dc_id, limit=self.limit, stats=stats, family=family)
            self._sessions[dc_id, family] = session
        return self._sessions[dc_id, family]

    def stats(self, dc_id: int) -> RequestStats:
        """The figures of a data centre."""
        if dc_id not in self.stats_by_dc:
            self.stats_by_dc[dc_id] = RequestStats(self._name, dc_id, self._metrics)
        return self.stats_by_dc[dc_id]

    def _upload_stats(self, dc_id: int) -> RequestStats:
        """Figures of uploads, which are not those of the data centre: they count chunks."""
        return RequestStats(self._name, dc_id, self._metrics, answer_delays=AnswerDelays(slowest=SLOWEST_UPLOAD))

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
        return {
            dc_id: one.reachability.failing_for for (dc_id, family), one in self._sessions.items() if family == "file"
        }

    async def close(self) -> None:
        """Close all connections within a bound."""
        sessions, self._sessions = self._sessions, {}
        await asyncio.gather(*(session.close() for session in sessions.values()))
