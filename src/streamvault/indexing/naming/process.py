"""The server's side of the process that reads names: started when needed, replaced when a name ends it."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import streamvault
from streamvault.errors import StreamVaultError
from streamvault.indexing.naming.protocol import LONGEST, NOTHING, READY, Name, answered, ask
from streamvault.media.name_facts import NameFacts

log = logging.getLogger(__name__)

START_SECONDS = 120.0
SILENT_SECONDS = 60.0
"""For one name; the child ends itself after far less processor time, so this is a machine that has none to give."""
CALM_SECONDS = 5.0
_KILLS = tuple(-number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
"""Ends that somebody else wanted; no name sends these."""
PROGRAM = "streamvault.indexing.naming.program"


class NameProcessUnavailable(StreamVaultError):
    """Names cannot be read now, whatever they are; try again later."""


class _Ended(Exception):
    """The child has left a batch unanswered."""


class NameProcess:
    """One process, or none; one batch at a time. `close` ends it; the next batch starts a new one."""

    def __init__(self, *, program: str = PROGRAM, silent: float = SILENT_SECONDS) -> None:
        """`program` is a module; `silent` in seconds for each name of a batch."""
        self._program = program
        self._silent = silent
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return self._process.pid if self._process is not None else None

    async def read(self, names: Sequence[Name]) -> list[NameFacts]:
        """What these names tell, in their order. A name that ends the child, twice, tells nothing.

        Raises NameProcessUnavailable when there is no child to be had. Cancelling the call ends the child.
        """
        try:
            return await self._ask(names)
        except _Ended as error:
            log.info("one of %d names: %s; reading each alone", len(names), error)
        return [await self._alone(name) for name in names]

    async def close(self) -> None:
        """End the process, at once if it does not leave by itself."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CALM_SECONDS):
                    await process.wait()
        finally:
            await _bury(process)

    async def _alone(self, name: Name) -> NameFacts:
        try:
            return (await self._ask([name]))[0]
        except _Ended as error:
            log.warning("a name tells nothing, as reading it failed (%s): %.80r", error, name[0])
            return NOTHING

    async def _ask(self, names: Sequence[Name]) -> list[NameFacts]:
        process = self._process or await self._start()
        assert process.stdin is not None
        async with self._all_or_end():
            with contextlib.suppress(ConnectionError):  # what ended the child is seen where its answer is missed
                process.stdin.write(ask(names))
                await process.stdin.drain()
            return answered(await _line(process, self._silent * (len(names) + 1)))

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-B", "-P", "-m", self._program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=LONGEST,
                env=_environment(),
            )  # fmt: skip
        except OSError as error:
            raise NameProcessUnavailable(f"the name reader does not start ({error.strerror})") from error
        async with self._all_or_end():
            try:
                first = await _line(process, START_SECONDS)
            except _Ended as error:
                raise NameProcessUnavailable(f"{error}; python -m {self._program} tells why") from error
            if first != READY:
                raise NameProcessUnavailable(f"{self._program} is no name reader")
        return process

    @contextlib.asynccontextmanager
    async def _all_or_end(self) -> AsyncIterator[None]:
        """Whatever fails or is cancelled inside leaves a conversation that nobody can go on with."""
        whole = False
        try:
            yield
            whole = True
        finally:
            if not whole:
                await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _bury(process)


async def _line(process: asyncio.subprocess.Process, seconds: float) -> bytes:
    """The next line; raises _Ended when there is none, or not in time."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds):
            line = await process.stdout.readline()
    except TimeoutError as error:
        raise _Ended(f"nothing came for {seconds:.0f} s") from error
    except ValueError as error:
        raise _Ended("it says too much") from error
    if not line.endswith(b"\n"):
        code = await process.wait()
        if code in _KILLS:
            raise NameProcessUnavailable("the name reader was killed")
        raise _Ended(f"it ended with {code}")
    return line


async def _bury(process: asyncio.subprocess.Process) -> None:
    """Kill it if it lives, and wait until neither it nor its pipes are left."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.stdin.close()
    await process.stdout.read()
    await process.wait()
    with contextlib.suppress(ConnectionError):
        await process.stdin.wait_closed()


def _environment() -> dict[str, str]:
    """What Python needs to find the same modules as here, and none of our secrets."""
    own = str(Path(streamvault.__file__).parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(dict.fromkeys((own, *filter(None, sys.path))))}
