"""Chunks from CDN data centres (core.telegram.org/cdn).

A CDN is not trusted. It holds files encrypted; the key, and the digests that every chunk must match, come from the
file's own data centre. It gets no authorization and no details of this client. After any failure no CDN is used for
PAUSE seconds, and the files' own data centres send the chunks.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyrogram import raw

from streamvault.errors import CorruptRead, ShortRead, SourceError
from streamvault.media.digests import Digest, differs, reach
from streamvault.media.model import FileKey
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import Location
from streamvault.telegram.errors import TokenExpired
from streamvault.telegram.files.hashes import DigestCache, digests_of
from streamvault.telegram.files.request import FileRequest
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.mtproto.crypto import ctr256
from streamvault.telegram.single_flight import SingleFlight, background_task

log = logging.getLogger(__name__)

CHUNK_TIMEOUT, PAUSE = 6.0, 60.0
"""Seconds that a chunk from a CDN may take, and for which no CDN is used after a failure."""
_CAPACITY = 512


class CdnFailed(SourceError):
    """The CDN did not send the chunk: ask the file's own data centre, which sends it while CDNs are paused."""


@dataclass(slots=True, eq=False)
class Redirect:
    """An upload.fileCdnRedirect. `uploads`: how many times this process had the file uploaded to the CDN."""

    dc_id: int
    token: bytes
    key: bytes
    iv: bytes
    uploads: int = 0


class Cdn:
    """Reads chunks from CDNs; keeps the redirects that were used last, by account and file."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._paused_until = 0.0
        self._redirects: OrderedDict[tuple[str, FileKey], Redirect] = OrderedDict()
        self._digests = DigestCache()
        self._uploads: SingleFlight[bytes, None] = SingleFlight()

    @property
    def open(self) -> bool:
        """Whether CDNs may be used now."""
        return self._clock() >= self._paused_until

    def pause(self, reason: object) -> None:
        """Use no CDN for PAUSE seconds."""
        if self.open:
            log.warning("no CDN is used for %.0f s: %s", PAUSE, reason)
        self._paused_until = self._clock() + PAUSE

    def redirect(self, account: Account, key: FileKey) -> Redirect | None:
        """The file's redirect, if one is known and CDNs may be used now."""
        return self._redirects.get((account.name, key)) if self.open else None

    def remember(self, account: Account, request: FileRequest, answer: Any) -> Redirect:
        """Keep an upload.fileCdnRedirect, and the digests that come with it."""
        redirect = Redirect(answer.dc_id, answer.file_token, answer.encryption_key, answer.encryption_iv)
        self._digests.add(redirect.token, digests_of(answer.file_hashes, size=request.file.size))
        self._redirects[account.name, request.key] = redirect
        while len(self._redirects) > _CAPACITY:
            self._redirects.popitem(last=False)
        return redirect

    async def read(
        self, account: Account, where: Location, request: FileRequest, *, redirect: Redirect, asked: set[Connection]
    ) -> bytes:
        """The bytes, verified; `request` is widened (see FileRequest.widened).

        Raises TokenExpired when the redirect has expired, so that the file's own data centre has to be asked for
        another one; CdnFailed for any other failure.
        """
        try:
            async with asyncio.timeout(CHUNK_TIMEOUT):
                return await self._verified(account, where, request, redirect=redirect, asked=asked)
        except TokenExpired:
            if self._redirects.get((account.name, request.key)) is redirect:
                del self._redirects[account.name, request.key]
            raise
        except (SourceError, TimeoutError) as error:
            reason = str(error) or f"no chunk within {CHUNK_TIMEOUT:.0f} s"
            self.pause(f"data centre {redirect.dc_id}: {reason}")
            raise CdnFailed(reason) from error

    async def _verified(
        self, account: Account, where: Location, request: FileRequest, *, redirect: Redirect, asked: set[Connection]
    ) -> bytes:
        if account.data_centres.find(redirect.dc_id) or (len(redirect.key), len(redirect.iv)) != (32, 16):
            raise SourceError("the CDN redirect names a data centre that is no CDN, or a key of the wrong length")

        async def fetch_digests(offset: int) -> Sequence[Digest]:
            query = raw.functions.upload.GetCdnFileHashes(file_token=redirect.token, offset=offset)
            return digests_of(await account.transfer(where.dc_id, query), size=request.file.size)

        start, stop = request.offset, request.stop
        covering = self._digests.covering(redirect.token, start, stop, account=account.name, fetch=fetch_digests)
        with background_task(covering) as digests:
            encrypted = await self._encrypted(account, where, request, redirect=redirect, asked=asked)
            if len(encrypted) != request.expected:
                raise ShortRead(f"{len(encrypted)} bytes came from the CDN where {request.expected} were expected")
            data = _decrypt(encrypted, redirect, offset=start)
            known = await digests
        if reach(known, start, stop) < stop:
            raise SourceError("Telegram has no digests of the file that the CDN sends")
        if differs(data, start, known):
            self._digests.forget(redirect.token, start)
            account.media_sessions.stats(redirect.dc_id).failed_over("corrupt")
            raise CorruptRead("the CDN's bytes do not match Telegram's digests")
        return data

    async def _encrypted(
        self, account: Account, where: Location, request: FileRequest, *, redirect: Redirect, asked: set[Connection]
    ) -> bytes:
        """The bytes as the CDN sends them; has the file uploaded to the CDN if it is not there."""
        query = raw.functions.upload.GetCdnFile(file_token=redirect.token, offset=request.offset, limit=request.limit)
        for _ in range(2):
            uploads = redirect.uploads
            with account.media_sessions.stats(redirect.dc_id).flight(request.limit):
                answer = await account.transfer(redirect.dc_id, query, asked=asked, size=request.limit)
            if isinstance(answer, raw.types.upload.CdnFile):
                return bytes(answer.bytes)
            if not isinstance(answer, raw.types.upload.CdnFileReuploadNeeded):
                raise SourceError(f"the CDN answered with {type(answer).__name__} instead of a chunk")
            if redirect.uploads == uploads:  # no other request had it uploaded in the meantime
                upload = partial(self._upload, account, where, request, redirect=redirect, needed=answer)
                await self._uploads.run(redirect.token, upload)
        raise SourceError("the file is still missing at the CDN after it was uploaded there")

    async def _upload(
        self, account: Account, where: Location, request: FileRequest, *, redirect: Redirect, needed: Any
    ) -> None:
        """Have the file uploaded to the CDN (upload.reuploadCdnFile); the digests that come back are cached."""
        query = raw.functions.upload.ReuploadCdnFile(file_token=redirect.token, request_token=needed.request_token)
        digests = digests_of(await account.transfer(where.dc_id, query), size=request.file.size)
        self._digests.add(redirect.token, digests)
        redirect.uploads += 1


def _decrypt(encrypted: bytes, redirect: Redirect, *, offset: int) -> bytes:
    """AES-256-CTR; the last four bytes of the IV are offset // 16, big-endian (core.telegram.org/cdn)."""
    return ctr256(encrypted, redirect.key, bytearray(redirect.iv[:12] + (offset // 16).to_bytes(4, "big")))
