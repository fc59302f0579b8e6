"""One FTP session: log-in, the facts of a file, and its bytes over a data connection of its own."""

import ipaddress
from collections.abc import Callable

from streamvault.errors import LeechError, LinkExpired, SourceFailed, SourceRefused
from streamvault.leech.sources.ftp.control import Control
from streamvault.leech.sources.ftp.replies import Reply, extended_port, passive_port, size_of, time_of
from streamvault.leech.sources.pace import Pace
from streamvault.leech.sources.shared import Shared
from streamvault.leech.sources.urls import Url
from streamvault.leech.sources.wire import Cut, Wire, wire_over

_NO_FILE = frozenset({550, 553})
_NOT_DONE = frozenset({331, 332, 500, 501, 502, 503, 504})


class Crowded(Exception):
    """The server refused the session, perhaps for being one too many; the argument is the error that it is else."""


class NoExtendedPassive(Exception):
    """The server does not reply to EPSV, so that replies no longer belong to commands: the session is over."""


class Session:
    """A session that is logged in; see `open_session`."""

    def __init__(self, shared: Shared, url: Url, control: Control, peer: str, leave: Callable[[], None]) -> None:
        self.host = str(url.host)
        self._shared, self._url, self._control = shared, url, control
        self._peer = ipaddress.ip_address(peer)
        self._leave = leave
        self.data: Wire | None = None

    def close(self) -> None:
        """Drop both connections."""
        if self.data is not None:
            self.data.close()
        self._control.close()
        self._leave()

    async def log_in(self) -> None:
        """Raises SourceRefused, SourceFailed, Crowded."""
        reply = await self._control.reply()
        while reply.preliminary:
            reply = await self._control.reply()
        self._expect(reply)
        user, password = self._url.login or (b"anonymous", b"anonymous@")
        if any(byte in user + password for byte in b"\r\n\0"):
            raise SourceRefused("the user or password of the address holds control characters")
        reply = await self._control.ask(b"USER " + user)
        if reply.code == 331:
            reply = await self._control.ask(b"PASS " + password)
        self._expect(reply)
        self._expect(await self._control.ask(b"TYPE I"))

    async def facts(self, path: bytes) -> tuple[int | None, str | None]:
        """Bytes of a file, and when it was changed, as far as the server tells them. Raises SourceFailed."""
        size = size_of(await self._control.ask(b"SIZE " + path))
        return size, time_of(await self._control.ask(b"MDTM " + path))

    async def retrieve(self, path: bytes, offset: int, *, extended: bool, begun: bool) -> int:
        """Have the bytes from `offset` on come over `data`; the offset that they begin at, 0 where the server cannot
        go on. Raises SourceRefused (LinkExpired), SourceFailed, NoExtendedPassive.
        """
        self.data = await self._connect(extended=extended)
        if offset and (await self._control.ask(b"REST %d" % offset)).code != 350:
            offset = 0
        reply = await self._control.ask(b"RETR " + path)
        if reply.code in _NO_FILE and begun:
            raise LinkExpired(f"{self.host} no longer has the file ({reply.code}); give a fresh address to go on")
        if not (reply.preliminary or reply.done):
            raise self._error(reply)
        return offset

    async def ended(self) -> bool:
        """Whether the server says that it sent everything."""
        try:
            reply = await self._control.reply()
            return reply.done
        except SourceFailed:
            return False

    async def _connect(self, *, extended: bool) -> Wire:
        if extended:
            try:
                port = extended_port(await self._control.ask(b"EPSV", self._shared.limits.passive))
            except TimeoutError:
                raise NoExtendedPassive from None
            if port is not None:
                try:
                    return await self._data(port)
                except SourceFailed:
                    pass  # a firewall may let the other kind through
        reply = await self._control.ask(b"PASV")
        port = passive_port(reply)
        if port is None:
            raise SourceFailed(f"{self.host} opens no connection for the file ({reply.code})")
        return await self._data(port)

    async def _data(self, port: int) -> Wire:
        sock = await self._shared.guard.connect(self._peer, port)
        return await wire_over(sock, None, self.host, count=self._shared.count)

    def _expect(self, reply: Reply) -> None:
        """Raises what a reply to a step of the log-in means that is no success."""
        if not reply.done:
            error = self._error(reply)
            raise Crowded(error) if reply.crowded else error

    def _error(self, reply: Reply) -> LeechError:
        code = reply.code
        if code == 530 and self._url.login:
            return SourceRefused(f"{self.host} does not accept the user and password of the address (530)")
        if code == 530:
            return SourceRefused(
                f"{self.host} asks for a log-in (530): give the address with user:password@ before the host"
            )
        if code in _NO_FILE:
            return SourceRefused(f"{self.host} has no such file, or does not give it ({code})")
        if code in _NOT_DONE:
            return SourceRefused(f"{self.host} does not do what is needed to read a file ({code})")
        return SourceFailed(f"{self.host} cannot give the file now ({code})")


class Retrieval:
    """The bytes of a RETR. `position`: of the next one in the file. `counted`: somebody knows how many they are; else
    the server has to say that it sent all.
    """

    def __init__(self, session: Session, shared: Shared, *, position: int, counted: bool) -> None:
        self.session, self.position = session, position
        self._counted = counted
        self._pace = Pace(session.host, shared.limits)

    async def read(self) -> bytes:
        """See stream.Body."""
        assert self.session.data is not None
        data = await self._pace.wait(self.session.data.read())
        self._pace.received(len(data))
        self.position += len(data)
        if not data and not self._counted and not await self.session.ended():
            raise Cut("broke off")
        return data

    def close(self) -> None:
        """See stream.Body."""
        self.session.close()


async def open_session(shared: Shared, url: Url) -> Session:
    """A session that is logged in. A host that takes one at a time is waited for. Raises SourceRefused,
    SourceFailed.
    """
    limits, hosts, name = shared.limits, shared.hosts, str(url.host)
    error: Exception | None = None
    for attempt in range(limits.tries):
        crowded = await hosts.enter(name)
        try:
            return await _logged_in(shared, url)
        except Crowded as refused:
            error = refused.args[0]
        if not crowded:
            break
        hosts.step_down(name)
        await shared.sleep(limits.pause * 2**attempt)
    assert error is not None
    raise error


async def _logged_in(shared: Shared, url: Url) -> Session:
    name = str(url.host)
    left = [name]

    def leave() -> None:
        if left:
            shared.hosts.leave(left.pop())

    try:
        sock = await shared.guard.connect(url.host, url.port)
        peer = str(sock.getpeername()[0])
        control = Control(await wire_over(sock, None, name), name, shared.limits.headers)
    except BaseException:
        leave()
        raise
    session = Session(shared, url, control, peer, leave)
    try:
        await session.log_in()
    except BaseException:
        session.close()
        raise
    return session
