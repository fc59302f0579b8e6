"""Processes of our own beside the server, such as the leech worker: started, watched, and started again when they end.

A child reads its settings from the environment, so its command line holds no secret. Its end never ends the server; it
is started again after a pause that doubles while it keeps ending soon. A child whose settings are wrong ends with exit
code 2 and is left alone: it would end again. `--parent` tells it whose end is its own too (process.end_with_parent).
"""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from streamvault.telegram.backoff import Backoff

log = logging.getLogger(__name__)

STEADY = 60.0
"""Seconds after which a child that ended is started again at once."""
EXIT_TIMEOUT = 15.0
"""Seconds that a child has to end in order."""
WRONG_SETTING = 2
"""The exit code of every command for a wrong setting."""
PROGRAM = (sys.executable, "-m", "streamvault")


class ChildProcess:
    """`streamvault` with these arguments, running for as long as `run` does. `pid` is None while it does not run."""

    def __init__(
        self, arguments: Sequence[str], *, settings: Mapping[str, str], program: Sequence[str] = PROGRAM,
        exit_timeout: float = EXIT_TIMEOUT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        """`settings`: environment variables beside those of this process."""
        self.name = " ".join(arguments)
        self._command = (*program, *arguments, "--parent", str(os.getpid()))
        self._environment = {**os.environ, **settings}
        self._exit_timeout = exit_timeout
        self._sleep = sleep
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The id of the process."""
        return None if self._process is None else self._process.pid

    async def run(self) -> None:
        """Keep it running until cancelled; it is ended then, and killed after EXIT_TIMEOUT."""
        backoff, loop = Backoff(), asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await self._once()
            if code == WRONG_SETTING:
                log.error("`%s` ended for a wrong setting, as it said above, and is not started again", self.name)
                await asyncio.Event().wait()
            if loop.time() - began > STEADY:
                backoff = Backoff()
            pause = backoff.next()
            log.warning("`%s` ended with %s: it is started again in %.0f s", self.name, _said(code), pause)
            await self._sleep(pause)

    async def _once(self) -> int:
        """Run it until it ends; its exit code."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                env=self._environment,
            )
        except OSError as error:
            log.warning("`%s` does not start: %s", self.name, error.strerror)
            return 1
        try:
            return await self._process.wait()
        finally:
            await self._end()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._exit_timeout):
                await process.wait()
        except TimeoutError:
            log.warning("`%s` does not end: it is killed", self.name)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _said(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
