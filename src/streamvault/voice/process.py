"""The process that plays, as the worker uses it: started, asked by lines of JSON, and started again when it ends.

Its end ends what played, and nothing else; see telegram.calls.serving for what is said.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streamvault.errors import CallInterrupted, CallRefused, ConfigError
from streamvault.voice.command import Picture
from streamvault.voice.ports import Audience

log = logging.getLogger(__name__)

START_TIMEOUT = 60.0
"""Seconds until the process has loaded its libraries and connected."""
ANSWER_TIMEOUT = 20.0
"""Seconds for an answer: the process has shorter bounds of its own, so it hangs when none comes, and is killed."""
EXIT_TIMEOUT = 3.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
STEADY = 60.0
MAX_LINE = 1 << 20
ENDED = "The process that plays has ended: it is started again."


class CallsProcess:
    """Implements ports.Player by a process. `on_ended(chat_id, stream)` is called when the sound of a stream has ended,
    `on_ready(account)` with the account's user id each time when the process is ready.
    """

    def __init__(
        self, command: Sequence[str], first: Mapping[str, object], *, on_ended: Callable[[int, int], None],
        on_ready: Callable[[int], None],
    ) -> None:  # fmt: skip
        """`first`: what it is told at its start."""
        self.generation = 0
        self.pid: int | None = None
        self._command = command
        self._first = first
        self._on_ended = on_ended
        self._on_ready = on_ready
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._input: asyncio.StreamWriter | None = None
        self._ready = False
        self._process: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Keep it running until cancelled. Raises ConfigError where it says that it cannot run."""
        pause, clock = FIRST_PAUSE, asyncio.get_running_loop().time
        while True:
            began = clock()
            await self._once()
            pause = FIRST_PAUSE if clock() - began > STEADY else min(pause * 2, LONGEST_PAUSE)
            log.warning("the process that plays has ended: it is started again in %.1f s", pause)
            await asyncio.sleep(pause)

    async def play(self, chat_id: int, stream: int, sound: str, picture: tuple[str, Picture] | None) -> None:
        """See Player."""
        shown = None if picture is None else [picture[0], picture[1].width, picture[1].height, picture[1].rate]
        await self._ask("play", chat_id, stream=stream, sound=sound, picture=shown)

    async def pause(self, chat_id: int) -> None:
        """See Player."""
        await self._ask("pause", chat_id)

    async def leave(self, chat_id: int) -> None:
        """See Player."""
        await self._ask("leave", chat_id)

    async def check(self, chat_id: int) -> None:
        """See Player."""
        await self._ask("check", chat_id)

    async def heard(self, chat_id: int) -> Audience:
        """See Player."""
        return Audience(**await self._ask("heard", chat_id))

    async def chats(self) -> Sequence[Mapping[str, Any]]:
        """`chat_id`, `title` and `open` of chats in whose calls the account can play. Raises as Player's methods."""
        found: list[dict[str, Any]] = await self._ask("chats", 0)
        return found

    async def _ask(self, do: str, chat_id: int, **more: object) -> Any:
        if not self._ready or self._input is None:
            raise CallInterrupted(ENDED)
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                self._input.write(_line({"id": number, "do": do, "chat_id": chat_id, **more}))
                return await answer
        except TimeoutError as error:
            log.warning("the process that plays does not answer: it is killed")
            self._kill()
            raise CallInterrupted(ENDED) from error
        except OSError as error:
            raise CallInterrupted(ENDED) from error
        finally:
            self._waiting.pop(number, None)

    async def _once(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, str(os.getpid()), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                start_new_session=True, limit=MAX_LINE,
            )  # fmt: skip
        except OSError as error:
            log.warning("the process that plays does not start: %s", error.strerror)
            return
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._input, self.pid = process, process.stdin, process.pid
        late = asyncio.get_running_loop().call_later(START_TIMEOUT, self._kill)
        try:
            process.stdin.write(_line(self._first))
            while line := await process.stdout.readline():
                self._hear(json.loads(line), late)
        finally:
            late.cancel()
            self._lost()
            await self._end(process)

    def _hear(self, said: dict[str, Any], late: asyncio.TimerHandle) -> None:
        """Raises ConfigError for a `fatal` word."""
        if "fatal" in said:
            raise ConfigError(said["fatal"])
        if "ready" in said:
            late.cancel()
            self._ready = True
            self._on_ready(said["ready"])
        elif said.get("event") == "ended":
            self._on_ended(said["chat_id"], said["stream"])
        elif (answer := self._waiting.get(said.get("id", 0))) is not None and not answer.done():
            if "error" in said:
                kind = CallRefused if said["error"] == "refused" else CallInterrupted
                answer.set_exception(kind(said["text"]))
            else:
                answer.set_result(said["result"])

    def _lost(self) -> None:
        self._ready, self._input, self.pid = False, None, None
        self.generation += 1
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(CallInterrupted(ENDED))

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """Let it end by the end of its input, so that it leaves its calls; kill it where it does not."""
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(EXIT_TIMEOUT):
                await process.wait()
        except TimeoutError:
            self._kill()
            await process.wait()
        finally:
            self._process = None


def our_python(module: str) -> tuple[str, ...]:
    """The command that runs a module of ours."""
    return sys.executable, "-m", module


def _line(value: Mapping[str, object]) -> bytes:
    return json.dumps(value).encode() + b"\n"
