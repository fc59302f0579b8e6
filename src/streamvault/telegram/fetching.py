"""One chunk, or thumbnail, from one account: over every hurdle that going on overcomes, and verified if asked to."""

import asyncio
import dataclasses
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from pyrogram import raw

from streamvault.errors import CorruptRead, ShortRead, SourceError
from streamvault.media.digests import Digest, differs, widened
from streamvault.media.model import FileKey, MediaFile
from streamvault.telegram.account import Account
from streamvault.telegram.errors import Elsewhere, ReferenceExpired
from streamvault.telegram.hashes import Hashes, digests_of
from streamvault.telegram.link import Link
from streamvault.telegram.locations import Location

T = TypeVar("T")

_HURDLES = 4  # a file that has moved, with a reference that has expired, and one more of each


@dataclass(frozen=True, slots=True)
class Wanted:
    """Bytes of a file or of its thumbnail; `expected` of them, if that is known."""

    file: MediaFile
    key: FileKey
    offset: int
    limit: int
    expected: int | None

    def widened(self) -> "Wanted":
        """As much more of the file as it takes to verify these bytes."""
        offset, limit = widened(self.offset, self.limit)
        return dataclasses.replace(
            self, offset=offset, limit=limit, expected=min(offset + limit, self.file.size) - offset
        )

    def cut(self, data: bytes, *, offset: int) -> bytes:
        """These bytes out of `data`, which begins at `offset` of the file."""
        start = self.offset - offset
        return data if (start, self.expected) == (0, len(data)) else data[start : start + self.limit][: self.expected]


class Fetching:
    """upload.getFile and what it needs. With `verify` every chunk is compared with the digests that Telegram tells."""

    def __init__(self, *, verify: bool) -> None:
        self._hashes = Hashes() if verify else None

    async def get(self, account: Account, wanted: Wanted, *, asked: set[Link]) -> bytes:
        """The bytes. Raises CorruptRead and ShortRead when they come wrong twice; else as Account.download.

        `asked` is as in MediaPool.call.
        """
        file, key, again = wanted.file, wanted.key, False
        for _ in range(_HURDLES):
            where = await account.reads.locate(file, key)
            try:
                return await self._read(account, where, wanted, asked=asked)
            except Elsewhere as hint:
                account.reads.locations.moved(file.origin, key, stale=where, dc_id=hint.dc_id)
            except ReferenceExpired:
                if account.reads.locations.forget(file.origin, key, stale=where):
                    account.pools.tally(where.dc_id).refreshed()
            except (ShortRead, CorruptRead):
                if again:
                    raise
                again = True
        raise SourceError("Telegram refuses the location of the file again and again")

    async def _read(self, account: Account, where: Location, wanted: Wanted, *, asked: set[Link]) -> bytes:
        hashes = self._hashes
        if hashes is None or wanted.expected is None:
            return await _plain(account, where, wanted, asked=asked)
        span = wanted.widened()

        async def ask(offset: int) -> Sequence[Digest]:
            query = raw.functions.upload.GetFileHashes(location=where.location, offset=offset)
            return digests_of(await account.download(where.dc_id, query), size=span.file.size)

        stop = min(span.offset + span.limit, span.file.size)
        with _beside(hashes.covering(span.key, span.offset, stop, asker=account.name, ask=ask)) as digests:
            data = await _plain(account, where, span, asked=asked)
            if differs(data, span.offset, await digests):
                hashes.forget(span.key, span.offset)
                account.pools.tally(where.dc_id).failed_over("corrupt")
                raise CorruptRead(f"the bytes from {span.offset} on are not those that Telegram has hashed")
        return wanted.cut(data, offset=span.offset)


async def _plain(account: Account, where: Location, wanted: Wanted, *, asked: set[Link]) -> bytes:
    query = raw.functions.upload.GetFile(location=where.location, offset=wanted.offset, limit=wanted.limit)
    with account.pools.tally(where.dc_id).flight(wanted.limit):
        answer = await account.download(where.dc_id, query, asked=asked, size=wanted.limit)
    if not isinstance(answer, raw.types.upload.File):
        raise SourceError(f"Telegram answered with {type(answer).__name__} instead of a chunk")
    data: bytes = answer.bytes
    if wanted.expected not in (None, len(data)):
        raise ShortRead(f"{len(data)} bytes came where {wanted.expected} were promised")
    return data


@contextmanager
def _beside(work: Coroutine[Any, Any, T]) -> Iterator[asyncio.Task[T]]:
    """Runs `work` beside the body; who does not wait for it abandons it."""

    def ended(done: asyncio.Task[T]) -> None:
        _ = done.cancelled() or done.exception()  # nobody may be waiting for it any more

    task = asyncio.create_task(work)
    task.add_done_callback(ended)
    try:
        yield task
    finally:
        task.cancel()
