"""The server's side of the origin: starts it, orders forks of it and their ends, and hears what becomes of them."""

import asyncio
import contextlib
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streamvault.errors import SourceUnavailable
from streamvault.reading.sandbox.protocol import CONTROL, Control, Order, unpack_control

START_TIMEOUT = 60.0
"""Seconds for loading the libraries."""

EXIT_TIMEOUT = 5.0
"""Seconds for the end of a fork that was killed, and of the origin."""

SOURCES = Path(__file__).parents[3]
"""The folder of this package, found by the origin without any environment variable."""

_START = (
    "import sys; sys.path[:0] = sys.argv.pop(1).split(':'); import streamvault.reading.sandbox.origin as o; o.main()"
)


@dataclass(frozen=True, slots=True)
class Exit:
    """How a fork ended: exit code or negative signal, None if its origin ended with it; `cpu` in seconds."""

    code: int | None
    cpu: float = 0.0


class Fork:
    """One fork. `pid` is known some time after the order, and is for measurements: the number may be taken over."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.told = False
        """Whether it was killed by order."""
        self.pid: int | None = None
        self.ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self.refused: str = ""
        """Why there is no such process."""


class OriginProcess:
    """A running origin, or one that has ended: `alive` says which."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self.forks: dict[int, Fork] = {}
        self.pid = process.pid
        self._process = process
        self._control = control
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._last = 0
        self.alive = True
        self._loop.add_reader(control.fileno(), self._hear)

    @classmethod
    async def start(cls, modules: Sequence[str], *, path: Sequence[Path] = ()) -> "OriginProcess":
        """An origin that has loaded `modules`, as far as they are installed; they may be in the folders `path`, too.

        Raises SourceUnavailable.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        command = [sys.executable, "-I", "-c", _START, os.pathsep.join(map(str, (SOURCES, *path))), *modules]
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603, ASYNC220 - it returns as soon as the program runs
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    env={},
                    process_group=0,  # Ctrl-C in a terminal is for the server, which ends the origin itself
                )
            except OSError as error:
                ours.close()
                raise SourceUnavailable(f"no process for media files can be started ({error.strerror})") from error
        origin = cls(process, ours)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await origin._ready
        except TimeoutError as error:
            await origin.close()
            raise SourceUnavailable("the process for media files does not start in time") from error
        except BaseException:
            await origin.close()
            raise
        return origin

    async def close(self) -> None:
        """End it and all forks, and wait for it."""
        ready = self._ready.done()
        self._lose()  # which it sees, ends its forks, and ends itself
        await asyncio.shield(asyncio.to_thread(self._wait, EXIT_TIMEOUT if ready else 0.0))

    def _wait(self, patience: float) -> None:
        """Nobody else reaps the process, so its number is its own until then."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def fork(self, connection: socket.socket) -> Fork:
        """Order a fork that gets `connection`; it has ended where the origin has. Raises SourceUnavailable."""
        self._last += 1
        fork = self.forks[self._last] = Fork(self._last)
        try:
            socket.send_fds(self._control, [Control(Order.FORK, fork.number).pack()], [connection.fileno()])
        except OSError as error:
            if self.alive and not isinstance(error, BrokenPipeError | ConnectionResetError):
                del self.forks[fork.number]
                raise SourceUnavailable(f"no process for a media file can be started ({error.strerror})") from error
            self._lose()
        return fork

    async def end(self, fork: Fork, *, patience: float = 0.0) -> Exit:
        """Kill a fork if it still runs in `patience` seconds. An origin that does not report its end is killed."""
        if patience:
            await asyncio.wait([fork.ended], timeout=patience)
        if not fork.ended.done():
            fork.told = True
            with contextlib.suppress(OSError):  # an origin that cannot be told does not answer either
                self._control.send(Control(Order.KILL, fork.number).pack())
        await asyncio.wait([fork.ended], timeout=EXIT_TIMEOUT)
        if not fork.ended.done():
            await self.close()
        return fork.ended.result()

    def _hear(self) -> None:
        while self.alive:
            try:
                data = self._control.recv(CONTROL)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._lose()
                return
            self._take(unpack_control(data))

    def _take(self, message: Control) -> None:
        if message.order is Order.READY and not self._ready.done():
            self._ready.set_result(None)
        fork = self.forks.get(message.number)
        if fork is None:
            return
        if message.order is Order.FORKED:
            fork.pid = message.value
        elif message.order is Order.REFUSED:
            fork.refused = os.strerror(message.value) if message.value in errno.errorcode else "unknown error"
            self._ended(fork, Exit(None))
        elif message.order is Order.ENDED:
            self._ended(fork, Exit(message.value, message.cpu))

    def _ended(self, fork: Fork, how: Exit) -> None:
        del self.forks[fork.number]
        if not fork.ended.done():
            fork.ended.set_result(how)

    def _lose(self) -> None:
        """The origin has ended, or ends now: its forks end with it."""
        for fork in list(self.forks.values()):
            self._ended(fork, Exit(None))
        if not self.alive:
            return
        self.alive = False
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        if not self._ready.done():
            self._ready.set_exception(SourceUnavailable("the process for media files ended at its start"))
            self._ready.exception()  # not every caller waits for it
