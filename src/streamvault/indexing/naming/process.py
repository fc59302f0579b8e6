"""The server's side of the child process that parses names: started when needed, replaced when a name ends it."""

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
from streamvault.indexing.naming.protocol import LONGEST, NO_FACTS, READY, Name, decode_facts, encode_names
from streamvault.media.name_facts import NameFacts

log = logging.getLogger(__name__)

START_TIMEOUT = 120.0
ANSWER_TIMEOUT = 60.0
"""Seconds for one name. The child ends itself after far less processor time, so this is for an overloaded machine."""
EXIT_TIMEOUT = 5.0
_KILLS = tuple(-number for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
"""Exit codes of a child that was killed from outside; parsing a name does not cause them."""
PROGRAM = "streamvault.indexing.naming.program"


class NameProcessUnavailable(StreamVaultError):
    """The child cannot be started or was killed from outside; try again later."""


class _ChildFailed(Exception):
    """The child ended, or did not answer a batch in time."""


class NameProcess:
    """One child process at most; reads one batch at a time. `close` ends it; the next batch starts a new one."""

    def __init__(self, *, program: str = PROGRAM, answer_timeout: float = ANSWER_TIMEOUT) -> None:
        """`program` is a module; `answer_timeout` in seconds for each name of a batch."""
        self._program = program
        self._answer_timeout = answer_timeout
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The id of the process, while there is one."""
        return self._process.pid if self._process is not None else None

    async def read(self, names: Sequence[Name]) -> list[NameFacts]:
        """The facts of these names, in their order; NO_FACTS for a name that ends the child twice.

        Raises NameProcessUnavailable. Cancelling the call ends the child.
        """
        try:
            return await self._ask(names)
        except _ChildFailed as error:
            log.info("one of %d names: %s; reading each alone", len(names), error)
        return [await self._alone(name) for name in names]

    async def close(self) -> None:
        """End the process; kill it after EXIT_TIMEOUT."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EXIT_TIMEOUT):
                    await process.wait()
        finally:
            await _kill_and_wait(process)

    async def _alone(self, name: Name) -> NameFacts:
        try:
            return (await self._ask([name]))[0]
        except _ChildFailed as error:
            log.warning("a name could not be parsed (%s): %.80r", error, name[0])
            return NO_FACTS

    async def _ask(self, names: Sequence[Name]) -> list[NameFacts]:
        process = self._process or await self._start()
        assert process.stdin is not None
        async with self._kill_on_failure():
            with contextlib.suppress(ConnectionError):  # if the child has ended, reading its answer says why
                process.stdin.write(encode_names(names))
                await process.stdin.drain()
            return decode_facts(await _line(process, self._answer_timeout * (len(names) + 1)))

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
        async with self._kill_on_failure():
            try:
                first = await _line(process, START_TIMEOUT)
            except _ChildFailed as error:
                raise NameProcessUnavailable(f"{error}; python -m {self._program} tells why") from error
            if first != READY:
                raise NameProcessUnavailable(f"{self._program} is no name reader")
        return process

    @contextlib.asynccontextmanager
    async def _kill_on_failure(self) -> AsyncIterator[None]:
        """Kill the child if the block fails or is cancelled, because requests and answers do not match any more."""
        complete = False
        try:
            yield
            complete = True
        finally:
            if not complete:
                await self._kill()

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _kill_and_wait(process)


async def _line(process: asyncio.subprocess.Process, seconds: float) -> bytes:
    """The next line of output; raises _ChildFailed if there is none in time."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds):
            line = await process.stdout.readline()
    except TimeoutError as error:
        raise _ChildFailed(f"no answer for {seconds:.0f} s") from error
    except ValueError as error:
        raise _ChildFailed("its answer is too long") from error
    if not line.endswith(b"\n"):
        code = await process.wait()
        if code in _KILLS:
            raise NameProcessUnavailable("the name reader was killed")
        raise _ChildFailed(f"it ended with exit code {code}")
    return line


async def _kill_and_wait(process: asyncio.subprocess.Process) -> None:
    """Kill a process if it still runs, wait for its exit and close its pipes."""
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
    """The variables with which Python finds the same modules as here, without any secret."""
    own = str(Path(streamvault.__file__).parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(dict.fromkeys((own, *filter(None, sys.path))))}
