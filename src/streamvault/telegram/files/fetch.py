"""One chunk or thumbnail from one account: follows migrations, expired references and CDN redirects; can verify."""

from collections.abc import Sequence
from typing import Any

from pyrogram import raw

from streamvault.errors import CorruptRead, ShortRead, SourceError
from streamvault.media.digests import Digest, differs
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import Location
from streamvault.telegram.errors import MigrateError, ReferenceExpired, TokenExpired
from streamvault.telegram.files.cdn import Cdn, CdnFailed
from streamvault.telegram.files.hashes import DigestCache, digests_of
from streamvault.telegram.files.request import FileRequest
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.single_flight import background_task

_MAX_ATTEMPTS = 6
"""Enough for a file that migrated, an expired reference, each of them once more, and a CDN that fails."""


class AccountFetch:
    """Requests chunks and thumbnails as one account (upload.getFile).

    With `verify` chunks are compared with the digests that Telegram has of them. With `cdn` redirects to a CDN are
    followed; chunks from a CDN are always compared.
    """

    def __init__(self, *, verify: bool, cdn: bool) -> None:
        self._digests = DigestCache() if verify else None
        self._cdn = Cdn() if cdn else None

    async def get(self, account: Account, request: FileRequest, *, asked: set[Connection]) -> bytes:
        """The bytes. `asked` is as in MediaSession.call.

        Raises CorruptRead or ShortRead when the bytes are wrong or missing twice; SourceError when no attempt is left;
        otherwise as Account.download.
        """
        file, key, retried, expired_tokens = request.file, request.key, False, 0
        for _ in range(_MAX_ATTEMPTS):
            where = await account.messages.locate(file, key)
            try:
                return await self._read(account, where, request, asked=asked)
            except MigrateError as hint:
                account.messages.locations.moved(file.origin, key, stale=where, dc_id=hint.dc_id)
            except ReferenceExpired:
                if account.messages.locations.forget(file.origin, key, stale=where):
                    account.media_sessions.stats(where.dc_id).refreshed()
            except TokenExpired as error:
                expired_tokens += 1
                if expired_tokens > 1 and self._cdn is not None:
                    self._cdn.pause(error)
            except CdnFailed:
                account.media_sessions.stats(where.dc_id).failed_over("cdn")
            except (ShortRead, CorruptRead):
                if retried:
                    raise
                retried = True
        raise SourceError(f"no chunk after {_MAX_ATTEMPTS} attempts: Telegram keeps refusing the file's location")

    async def _read(self, account: Account, where: Location, request: FileRequest, *, asked: set[Connection]) -> bytes:
        """From the CDN of a known redirect, else from the file's data centre, which may answer with a redirect."""
        cdn = self._cdn
        if cdn is None or request.expected is None or not cdn.open:
            return _bytes(await self._from_file_dc(account, where, request, asked=asked))
        span = request.widened()
        redirect = cdn.redirect(account, request.key)
        if redirect is None:
            answer = await self._from_file_dc(account, where, request, asked=asked, cdn_supported=True)
            if not isinstance(answer, raw.types.upload.FileCdnRedirect):
                return _bytes(answer)
            redirect = cdn.remember(account, request, answer)
        data = await cdn.read(account, where, span, redirect=redirect, asked=asked)
        return request.cut(data, offset=span.offset)

    async def _from_file_dc(
        self,
        account: Account,
        where: Location,
        request: FileRequest,
        *,
        asked: set[Connection],
        cdn_supported: bool = False,
    ) -> Any:
        """The answer of the file's own data centre: the bytes, verified if that is on, or a CDN redirect."""
        cache = self._digests
        if cache is None or request.expected is None:
            return await _get_file(account, where, request, asked=asked, cdn_supported=cdn_supported)
        span = request.widened()

        async def fetch_digests(offset: int) -> Sequence[Digest]:
            query = raw.functions.upload.GetFileHashes(location=where.location, offset=offset)
            return digests_of(await account.transfer(where.dc_id, query), size=span.file.size)

        covering = cache.covering(span.key, span.offset, span.stop, account=account.name, fetch=fetch_digests)
        with background_task(covering) as digests:
            answer = await _get_file(account, where, span, asked=asked, cdn_supported=cdn_supported)
            if not isinstance(answer, bytes):
                return answer
            if differs(answer, span.offset, await digests):
                cache.forget(span.key, span.offset)
                account.media_sessions.stats(where.dc_id).failed_over("corrupt")
                raise CorruptRead(f"the bytes from offset {span.offset} do not match Telegram's digests")
        return request.cut(answer, offset=span.offset)


async def _get_file(
    account: Account, where: Location, request: FileRequest, *, asked: set[Connection], cdn_supported: bool
) -> Any:
    """upload.getFile: the bytes, or whatever else Telegram answers. Raises ShortRead for fewer bytes than expected."""
    query = raw.functions.upload.GetFile(
        location=where.location, offset=request.offset, limit=request.limit, cdn_supported=cdn_supported or None
    )
    with account.media_sessions.stats(where.dc_id).flight(request.limit):
        answer = await account.transfer(where.dc_id, query, asked=asked, size=request.limit)
    if not isinstance(answer, raw.types.upload.File):
        return answer
    data: bytes = answer.bytes
    if request.expected not in (None, len(data)):
        raise ShortRead(f"{len(data)} bytes came where {request.expected} were expected")
    return data


def _bytes(answer: Any) -> bytes:
    if not isinstance(answer, bytes):
        raise SourceError(f"Telegram answered with {type(answer).__name__} instead of a chunk")
    return answer
