"""A child process, from its start to the end of everything that it started."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from streamvault.errors import SourceFailed

LAUNCH = Path(__file__).with_name("launch.py")
LONGEST_LINE = 1 << 20
"""Bytes of a line that a child prints."""
KEPT = 16 * 1024
"""Bytes of its messages that are kept, the last ones."""


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Of each process: seconds of processor time, bytes of memory that it may write to (JavaScript engines reserve
    much more addresses) and of a file, open files. 0: no limit.
    """

    nicer: int = 10
    seconds: int = 6 * 3600
    memory: int = 2 << 30
    file: int = 0
    files: int = 256

    def text(self) -> str:
        """As `launch` reads them."""
        return ",".join(map(str, (os.getpid(), self.nicer, self.seconds, self.memory, self.file, self.files)))


class Child:
    """A running child. `messages`: the last bytes of what it wrote to its standard error."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.messages = ""

    @property
    def pid(self) -> int:
        """Its process id, and that of its group."""
        return self._process.pid

    async def lines(self) -> AsyncGenerator[str, None]:
        """What it prints, line by line, until it closes its output. Raises SourceFailed for a line that is too long."""
        assert self._process.stdout is not None
        try:
            async for line in self._process.stdout:
                yield line.decode(errors="replace").rstrip("\r\n")
        except ValueError:
            raise SourceFailed(f"a program printed a line of more than {LONGEST_LINE:,} bytes") from None

    async def wait(self) -> int:
        """Its exit code."""
        return await self._process.wait()

    def _end(self) -> None:
        """Kill what is left of its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


@asynccontextmanager
async def running(
    command: Sequence[str], *, folder: Path, environment: Mapping[str, str], typed: bytes = b"",
    limits: ChildLimits = ChildLimits(),
) -> AsyncIterator[Child]:  # fmt: skip
    """A child in this context, which works in `folder` and reads `typed`; it is killed at the end. Raises SourceFailed
    where it cannot be started.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-IS", str(LAUNCH), limits.text(), *command, cwd=folder, env=dict(environment),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            start_new_session=True, limit=LONGEST_LINE,
        )  # fmt: skip
    except OSError as error:
        raise SourceFailed(f"a program could not be started: {error.strerror}") from error
    child = Child(process)
    tasks = [asyncio.create_task(_type(process, typed)), asyncio.create_task(_listen(process, child))]
    try:
        yield child
    finally:
        child._end()
        await asyncio.shield(_reap(process, tasks))


async def _reap(process: asyncio.subprocess.Process, tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    process._transport.close()  # type: ignore[attr-defined]
    await process.wait()


async def _type(process: asyncio.subprocess.Process, typed: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.write(typed)
        await process.stdin.drain()
    process.stdin.close()


async def _listen(process: asyncio.subprocess.Process, child: Child) -> None:
    """Keep the end of its messages."""
    assert process.stderr is not None
    kept = b""
    while block := await process.stderr.read(KEPT):
        kept = (kept + block)[-KEPT:]
        child.messages = kept.decode(errors="replace")
