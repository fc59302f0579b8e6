"""The server's side of the sandbox: runs one child process per file, answers its requests and checks its messages."""

import asyncio
import contextlib
import logging
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from streamvault.errors import SourceUnavailable
from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
from streamvault.reading.frames import sandbox
from streamvault.reading.frames.sandbox_protocol import (
    MESSAGE_HEADER,
    MOST_CELLS,
    CellRequest,
    ResultHeader,
    pack_answer,
    unpack_message,
)
from streamvault.reading.retry import Clock, LoopClock

log = logging.getLogger(__name__)

ReadCells = Callable[[MediaFile, range], Awaitable[bytes]]
"""Reads cells of a file; raises as ChunkSource.fetch."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as JPEG, and a placeholder of it (`tiny`, see media/placeholder.py)."""

    tiny: bytes
    picture: bytes


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds for one file: of the child without its waits for Telegram, and of Telegram for all requests together."""

    child: float = 20.0
    telegram: float = 60.0


class _ChildFailed(Exception):
    """The child exceeded its time limit or sent an invalid message."""


class FrameExtractor:
    """Extracts the picture of a file in a child process of its own. `command` starts it; tests pass a faulty one."""

    def __init__(
        self,
        read_cells: ReadCells,
        *,
        limits: TimeLimits | None = None,
        command: Callable[[int, float], Sequence[str]] = sandbox.command,
        clock: Clock | None = None,
    ) -> None:
        self._read_cells = read_cells
        self._limits = limits or TimeLimits()
        self._command = command
        self._clock = clock or LoopClock()
        self._warned = False

    async def __call__(self, file: MediaFile) -> Still | None:
        """The file's picture, or None if it has none that can be extracted within the limits.

        Raises SourceUnavailable if the child cannot be started, if it fails before its first read (which is not the
        file's fault), and if Telegram takes too long; else as ChunkSource.fetch.
        """
        command = self._command(file.size, file.duration or 0.0)
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True
            )
        except OSError as error:
            raise SourceUnavailable(f"no process for pictures can be started ({error.strerror})") from error
        exchange = _Exchange(process, file, self._read_cells, limits=self._limits, clock=self._clock)
        try:
            return await exchange.serve()
        except (_ChildFailed, OSError, asyncio.IncompleteReadError) as end:
            if not exchange.has_read:
                raise self._broken(end) from end
            log.debug("no picture of %s: its child ended early (%r)", file.origin, end)
            return None
        finally:
            await _kill_and_wait(process)

    def _broken(self, end: Exception) -> SourceUnavailable:
        if not self._warned:
            self._warned = True
            log.warning("no pictures of films can be made: the child process fails before its first read (%r)", end)
        return SourceUnavailable("the process for pictures does not work")


class _Exchange:
    """The messages between the server and one child."""

    def __init__(
        self, process: Process, file: MediaFile, read_cells: ReadCells, *, limits: TimeLimits, clock: Clock
    ) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._from, self._to = process.stdout, process.stdin
        self._file = file
        self._read_cells = read_cells
        self._clock = clock
        self._child_left, self._telegram_left = limits.child, limits.telegram
        self._cells_left = MOST_CELLS
        self.has_read = False
        """Whether the child has requested any cells."""

    async def serve(self) -> Still | None:
        """Answer the requests of the child until it sends its result."""
        while True:
            message = unpack_message(await self._receive(MESSAGE_HEADER))
            if isinstance(message, CellRequest) and self._is_allowed(message):
                self.has_read = True
                self._cells_left -= message.count
                await self._send(pack_answer(await self._fetch(message)))
            elif isinstance(message, ResultHeader):
                tiny = await self._receive(message.tiny)
                return Still(tiny, await self._receive(message.picture)) if message.picture else None
            else:
                raise _ChildFailed(f"invalid message {message}")

    def _is_allowed(self, request: CellRequest) -> bool:
        return request.count <= self._cells_left and (request.first + request.count - 1) * CELL < self._file.size

    async def _receive(self, count: int) -> bytes:
        return await self._within(self._from.readexactly(count))

    async def _send(self, data: bytes) -> None:
        self._to.write(data)
        await self._within(self._to.drain())

    async def _within(self, awaited: Awaitable[bytes | None]) -> bytes:
        """Wait for the child, within the rest of its time limit."""
        began = self._clock.time()
        try:
            async with self._clock.timeout(self._child_left):
                return await awaited or b""
        except TimeoutError as error:
            raise _ChildFailed("time limit exceeded") from error
        finally:
            self._child_left -= self._clock.time() - began

    async def _fetch(self, request: CellRequest) -> bytes:
        began = self._clock.time()
        try:
            async with self._clock.timeout(self._telegram_left):
                return await self._read_cells(self._file, range(request.first, request.first + request.count))
        except TimeoutError as error:
            raise SourceUnavailable("Telegram takes too long for a picture") from error
        finally:
            self._telegram_left -= self._clock.time() - began


async def _kill_and_wait(process: Process) -> None:
    """Kill the child and its process group if it still runs, wait for its exit, and close its pipes."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with all processes it has started
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    while await process.stdout.read(1 << 16):
        pass  # the transport closes at the end of the pipe
    await process.wait()
