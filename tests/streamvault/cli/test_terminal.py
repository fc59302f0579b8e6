"""Answers from a pipe, a file and a terminal, without holding up the event loop."""

import asyncio
import os
import pty
import termios
from pathlib import Path

import pytest

from streamvault.cli.terminal import LONGEST, Terminal
from streamvault.errors import ConfigError


async def test_lines_of_a_pipe_come_one_by_one_however_they_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    try:
        terminal = Terminal(reading)
        os.write(writing, b"one\r\ntw")
        assert await terminal.line("first? ") == "one"
        second = asyncio.create_task(terminal.line("second? "))
        await asyncio.sleep(0)
        assert not second.done()
        os.write(writing, b"o\nthree")
        os.close(writing)
        assert await second == "two"
        assert (await terminal.secret("third? ")).get_secret_value() == "three"
        with pytest.raises(ConfigError, match="the input ended"):
            await terminal.line("fourth? ")
    finally:
        os.close(reading)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "first? \nsecond? \nthird? \nfourth? \n"


async def test_a_file_may_be_the_input_and_a_line_has_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    path.write_bytes(b"one\n" + b"x" * (3 * LONGEST))
    fd = os.open(path, os.O_RDONLY)
    try:
        terminal = Terminal(fd)
        assert await terminal.line("? ") == "one"
        assert len(await terminal.line("? ")) <= 2 * LONGEST
    finally:
        os.close(fd)


async def test_a_terminal_shows_no_secret_and_everything_again_after_it() -> None:
    ours, theirs = pty.openpty()

    def echoes() -> bool:
        return bool(termios.tcgetattr(theirs)[3] & termios.ECHO)

    try:
        asking = asyncio.create_task(Terminal(theirs).secret("? "))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not echoes()
        os.write(ours, b"hidden\n")
        assert (await asking).get_secret_value() == "hidden"
        assert echoes()
        given_up = asyncio.create_task(Terminal(theirs).secret("? "))
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert echoes()
    finally:
        os.close(ours)
        os.close(theirs)
