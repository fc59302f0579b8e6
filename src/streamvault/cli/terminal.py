"""Questions at a terminal, answered there or on a script's standard input, without blocking the event loop."""

import asyncio
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from streamvault.errors import ConfigError

MAX_READ = 4096
"""Bytes of one read, and of input without a newline that ends a line."""


class Terminal:
    """Writes questions to standard error and reads lines from `fd`; secrets are not echoed."""

    def __init__(self, fd: int = 0) -> None:
        self._fd = fd
        self._buffer = b""

    @property
    def interactive(self) -> bool:
        """Whether the input is a terminal."""
        return os.isatty(self._fd)

    def say(self, text: str) -> None:
        """Write one line to standard error."""
        _write(f"{text}\n")

    async def line(self, question: str) -> str:
        """Ask, and return the next line. Raises ConfigError at the end of the input."""
        _write(question)
        return await self._read_line()

    async def secret(self, question: str) -> SecretStr:
        """The same without echo, which is off before the question is shown: switching it drops what was typed."""
        with _without_echo(self._fd):
            _write(question)
            text = await self._read_line()
        if self.interactive:
            self.say("")
        return SecretStr(text)

    async def _read_line(self) -> str:
        while b"\n" not in self._buffer and len(self._buffer) < MAX_READ:
            await self._wait_readable()
            got = os.read(self._fd, MAX_READ)
            if not got and self._buffer:
                break
            if not got:
                self.say("")
                raise ConfigError("the input ended before the login was complete: run the command at a terminal")
            self._buffer += got
        if not self.interactive:
            self.say("")  # at a terminal the typed newline has ended the line
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace").strip("\r")

    async def _wait_readable(self) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(self._fd, ready.set)
        except PermissionError:  # epoll refuses regular files, which never block
            return
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._fd)


def printable(name: str) -> str:
    """A name that somebody else chose, without what a terminal would obey."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


@contextmanager
def _without_echo(fd: int) -> Iterator[None]:
    """Switch a terminal's echo off for the block."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    no_echo = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    try:
        termios.tcsetattr(fd, termios.TCSAFLUSH, no_echo)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSAFLUSH, before)
