"""Questions to whoever sits at the terminal, or to a script's standard input, without holding up the event loop."""

import asyncio
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from streamvault.errors import ConfigError

LONGEST = 4096


class Terminal:
    """Asks on standard error and reads lines from `fd`; secrets are not shown while they are typed."""

    def __init__(self, fd: int = 0) -> None:
        self._fd = fd
        self._held = b""

    @property
    def interactive(self) -> bool:
        """Whether a person sits there."""
        return os.isatty(self._fd)

    def say(self, text: str) -> None:
        """One line for people."""
        _show(f"{text}\n")

    async def line(self, question: str) -> str:
        """The next line. ConfigError when there is none."""
        _show(question)
        return await self._next()

    async def secret(self, question: str) -> SecretStr:
        """The next line, unseen. ConfigError when there is none."""
        _show(question)
        with _hidden(self._fd):
            text = await self._next()
        if self.interactive:
            self.say("")
        return SecretStr(text)

    async def _next(self) -> str:
        while b"\n" not in self._held and len(self._held) < LONGEST:
            await self._readable()
            got = os.read(self._fd, LONGEST)
            if not got and self._held:
                break
            if not got:
                self.say("")
                raise ConfigError("the input ended before the login was complete: run the command at a terminal")
            self._held += got
        if not self.interactive:
            self.say("")  # there nobody has typed the end of the line
        line, _, self._held = self._held.partition(b"\n")
        return line.decode(errors="replace").strip("\r")

    async def _readable(self) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(self._fd, ready.set)
        except PermissionError:  # a file: it never blocks
            return
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._fd)


def _show(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


@contextmanager
def _hidden(fd: int) -> Iterator[None]:
    """A terminal shows nothing of what is typed."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    try:
        termios.tcsetattr(fd, termios.TCSAFLUSH, silent)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSAFLUSH, before)
