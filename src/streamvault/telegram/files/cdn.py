"""Chunks from CDN data centres (core.telegram.org/cdn): encrypted there; keys and hashes come from the file's own.

A CDN is a stranger. It is told nothing of us, what it sends counts only once its digest is right, and whatever goes
wrong with it, the files' own data centres are asked instead for a while.
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
from streamvault.telegram.files.hashes import Hashes, digests_of
from streamvault.telegram.files.request import FileRequest
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.mtproto.crypto import ctr256
from streamvault.telegram.single_flight import SingleFlight, beside

log = logging.getLogger(__name__)

PATIENCE, PAUSE = 6.0, 60.0
"""Seconds that a chunk may take from a CDN, and for which none is used after one has failed."""
_CAPACITY = 512


class CdnFailed(SourceError):
    """The chunk did not come from the CDN: ask the file's own data centre, which sends it while CDNs are paused."""


@dataclass(slots=True, eq=False)
class Redirect:
    """Where the file's own data centre sent us. `uploads`: how often the CDN has got the file because we asked."""

    dc_id: int
    token: bytes
    key: bytes
    iv: bytes
    uploads: int = 0


class Cdn:
    """The redirects that were followed last, by account and file."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._paused_until = 0.0
        self._redirects: OrderedDict[tuple[str, FileKey], Redirect] = OrderedDict()
        self._hashes = Hashes()
        self._uploads: SingleFlight[bytes, None] = SingleFlight()

    @property
    def open(self) -> bool:
        """Whether CDNs may be used now."""
        return self._clock() >= self._paused_until

    def pause(self, reason: object) -> None:
        """Use no CDN for a while."""
        if self.open:
            log.warning("no CDN is used for %.0f s: %s", PAUSE, reason)
        self._paused_until = self._clock() + PAUSE

    def known(self, account: Account, key: FileKey) -> Redirect | None:
        """Where the file is, if that was told and may be used."""
        return self._redirects.get((account.name, key)) if self.open else None

    def follow(self, account: Account, wanted: FileRequest, answer: Any) -> Redirect:
        """Remember an upload.fileCdnRedirect, and the first hashes, which come with it."""
        redirect = Redirect(answer.dc_id, answer.file_token, answer.encryption_key, answer.encryption_iv)
        self._hashes.learn(redirect.token, digests_of(answer.file_hashes, size=wanted.file.size))
        self._redirects[account.name, wanted.key] = redirect
        while len(self._redirects) > _CAPACITY:
            self._redirects.popitem(last=False)
        return redirect

    async def read(
        self, account: Account, where: Location, wanted: FileRequest, *, redirect: Redirect, asked: set[Connection]
    ) -> bytes:
        """The bytes, verified; they begin and end where digests may (see Wanted.widened).

        Raises TokenExpired when the redirect is no longer good: ask the file's own data centre again. CdnFailed.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._verified(account, where, wanted, redirect=redirect, asked=asked)
        except TokenExpired:
            if self._redirects.get((account.name, wanted.key)) is redirect:
                del self._redirects[account.name, wanted.key]
            raise
        except (SourceError, TimeoutError) as error:
            reason = str(error) or f"no chunk within {PATIENCE:.0f} s"
            self.pause(f"data centre {redirect.dc_id}: {reason}")
            raise CdnFailed(reason) from error

    async def _verified(
        self, account: Account, where: Location, wanted: FileRequest, *, redirect: Redirect, asked: set[Connection]
    ) -> bytes:
        if account.directory.find(redirect.dc_id) or (len(redirect.key), len(redirect.iv)) != (32, 16):
            raise SourceError("Telegram sends us to a CDN that is none")

        async def ask(offset: int) -> Sequence[Digest]:
            query = raw.functions.upload.GetCdnFileHashes(file_token=redirect.token, offset=offset)
            return digests_of(await account.download(where.dc_id, query), size=wanted.file.size)

        start, stop = wanted.offset, wanted.stop
        with beside(self._hashes.covering(redirect.token, start, stop, asker=account.name, ask=ask)) as digests:
            sealed = await self._sealed(account, where, wanted, redirect=redirect, asked=asked)
            if len(sealed) != wanted.expected:
                raise ShortRead(f"{len(sealed)} bytes came from the CDN where {wanted.expected} were promised")
            data = _opened(sealed, redirect, offset=start)
            known = await digests
        if reach(known, start, stop) < stop:
            raise SourceError("Telegram vouches for none of what the CDN sends")
        if differs(data, start, known):
            self._hashes.forget(redirect.token, start)
            account.pools.tally(redirect.dc_id).failed_over("corrupt")
            raise CorruptRead("the CDN sends bytes that are not the file's")
        return data

    async def _sealed(
        self, account: Account, where: Location, wanted: FileRequest, *, redirect: Redirect, asked: set[Connection]
    ) -> bytes:
        """The bytes as the CDN has them; once it is told to get the file."""
        query = raw.functions.upload.GetCdnFile(file_token=redirect.token, offset=wanted.offset, limit=wanted.limit)
        for _ in range(2):
            uploads = redirect.uploads
            with account.pools.tally(redirect.dc_id).flight(wanted.limit):
                answer = await account.download(redirect.dc_id, query, asked=asked, size=wanted.limit, cdn=True)
            if isinstance(answer, raw.types.upload.CdnFile):
                return bytes(answer.bytes)
            if not isinstance(answer, raw.types.upload.CdnFileReuploadNeeded):
                raise SourceError(f"the CDN answered with {type(answer).__name__} instead of a chunk")
            if redirect.uploads == uploads:  # nobody has had it uploaded since we asked
                upload = partial(self._upload, account, where, wanted, redirect=redirect, needed=answer)
                await self._uploads.run(redirect.token, upload)
        raise SourceError("the CDN does not get the file")

    async def _upload(
        self, account: Account, where: Location, wanted: FileRequest, *, redirect: Redirect, needed: Any
    ) -> None:
        query = raw.functions.upload.ReuploadCdnFile(file_token=redirect.token, request_token=needed.request_token)
        hashes = digests_of(await account.download(where.dc_id, query), size=wanted.file.size)
        self._hashes.learn(redirect.token, hashes)
        redirect.uploads += 1


def _opened(sealed: bytes, redirect: Redirect, *, offset: int) -> bytes:
    """AES-256-CTR, whose last four IV bytes are offset // 16, big-endian."""
    return ctr256(sealed, redirect.key, bytearray(redirect.iv[:12] + (offset // 16).to_bytes(4, "big")))
