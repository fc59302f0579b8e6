"""One child process for one file: what it asks for is brought, what it says is checked, and it never outlives this."""

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
from streamvault.reading.frames.sandbox_protocol import MOST_CELLS, SAID, Answering, Asking, pack_answer, unpack
from streamvault.reading.retry import Clock, LoopClock

log = logging.getLogger(__name__)

ReadCells = Callable[[MediaFile, range], Awaitable[bytes]]
"""Brings cells of a file; raises as ChunkSource.fetch."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as JPEG, and a tiny one (see media/placeholder.py)."""

    tiny: bytes
    picture: bytes


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that a child may take, without its waits for Telegram; and that Telegram may take, for all it asks."""

    child: float = 20.0
    telegram: float = 60.0


class _Bad(Exception):
    """The child has had its time, or talks nonsense."""


class FrameExtractor:
    """Makes one picture; a new one each time. `command` is the child's, for tests that need a bad one."""

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
        """The file's picture, or None if it has none that can be had within the bounds.

        Raises SourceUnavailable when there can be no child, when it does not get as far as reading, which no file is
        to blame for, and when Telegram takes too long; else as ChunkSource.fetch.
        """
        command = self._command(file.size, file.duration or 0.0)
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True
            )
        except OSError as error:
            raise SourceUnavailable(f"no process for pictures can be started ({error.strerror})") from error
        talk = _Talk(process, file, self._read_cells, limits=self._limits, clock=self._clock)
        try:
            return await talk.end()
        except (_Bad, OSError, asyncio.IncompleteReadError) as end:
            if not talk.asked:
                raise self._broken(end) from end
            log.info("no picture of %s: its child ended early (%r)", file.origin, end)
            return None
        finally:
            await _ended(process)

    def _broken(self, end: Exception) -> SourceUnavailable:
        if not self._warned:
            self._warned = True
            log.warning("no pictures of films can be made: the process for it does not get as far as reading (%r)", end)
        return SourceUnavailable("the process for pictures does not work")


class _Talk:
    """What goes to and fro between us and one child."""

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
        self.asked = False
        """Whether the child has got as far as to ask for something."""

    async def end(self) -> Still | None:
        """Serve the child until it has an answer."""
        while True:
            said = unpack(await self._hear(SAID))
            if isinstance(said, Asking) and self._may(said):
                self.asked = True
                self._cells_left -= said.count
                await self._tell(pack_answer(await self._fetch(said)))
            elif isinstance(said, Answering):
                tiny = await self._hear(said.tiny)
                return Still(tiny, await self._hear(said.picture)) if said.picture else None
            else:
                raise _Bad(f"{said} is not for it to say")

    def _may(self, asking: Asking) -> bool:
        return asking.count <= self._cells_left and (asking.first + asking.count - 1) * CELL < self._file.size

    async def _hear(self, count: int) -> bytes:
        return await self._within(self._from.readexactly(count))

    async def _tell(self, data: bytes) -> None:
        self._to.write(data)
        await self._within(self._to.drain())

    async def _within(self, awaited: Awaitable[bytes | None]) -> bytes:
        """Wait for the child, at the cost of its time."""
        began = self._clock.time()
        try:
            async with self._clock.timeout(self._child_left):
                return await awaited or b""
        except TimeoutError as error:
            raise _Bad("too slow") from error
        finally:
            self._child_left -= self._clock.time() - began

    async def _fetch(self, asking: Asking) -> bytes:
        began = self._clock.time()
        try:
            async with self._clock.timeout(self._telegram_left):
                return await self._read_cells(self._file, range(asking.first, asking.first + asking.count))
        except TimeoutError as error:
            raise SourceUnavailable("Telegram takes too long for a picture") from error
        finally:
            self._telegram_left -= self._clock.time() - began


async def _ended(process: Process) -> None:
    """Kill the child if it still runs, and see it buried; nothing of it stays open."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with whatever it may have started
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    while await process.stdout.read(1 << 16):
        pass  # what it said last; its transport closes at the end of its pipes
    await process.wait()
