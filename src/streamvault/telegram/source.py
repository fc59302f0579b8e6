"""Chunks and thumbnails out of Telegram: upload.getFile with everything that may come between."""

import dataclasses

from pyrogram import raw

from streamvault.errors import FileGone, FileMissing, ShortRead, SourceBusy, SourceError, SourceUnavailable
from streamvault.media.model import FileKey, MediaFile
from streamvault.telegram.account import Account
from streamvault.telegram.accounts import Accounts
from streamvault.telegram.config import TelegramMetrics
from streamvault.telegram.errors import Elsewhere, ReferenceExpired
from streamvault.telegram.stats import DcStats

_HURDLES = 4  # a file that has moved, with a reference that has expired, and one more of each
_THUMBNAIL_LIMIT = 1 << 20
_RESULTS = ((FileGone, "gone"), (SourceBusy, "busy"), (SourceUnavailable, "unavailable"), (ShortRead, "short"))


class TelegramSource:
    """reading's ChunkSource and ThumbnailSource over all accounts."""

    def __init__(self, accounts: Accounts, metrics: TelegramMetrics) -> None:
        self._accounts = accounts
        self._chunks = metrics.chunks_total

    def stats(self) -> tuple[DcStats, ...]:
        """What each account did at each data centre."""
        return tuple(tally.snapshot() for account in self._accounts.all for tally in account.pools.tallies.values())

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        """See reading.source.ChunkSource."""
        try:
            data = await self._get(file, file.key, offset=offset, limit=limit)
            expected = min(offset + limit, file.size) - offset
            if len(data) != expected:
                raise ShortRead(f"{len(data)} bytes came where {expected} were promised")
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
        return await self._get(file, key, offset=0, limit=_THUMBNAIL_LIMIT)

    async def _get(self, file: MediaFile, key: FileKey, *, offset: int, limit: int) -> bytes:
        """One answer of upload.getFile, from the first account that has one.

        Raises SourceBusy (with the shortest wait) if flood waits alone are in the way, else the last failure.
        FileGone counts only when the bot itself says so: a worker may just not see the chat.
        """
        busy: SourceBusy | None = None
        failure: SourceError | None = None
        for account in self._accounts.readers(file.origin.chat_id):
            try:
                return await _get_from(account, file, key, offset=offset, limit=limit)
            except FileGone:
                if account is self._accounts.main:
                    raise
                self._accounts.cannot_read(account, file.origin.chat_id)
            except SourceBusy as error:
                busy = error if busy is None or error.retry_after < busy.retry_after else busy
            except SourceError as error:
                failure = error
        raise failure or busy or SourceUnavailable("no account can read now")


async def _get_from(account: Account, file: MediaFile, key: FileKey, *, offset: int, limit: int) -> bytes:
    """One answer of upload.getFile, over every hurdle that going on can overcome."""
    for _ in range(_HURDLES):
        where = await account.reads.locate(file, key)
        query = raw.functions.upload.GetFile(location=where.location, offset=offset, limit=limit)
        try:
            with account.pools.tally(where.dc_id).flight(limit):
                answer = await account.download(where.dc_id, query, size=limit)
        except Elsewhere as hint:
            account.reads.locations.moved(file.origin, key, stale=where, dc_id=hint.dc_id)
        except ReferenceExpired:
            if account.reads.locations.forget(file.origin, key, stale=where):
                account.pools.tally(where.dc_id).refreshed()
        else:
            if not isinstance(answer, raw.types.upload.File):
                raise SourceError(f"Telegram answered with {type(answer).__name__} instead of a chunk")
            data: bytes = answer.bytes
            return data
    raise SourceError("Telegram refuses the location of the file again and again")


def _result(error: Exception) -> str:
    """The metric's word for a chunk that did not come."""
    return next((word for kind, word in _RESULTS if isinstance(error, kind)), "error")
