"""What a person sees of a walk."""

import dataclasses
import io

import pytest

from streamvault.cli.progress import EVERY, Lines, describe, opened
from streamvault.indexing.progress import Progress

WALK = Progress(-100, done=25_000, top=100_000, files=24_310, remaining_seconds=90.4, state="walking")


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "walking: message 25000 of 100000, 24310 files, 0:01:30 left"),
        ({"remaining_seconds": None}, "walking: message 25000 of 100000, 24310 files"),
        ({"state": "waiting", "detail": "a flood"}, "waiting: message 25000 of 100000, 24310 files (a flood)"),
        ({"state": "finished"}, "finished: message 25000 of 100000, 24310 files"),
    ],
    ids=["walking", "beginning", "waiting", "finished"],
)
def test_one_line_says_it_all(changes: dict[str, object], line: str) -> None:
    assert describe(dataclasses.replace(WALK, **changes)) == line  # type: ignore[arg-type]


def test_lines_come_when_something_changes_and_else_now_and_then() -> None:
    now, out = 0.0, io.StringIO()
    lines = Lines(out, clock=lambda: now)
    for now in (0.0, 1.0, EVERY - 0.1):  # noqa: B007  the clock reads it
        lines.show(WALK)
    assert len(out.getvalue().splitlines()) == 1
    now = EVERY
    lines.show(WALK)
    lines.show(dataclasses.replace(WALK, state="waiting"))
    lines.say("a line")
    assert [line.partition(":")[0] for line in out.getvalue().splitlines()] == [
        "walking",
        "walking",
        "waiting",
        "a line",
    ]


def test_a_file_gets_lines_and_a_terminal_a_bar() -> None:
    out, terminal = io.StringIO(), Terminal()
    for target in (out, terminal):
        with opened(target) as screen:
            screen.say("[the server] does it")
            screen.show(WALK)
            screen.show(dataclasses.replace(WALK, done=100_000, state="finished"))
    assert out.getvalue().splitlines()[0] == "[the server] does it"
    assert "\x1b" not in out.getvalue()
    assert "[the server] does it" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
    assert "finished" in terminal.getvalue()
