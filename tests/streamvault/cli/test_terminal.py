"""Answers from a pipe, a file and a terminal, read without blocking the event loop."""

import asyncio
import os
import pty
import termios
from pathlib import Path

import pytest

from streamvault.cli import terminal as terminal_module
from streamvault.cli.terminal import MAX_READ, Terminal
from streamvault.errors import ConfigError


async def test_a_pipe_gives_one_line_per_question_wherever_reads_are_split(capsys: pytest.CaptureFixture[str]) -> None:
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


async def test_a_regular_file_is_read_and_a_line_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    path.write_bytes(b"one\n" + b"x" * (3 * MAX_READ))
    fd = os.open(path, os.O_RDONLY)
    try:
        terminal = Terminal(fd)
        assert await terminal.line("? ") == "one"
        assert len(await terminal.line("? ")) <= 2 * MAX_READ
    finally:
        os.close(fd)


async def test_echo_is_off_for_a_secret_and_restored_after_it() -> None:
    controller, terminal = pty.openpty()

    def echoes() -> bool:
        return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)

    try:
        asking = asyncio.create_task(Terminal(terminal).secret("? "))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not echoes()
        os.write(controller, b"hidden\n")
        assert (await asking).get_secret_value() == "hidden"
        assert echoes()
        cancelled = asyncio.create_task(Terminal(terminal).secret("? "))
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert echoes()
    finally:
        os.close(controller)
        os.close(terminal)


async def test_echo_is_off_before_a_secret_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switching it drops what was typed until then, so an answer to a question already shown would be lost."""
    controller, terminal = pty.openpty()
    echoes: list[bool] = []

    def answer_at_once(text: str) -> None:
        if text == "password? ":
            echoes.append(bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
            os.write(controller, b"typed in the same moment\n")

    try:
        monkeypatch.setattr(terminal_module, "_write", answer_at_once)
        secret = await asyncio.wait_for(Terminal(terminal).secret("password? "), 10)
        assert secret.get_secret_value() == "typed in the same moment"
        assert echoes == [False]
    finally:
        os.close(controller)
        os.close(terminal)
