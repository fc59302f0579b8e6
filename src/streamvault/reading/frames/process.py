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
from streamvault.reading.frames import child
from streamvault.reading.frames.pipe import MOST_CELLS, SAID, Answering, Asking, pack_answer, unpack
from streamvault.reading.retrying import Clock, LoopClock

log = logging.getLogger(__name__)

Bring = Callable[[MediaFile, range], Awaitable[bytes]]
"""Brings cells of a file; raises as ChunkSource.fetch."""


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as JPEG, and a tiny one (see media/placeholder.py)."""

    tiny: bytes
    picture: bytes


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a child may take, without its waits for Telegram; and that Telegram may take, for all it asks."""

    child: float = 20.0
    telegram: float = 60.0


class _Spent(Exception):
    """The child has had its time."""


class StillMaker:
    """Makes one picture; a new one each time. `command` is the child's, for tests that need a bad one."""

    def __init__(
        self,
        bring: Bring,
        *,
        patience: Patience | None = None,
        command: Callable[[int, float], Sequence[str]] = child.command,
        clock: Clock | None = None,
    ) -> None:
        self._bring = bring
        self._patience = patience or Patience()
        self._command = command
        self._clock = clock or LoopClock()

    async def __call__(self, file: MediaFile) -> Still | None:
        """The file's picture, or None if it has none that can be had within the bounds.

        Raises SourceUnavailable when there can be no child, or Telegram takes too long; else as ChunkSource.fetch.
        """
        command = self._command(file.size, file.duration or 0.0)
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/", start_new_session=True
            )
        except OSError as error:
            raise SourceUnavailable(f"no process for pictures can be started ({error.strerror})") from error
        try:
            return await _Talk(process, file, self._bring, patience=self._patience, clock=self._clock).end()
        except (_Spent, OSError, asyncio.IncompleteReadError) as end:
            log.info("no picture of %s: its child ended early (%s)", file.origin, type(end).__name__)
            return None
        finally:
            await _ended(process)


class _Talk:
    """What goes to and fro between us and one child."""

    def __init__(self, process: Process, file: MediaFile, bring: Bring, *, patience: Patience, clock: Clock) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._from, self._to = process.stdout, process.stdin
        self._file = file
        self._bring = bring
        self._clock = clock
        self._child_left, self._telegram_left = patience.child, patience.telegram
        self._cells_left = MOST_CELLS

    async def end(self) -> Still | None:
        """Serve the child until it has an answer."""
        while True:
            said = unpack(await self._hear(SAID))
            if isinstance(said, Asking) and self._may(said):
                self._cells_left -= said.count
                await self._tell(pack_answer(await self._fetch(said)))
            elif isinstance(said, Answering) and said.picture:
                tiny = await self._hear(said.tiny)
                return Still(tiny, await self._hear(said.picture))
            else:
                return None

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
            raise _Spent from error
        finally:
            self._child_left -= self._clock.time() - began

    async def _fetch(self, asking: Asking) -> bytes:
        began = self._clock.time()
        try:
            async with self._clock.timeout(self._telegram_left):
                return await self._bring(self._file, range(asking.first, asking.first + asking.count))
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
