"""Chunks and thumbnails out of Telegram, whatever one message, account, data centre or connection does meanwhile."""

import asyncio
import dataclasses
from collections.abc import Sequence

from streamvault.errors import CorruptRead, FileGone, FileMissing, ShortRead, SourceBusy, SourceError, SourceUnavailable
from streamvault.media.model import MediaFile
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.media.stats import DcStats, RequestStats
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.config import TelegramMetrics
from streamvault.telegram.files.fetch import AccountFetch
from streamvault.telegram.files.hedging import HANGING, Hedges
from streamvault.telegram.files.origins import Origins, OtherOrigins
from streamvault.telegram.files.request import FileRequest
from streamvault.telegram.mtproto.connection import Connection

COLD, UNREAD = 32, 4
"""How many requests more an account takes before another one makes a key, or reads the message, to help it."""
_THUMBNAIL_LIMIT = 1 << 20
_RESULTS = (
    (FileGone, "gone"),
    (SourceBusy, "busy"),
    (SourceUnavailable, "unavailable"),
    (ShortRead, "short"),
    (CorruptRead, "corrupt"),
)


class TelegramSource:
    """reading's ChunkSource and ThumbnailSource over all accounts; `origins` knows where else a file is.

    `verify`: chunks are compared with the digests that Telegram tells, where it tells any. `cdn`: they may come from
    CDNs.
    """

    def __init__(
        self, accounts: AccountPool, metrics: TelegramMetrics, *, origins: Origins | None = None, verify: bool = False,
        cdn: bool = False,
    ) -> None:  # fmt: skip
        self._accounts = accounts
        self._chunks = metrics.chunks_total
        self._hedges = Hedges()
        self._fetching = AccountFetch(verify=verify, cdn=cdn)
        self._origins = OtherOrigins(origins)

    def stats(self) -> tuple[DcStats, ...]:
        """What each account did at each data centre."""
        return tuple(tally.snapshot() for account in self._accounts.all for tally in account.pools.tallies.values())

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        """See reading.source.ChunkSource. Fails only when no account can get the chunk, from any of its messages."""
        expected = min(offset + limit, file.size) - offset
        try:
            data = await self._get(FileRequest(file, file.key, offset, limit, expected))
        except (FileGone, SourceError) as error:
            self._chunks.labels(result=_result(error)).inc()
            raise
        self._chunks.labels(result="ok").inc()
        return data

    async def thumbnail(self, file: MediaFile) -> bytes:
        """See reading.source.ThumbnailSource; 1 MiB is the most that is taken for a thumbnail."""
        if not file.thumb_sizes:
            raise FileMissing("the file has no thumbnail")
        key = dataclasses.replace(file.key, thumb_size=file.thumb_sizes[-1])
        return await self._get(FileRequest(file, key, 0, _THUMBNAIL_LIMIT, None))

    async def _get(self, wanted: FileRequest) -> bytes:
        """From the file's message, or from another one with the same file when that is gone."""
        file = wanted.file
        current = self._origins.current(file)
        try:
            return await self._get_at(dataclasses.replace(wanted, file=current))
        except FileGone:
            for other in await self._origins.others(file):
                if other.origin == current.origin:
                    continue
                try:
                    data = await self._get_at(dataclasses.replace(wanted, file=other))
                except FileGone:
                    continue
                self._origins.found(file, other.origin)
                self._accounts.main.pools.tally(file.dc_id).failed_over("origin")
                return data
            raise

    async def _get_at(self, wanted: FileRequest) -> bytes:
        """From the first account that has it.

        Raises SourceBusy (with the shortest wait) if flood waits alone are in the way, else the last failure.
        FileGone counts only when the bot itself says so: a worker may just not see the chat.
        """
        busy: SourceBusy | None = None
        failure: SourceError | None = None
        chat_id = wanted.file.origin.chat_id
        readers = self._accounts.readers(chat_id, reluctance=lambda account: _reluctance(account, wanted))
        for number, account in enumerate(readers):
            try:
                return await self._hedged(wanted, account, others=readers[number + 1 :])
            except FileGone:
                if account is self._accounts.main:
                    raise
                self._accounts.cannot_read(account, chat_id)
            except SourceBusy as error:
                busy = error if busy is None or error.retry_after < busy.retry_after else busy
            except SourceError as error:
                failure = error
            if number + 1 < len(readers):
                _tally(account, wanted).failed_over("account")
        raise failure or busy or SourceUnavailable("no account can read now")

    async def _hedged(self, wanted: FileRequest, account: Account, *, others: Sequence[Account]) -> bytes:
        """From this account; asked of another connection or account as well if it takes unusually long."""
        self._hedges.asked(wanted.limit)
        tally, asked = _tally(account, wanted), set[Connection]()
        patience = self._hedges.patience(tally, wanted.limit)
        if patience is None and not others:
            account.pools.load += 1
            try:
                return await self._fetching.get(account, wanted, asked=asked)
            finally:
                account.pools.load -= 1
        runners, asking = [self._start(account, wanted, asked)], account
        try:
            if (
                patience is not None
                and not await _any_done(runners, patience)
                and self._may_hedge(account, tally, wanted.limit)
            ):
                tally.hedged()
                asking = _second(account, others, wanted)
                runners.append(self._start(asking, wanted, asked))
            if asking is account and others and not await _any_done(runners, max(HANGING, 4 * (patience or 0.0))):
                runners += [self._start(other, wanted, asked) for other in self._helper(others, tally)]
            return await _first_good(runners)
        finally:
            for runner in runners:
                runner.cancel()

    def _start(self, account: Account, wanted: FileRequest, asked: set[Connection]) -> asyncio.Task[bytes]:
        def ended(done: asyncio.Task[bytes]) -> None:
            account.pools.load -= 1
            _ = done.cancelled() or done.exception()  # the loser's error is nobody's

        account.pools.load += 1  # at once, since the next request is given to the account with the least
        task = asyncio.create_task(self._fetching.get(account, wanted, asked=asked))
        task.add_done_callback(ended)
        return task

    def _may_hedge(self, account: Account, tally: RequestStats, size: int) -> bool:
        return not account.floods.closed("file") and self._hedges.take(self._tallies(tally.dc_id), size)

    def _helper(self, others: Sequence[Account], tally: RequestStats) -> Sequence[Account]:
        """The account that is asked beside one that hangs; none if all are flooded, or hang as well."""
        for other in others:
            if not other.floods.closed("file") and not self._hedges.slow([other.pools.tally(tally.dc_id)]):
                tally.failed_over("account")
                return [other]
        return []

    def _tallies(self, dc_id: int) -> list[RequestStats]:
        return [account.pools.tally(dc_id) for account in self._accounts.all]


async def _any_done(runners: Sequence[asyncio.Task[bytes]], seconds: float) -> bool:
    done, _ = await asyncio.wait(runners, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)


async def _first_good(runners: Sequence[asyncio.Task[bytes]]) -> bytes:
    """The first result; the first runner's error when there is none."""
    waiting = set(runners)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled() and task.exception() is None:
                return task.result()
    return runners[0].result()


def _second(account: Account, others: Sequence[Account], wanted: FileRequest) -> Account:
    """Who is asked as well: another account that could answer at once, or the same over another connection."""
    ready = (a for a in others if not a.floods.closed("file") and not _reluctance(a, wanted))
    return next(ready, account)


def _reluctance(account: Account, wanted: FileRequest) -> int:
    where = account.reads.locations.get(wanted.file.origin, wanted.key)
    dc_id = wanted.file.dc_id if where is None else where.dc_id
    return COLD * (not account.pools.settled(dc_id)) + UNREAD * (where is None)


def _tally(account: Account, wanted: FileRequest) -> RequestStats:
    where = account.reads.locations.get(wanted.file.origin, wanted.key)
    return account.pools.tally(wanted.file.dc_id if where is None else where.dc_id)


def _result(error: Exception) -> str:
    """The metric's word for a chunk that did not come."""
    return next((word for kind, word in _RESULTS if isinstance(error, kind)), "error")
