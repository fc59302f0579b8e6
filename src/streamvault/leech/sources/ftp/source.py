"""A file of an FTP server as a Source."""

import re
from contextlib import AbstractAsyncContextManager
from urllib.parse import unquote_to_bytes

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened
from streamvault.leech.sources.blocks import opened
from streamvault.leech.sources.comparing import check_tail, refuse_total, take_before
from streamvault.leech.sources.ftp.session import NoExtendedPassive, Retrieval, Session, open_session
from streamvault.leech.sources.magic import LOOKED_AT, type_by_bytes
from streamvault.leech.sources.names import clean, mime_of, with_ending
from streamvault.leech.sources.shared import Shared
from streamvault.leech.sources.stream import Stream
from streamvault.leech.sources.urls import Url, parse_url
from streamvault.leech.sources.wire import Cut

_TYPE_CODE = re.compile(rb";type=[aid]$", re.IGNORECASE)
NO_EPSV = ("epsv", "no")
"""In `state`: the server does not reply to EPSV."""


class FtpSource:
    """One address, ftp. Raises SourceRefused for another one."""

    def __init__(self, shared: Shared, url: str) -> None:
        self._shared = shared
        self._opening = _Opening(shared, parse_url(url, ("ftp",)))

    def open(self, checkpoint: Checkpoint | None) -> AbstractAsyncContextManager[Opened]:
        """See Source.open."""
        return opened(self._shared, self._opening, checkpoint)


class _Opening:
    """Each time over a new session."""

    def __init__(self, shared: Shared, url: Url) -> None:
        self.host, self.key = str(url.host), url.shown
        self._shared, self._url = shared, url
        self._path = _path(url)

    async def begin(self) -> tuple[Described, Stream[Retrieval], dict[str, str]]:
        state: dict[str, str] = {}
        stream, size, modified = await self._retrieved(0, state, begun=False, old=None)
        try:
            most = self._shared.limits.size
            if size is not None and most and size > most:
                raise SourceRefused(
                    f"the file at {self.host} has {size:,} bytes, and at most {most:,} are taken (LEECH_MAX_SIZE)"
                )
            head = await stream.peek(LOOKED_AT)
        except BaseException:
            stream.close()
            raise
        name = with_ending(clean(_text(self._path.rpartition(b"/")[2])) or "file", type_by_bytes(head))
        described = Described(name, size, mime_of(name, "", head), None, modified, resumable=True)
        return described, stream, state

    async def go_on(self, checkpoint: Checkpoint, state: dict[str, str]) -> tuple[Stream[Retrieval], bytes] | None:
        old = checkpoint.described
        start = checkpoint.offset - (checkpoint.tail[0] if checkpoint.tail else 0)
        stream, _, modified = await self._retrieved(start, state, begun=True, old=old)
        try:
            certain = old.modified is not None and old.modified == modified
            before = await take_before(stream, start, checkpoint.offset, self.host)
            check_tail(before, checkpoint, certain=certain, host=self.host)
        except BaseException:
            stream.close()
            raise
        return stream, before

    async def check_end(self, stream: Stream[Retrieval], size: int) -> None:
        """Ask for the size again; where the server is gone, all that it told of is there."""
        try:
            total = await self._total_now(stream, size)
        except (Cut, SourceFailed):
            return
        if total is not None and total > size:
            self._refuse_total(size, total)

    async def _total_now(self, stream: Stream[Retrieval], size: int) -> int | None:
        answer, session = stream.answer, stream.answer.session
        if answer.position > size or await answer.read():
            return answer.position
        return (await session.facts(self._path))[0] if await session.ended() else None

    async def _retrieved(
        self, start: int, state: dict[str, str], *, begun: bool, old: Described | None
    ) -> tuple[Stream[Retrieval], int | None, str | None]:
        """The bytes from `start` on, or from 0; size and time of the file."""
        try:
            return await self._asked(start, extended=state.get(NO_EPSV[0]) != NO_EPSV[1], begun=begun, old=old)
        except NoExtendedPassive:
            state.update([NO_EPSV])
        return await self._asked(start, extended=False, begun=begun, old=old)

    async def _asked(
        self, start: int, *, extended: bool, begun: bool, old: Described | None
    ) -> tuple[Stream[Retrieval], int | None, str | None]:
        session = await open_session(self._shared, self._url)
        try:
            size, modified = await session.facts(self._path)
            if old is not None and None not in (old.size, size) and old.size != size:
                assert old.size is not None
                assert size is not None
                self._refuse_total(old.size, size)
            return await self._stream(session, start, size, extended=extended, begun=begun), size, modified
        except BaseException:
            session.close()
            raise

    async def _stream(
        self, session: Session, start: int, size: int | None, *, extended: bool, begun: bool
    ) -> Stream[Retrieval]:
        offset = await session.retrieve(self._path, start, extended=extended, begun=begun)
        return Stream(
            Retrieval(session, self._shared, position=offset, counted=size is not None), offset, size, last=True
        )

    def _refuse_total(self, size: int, total: int) -> None:
        refuse_total(self._shared.hosts, key=self.key, host=self.host, size=size, total=total)


def _path(url: Url) -> bytes:
    """The path of a file, decoded, from the folder of the log-in on; %2F at its start is the root. Raises
    SourceRefused.
    """
    path = unquote_to_bytes(_TYPE_CODE.sub(b"", url.target.encode()).removeprefix(b"/"))
    if any(byte in path for byte in b"\r\n\0"):
        raise SourceRefused("the address holds control characters")
    if not path or path.endswith(b"/"):
        raise SourceRefused("the address names a folder, and no file in it")
    return path


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
