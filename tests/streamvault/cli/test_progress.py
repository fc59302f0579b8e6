"""How the progress of a walk is shown."""

import dataclasses
import io

import pytest

from streamvault.cli.progress import LINE_INTERVAL, LineDisplay, describe, open_display
from streamvault.indexing.progress import Progress

WALK = Progress(-100, done=25_000, top=100_000, files=24_310, remaining_seconds=90.4, state="walking")


class Terminal(io.StringIO):
    """A text stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "walking: message 25000 of 100000, 24310 files found, 0:01:30 left"),
        ({"remaining_seconds": None}, "walking: message 25000 of 100000, 24310 files found"),
        ({"state": "waiting", "detail": "a flood"}, "waiting: message 25000 of 100000, 24310 files found (a flood)"),
        ({"state": "failed"}, "failed: message 25000 of 100000, 24310 files found"),
        (
            {"state": "finished", "done": 6, "top": 6, "files": 0, "known": 4, "remaining_seconds": None},
            "finished: message 6 of 6, 0 files found, 4 known in all",
        ),
        ({"state": "queued", "done": 0, "top": 0, "files": 0}, "queued"),
        ({"state": "waiting", "done": 0, "top": 0, "files": 0, "detail": "a flood"}, "waiting (a flood)"),
    ],
    ids=["walking", "beginning", "waiting", "failed", "finished again", "queued", "waiting at the beginning"],
)
def test_a_line_describes_state_position_and_time_left(changes: dict[str, object], line: str) -> None:
    assert describe(dataclasses.replace(WALK, **changes)) == line  # type: ignore[arg-type]


def test_a_line_is_printed_on_a_change_of_state_and_once_per_interval() -> None:
    now, out = 0.0, io.StringIO()
    lines = LineDisplay(out, clock=lambda: now)
    for now in (0.0, 1.0, LINE_INTERVAL - 0.1):  # noqa: B007  the clock reads it
        lines.show(WALK)
    assert len(out.getvalue().splitlines()) == 1
    now = LINE_INTERVAL
    lines.show(WALK)
    lines.show(dataclasses.replace(WALK, state="waiting"))
    lines.say("a line")
    assert [line.partition(":")[0] for line in out.getvalue().splitlines()] == [
        "walking",
        "walking",
        "waiting",
        "a line",
    ]


def test_output_is_lines_in_a_file_and_a_bar_at_a_terminal() -> None:
    out, terminal = io.StringIO(), Terminal()
    for target in (out, terminal):
        with open_display(target) as display:
            display.say("[the server] does it")
            display.show(WALK)
            display.show(dataclasses.replace(WALK, done=100_000, state="finished"))
    assert out.getvalue().splitlines()[0] == "[the server] does it"
    assert "\x1b" not in out.getvalue()
    assert "[the server] does it" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
    assert "finished" in terminal.getvalue()
