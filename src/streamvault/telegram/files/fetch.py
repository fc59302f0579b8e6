"""One chunk, or thumbnail, from one account: over every hurdle that going on overcomes, and verified if asked to."""

from collections.abc import Sequence
from typing import Any

from pyrogram import raw

from streamvault.errors import CorruptRead, ShortRead, SourceError
from streamvault.media.digests import Digest, differs
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import Location
from streamvault.telegram.errors import MigrateError, ReferenceExpired, TokenExpired
from streamvault.telegram.files.cdn import Cdn, CdnFailed
from streamvault.telegram.files.hashes import Hashes, digests_of
from streamvault.telegram.files.request import FileRequest
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.single_flight import beside

_HURDLES = 6  # a file that has moved, with a reference that has expired, one more of each, and a CDN that fails


class AccountFetch:
    """upload.getFile and what it needs.

    With `verify` every chunk is compared with the digests that Telegram tells; with `cdn` chunks come from a CDN when
    Telegram says so, and those are always compared.
    """

    def __init__(self, *, verify: bool, cdn: bool) -> None:
        self._hashes = Hashes() if verify else None
        self._cdn = Cdn() if cdn else None

    async def get(self, account: Account, wanted: FileRequest, *, asked: set[Connection]) -> bytes:
        """The bytes. Raises CorruptRead and ShortRead when they come wrong twice; else as Account.download.

        `asked` is as in MediaSession.call.
        """
        file, key, again, tokens = wanted.file, wanted.key, False, 0
        for _ in range(_HURDLES):
            where = await account.reads.locate(file, key)
            try:
                return await self._read(account, where, wanted, asked=asked)
            except MigrateError as hint:
                account.reads.locations.moved(file.origin, key, stale=where, dc_id=hint.dc_id)
            except ReferenceExpired:
                if account.reads.locations.forget(file.origin, key, stale=where):
                    account.pools.tally(where.dc_id).refreshed()
            except TokenExpired as error:
                tokens += 1
                if tokens > 1 and self._cdn is not None:
                    self._cdn.pause(error)
            except CdnFailed:
                account.pools.tally(where.dc_id).failed_over("cdn")
            except (ShortRead, CorruptRead):
                if again:
                    raise
                again = True
        raise SourceError("Telegram refuses the location of the file again and again")

    async def _read(self, account: Account, where: Location, wanted: FileRequest, *, asked: set[Connection]) -> bytes:
        """From the CDN that is known to have it, else from the file's data centre, which may tell of one."""
        cdn = self._cdn
        if cdn is None or wanted.expected is None or not cdn.open:
            return _chunk(await self._own(account, where, wanted, asked=asked))
        span = wanted.widened()
        redirect = cdn.known(account, wanted.key)
        if redirect is None:
            answer = await self._own(account, where, wanted, asked=asked, cdn_supported=True)
            if not isinstance(answer, raw.types.upload.FileCdnRedirect):
                return _chunk(answer)
            redirect = cdn.follow(account, wanted, answer)
        data = await cdn.read(account, where, span, redirect=redirect, asked=asked)
        return wanted.cut(data, offset=span.offset)

    async def _own(
        self,
        account: Account,
        where: Location,
        wanted: FileRequest,
        *,
        asked: set[Connection],
        cdn_supported: bool = False,
    ) -> Any:
        """What the file's own data centre answers: the bytes, or a redirect."""
        hashes = self._hashes
        if hashes is None or wanted.expected is None:
            return await _ask(account, where, wanted, asked=asked, cdn_supported=cdn_supported)
        span = wanted.widened()

        async def ask(offset: int) -> Sequence[Digest]:
            query = raw.functions.upload.GetFileHashes(location=where.location, offset=offset)
            return digests_of(await account.download(where.dc_id, query), size=span.file.size)

        with beside(hashes.covering(span.key, span.offset, span.stop, asker=account.name, ask=ask)) as digests:
            answer = await _ask(account, where, span, asked=asked, cdn_supported=cdn_supported)
            if not isinstance(answer, bytes):
                return answer
            if differs(answer, span.offset, await digests):
                hashes.forget(span.key, span.offset)
                account.pools.tally(where.dc_id).failed_over("corrupt")
                raise CorruptRead(f"the bytes from {span.offset} on are not those that Telegram has hashed")
        return wanted.cut(answer, offset=span.offset)


async def _ask(
    account: Account, where: Location, wanted: FileRequest, *, asked: set[Connection], cdn_supported: bool
) -> Any:
    """Bytes, as many as were promised, or whatever else Telegram answers."""
    query = raw.functions.upload.GetFile(
        location=where.location, offset=wanted.offset, limit=wanted.limit, cdn_supported=cdn_supported or None
    )
    with account.pools.tally(where.dc_id).flight(wanted.limit):
        answer = await account.download(where.dc_id, query, asked=asked, size=wanted.limit)
    if not isinstance(answer, raw.types.upload.File):
        return answer
    data: bytes = answer.bytes
    if wanted.expected not in (None, len(data)):
        raise ShortRead(f"{len(data)} bytes came where {wanted.expected} were promised")
    return data


def _chunk(answer: Any) -> bytes:
    if not isinstance(answer, bytes):
        raise SourceError(f"Telegram answered with {type(answer).__name__} instead of a chunk")
    return answer
