"""Chunks and thumbnails from any account and any message that holds the file: failover and hedging."""

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
from streamvault.telegram.files.hedging import STALLED_AFTER, HedgePolicy
from streamvault.telegram.files.origins import Copies, Origins, OtherOrigins
from streamvault.telegram.files.request import FileRequest
from streamvault.telegram.mtproto.connection import Connection

NO_KEY_PENALTY, UNREAD_PENALTY = 32, 4
"""Requests that count on top of an account's load when it would have to make a key, or read the message, first."""
_THUMBNAIL_LIMIT = 1 << 20
_RESULTS = (
    (FileGone, "gone"),
    (SourceBusy, "busy"),
    (SourceUnavailable, "unavailable"),
    (ShortRead, "short"),
    (CorruptRead, "corrupt"),
)


class TelegramSource:
    """reading's ChunkSource and ThumbnailSource over all accounts; `origins` finds other messages with the same file,
    `copies` files that were uploaded again.

    `verify`: chunks are compared with Telegram's digests, where it has any. `cdn`: chunks may come from CDNs.
    """

    def __init__(
        self, accounts: AccountPool, metrics: TelegramMetrics, *, origins: Origins | None = None,
        copies: Copies | None = None, verify: bool = False, cdn: bool = False,
    ) -> None:  # fmt: skip
        self._accounts = accounts
        self._chunks = metrics.chunks_total
        self._hedges = HedgePolicy()
        self._account_fetch = AccountFetch(verify=verify, cdn=cdn)
        self._origins = OtherOrigins(origins, copies)

    def stats(self) -> tuple[DcStats, ...]:
        """Counts of each account at each data centre."""
        return tuple(
            tally.snapshot() for account in self._accounts.all for tally in account.media_sessions.stats_by_dc.values()
        )

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        """See reading.source.ChunkSource. Fails only when no account gets the chunk from any message with the file."""
        expected = min(offset + limit, file.size) - offset
        try:
            data = await self._get(FileRequest(file, file.key, offset, limit, expected))
        except (FileGone, SourceError) as error:
            self._chunks.labels(result=_result(error)).inc()
            raise
        self._chunks.labels(result="ok").inc()
        return data

    async def thumbnail(self, file: MediaFile) -> bytes:
        """See reading.source.ThumbnailSource. At most 1 MiB of a thumbnail is read."""
        if not file.thumb_sizes:
            raise FileMissing("the file has no thumbnail")
        key = dataclasses.replace(file.key, thumb_size=file.thumb_sizes[-1])
        return await self._get(FileRequest(file, key, 0, _THUMBNAIL_LIMIT, None))

    async def _get(self, request: FileRequest) -> bytes:
        """From the file's message; if that is deleted, from another one with the same file."""
        file = request.file
        current = self._origins.current(file)
        try:
            return await self._get_from_origin(_of(current, request))
        except FileGone:
            for other in await self._origins.others(file):
                if other.origin == current.origin:
                    continue
                try:
                    data = await self._get_from_origin(_of(other, request))
                except FileGone:
                    continue
                self._origins.replace(file, other)
                self._accounts.main.media_sessions.stats(file.dc_id).failed_over("origin")
                return data
            raise

    async def _get_from_origin(self, request: FileRequest) -> bytes:
        """From the first account that gets it.

        Raises SourceBusy (with the shortest wait) if every account failed with a flood wait, else the last failure.
        FileGone counts from the main bot only: a worker may not be in the chat.
        """
        busy: SourceBusy | None = None
        failure: SourceError | None = None
        chat_id = request.file.origin.chat_id
        readers = self._accounts.readers(chat_id, penalty=lambda account: _extra_load(account, request))
        for number, account in enumerate(readers):
            try:
                return await self._get_hedged(request, account, others=readers[number + 1 :])
            except FileGone:
                if account is self._accounts.main:
                    raise
                self._accounts.exclude_from_chat(account, chat_id)
            except SourceBusy as error:
                busy = error if busy is None or error.retry_after < busy.retry_after else busy
            except SourceError as error:
                failure = error
            if number + 1 < len(readers):
                _tally(account, request).failed_over("account")
        raise failure or busy or SourceUnavailable("no account can read now")

    async def _get_hedged(self, request: FileRequest, account: Account, *, others: Sequence[Account]) -> bytes:
        """From this account; if that takes unusually long, from another connection or account as well.

        A slow request is hedged once, if the budget allows it; a stalled one goes to another account in any case.
        """
        self._hedges.count_request(request.limit)
        tally, asked = _tally(account, request), set[Connection]()
        delay = self._hedges.delay(tally, request.limit)
        if delay is None and not others:
            account.media_sessions.load += 1
            try:
                return await self._account_fetch.get(account, request, asked=asked)
            finally:
                account.media_sessions.load -= 1
        tasks, last = [self._start(account, request, asked)], account
        try:
            if (
                delay is not None
                and not await _any_done(tasks, delay)
                and self._may_hedge(account, tally, request.limit)
            ):
                tally.hedged()
                last = _hedge_account(account, others, request)
                tasks.append(self._start(last, request, asked))
            if last is account and others and not await _any_done(tasks, max(STALLED_AFTER, 4 * (delay or 0.0))):
                tasks += [self._start(other, request, asked) for other in self._failover_account(others, tally)]
            return await _first_result(tasks)
        finally:
            for task in tasks:
                task.cancel()

    def _start(self, account: Account, request: FileRequest, asked: set[Connection]) -> asyncio.Task[bytes]:
        def on_done(done: asyncio.Task[bytes]) -> None:
            account.media_sessions.load -= 1
            _ = done.cancelled() or done.exception()  # retrieved, so that asyncio does not log it

        account.media_sessions.load += 1  # before the task runs: the next request goes to the least loaded
        task = asyncio.create_task(self._account_fetch.get(account, request, asked=asked))
        task.add_done_callback(on_done)
        return task

    def _may_hedge(self, account: Account, tally: RequestStats, size: int) -> bool:
        return not account.floods.is_closed("file") and self._hedges.take(self._tallies(tally.dc_id), size)

    def _failover_account(self, others: Sequence[Account], tally: RequestStats) -> Sequence[Account]:
        """The account to ask beside a stalled one; empty if all others are flooded or mostly slow."""
        for other in others:
            if not other.floods.is_closed("file") and not self._hedges.mostly_slow(
                [other.media_sessions.stats(tally.dc_id)]
            ):
                tally.failed_over("account")
                return [other]
        return []

    def _tallies(self, dc_id: int) -> list[RequestStats]:
        return [account.media_sessions.stats(dc_id) for account in self._accounts.all]


async def _any_done(tasks: Sequence[asyncio.Task[bytes]], seconds: float) -> bool:
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)


async def _first_result(tasks: Sequence[asyncio.Task[bytes]]) -> bytes:
    """The first result; the first task's error when all fail."""
    waiting = set(tasks)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.cancelled() and task.exception() is None:
                return task.result()
    return tasks[0].result()


def _hedge_account(account: Account, others: Sequence[Account], request: FileRequest) -> Account:
    """Another account that can answer at once; otherwise the same one, which uses another connection."""
    ready = (a for a in others if not a.floods.is_closed("file") and not _extra_load(a, request))
    return next(ready, account)


def _extra_load(account: Account, request: FileRequest) -> int:
    """How many requests more than another this account may have before it is the worse choice."""
    where = account.messages.locations.get(request.file.origin, request.key)
    dc_id = request.file.dc_id if where is None else where.dc_id
    return NO_KEY_PENALTY * (not account.media_sessions.authorized(dc_id)) + UNREAD_PENALTY * (where is None)


def _tally(account: Account, request: FileRequest) -> RequestStats:
    where = account.messages.locations.get(request.file.origin, request.key)
    return account.media_sessions.stats(request.file.dc_id if where is None else where.dc_id)


def _of(file: MediaFile, request: FileRequest) -> FileRequest:
    """The same bytes of a file in another message."""
    if file.key == request.file.key:
        return dataclasses.replace(request, file=file)
    if not request.key.thumb_size:
        return dataclasses.replace(request, file=file, key=file.key)
    if not file.thumb_sizes:
        raise FileGone("the copy of the file has no thumbnail")
    return dataclasses.replace(request, file=file, key=dataclasses.replace(file.key, thumb_size=file.thumb_sizes[-1]))


def _result(error: Exception) -> str:
    """The label of chunks_total for a failure."""
    return next((label for kind, label in _RESULTS if isinstance(error, kind)), "error")
