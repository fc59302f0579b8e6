"""Shows the progress of a walk: a bar at a terminal, otherwise lines."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar

from streamvault.indexing.progress import Progress

LINE_INTERVAL = 10.0
"""Seconds between two lines while only the numbers change."""


class Display(Protocol):
    """Where the command writes."""

    def show(self, progress: Progress) -> None:
        """Show the walk's latest progress."""
        ...

    def say(self, text: str) -> None:
        """Print one line."""
        ...


class LineDisplay:
    """Prints a line whenever the state changes, and every LINE_INTERVAL; `clock` gives seconds."""

    def __init__(self, out: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._clock = clock
        self._shown: tuple[str, str] | None = None
        self._at = 0.0

    def show(self, progress: Progress) -> None:
        state = (progress.state, progress.detail)
        if state != self._shown or self._clock() >= self._at + LINE_INTERVAL:
            self._shown, self._at = state, self._clock()
            self.say(describe(progress))

    def say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


class BarDisplay:
    """A progress bar, with lines above it."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)

    def show(self, progress: Progress) -> None:
        self._bar.update(
            self._task, total=progress.top or None, completed=progress.done, description=describe(progress)
        )
        self._bar.refresh()

    def say(self, text: str) -> None:
        self._bar.console.print(text, markup=False, highlight=False)


@contextmanager
def open_display(out: TextIO) -> Iterator[Display]:
    """A bar if `out` is a terminal, lines otherwise."""
    if not out.isatty():
        yield LineDisplay(out)
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(file=out), auto_refresh=False) as bar:  # `show` refreshes it
        yield BarDisplay(bar)


def describe(progress: Progress) -> str:
    """One line, such as `walking: message 25000 of 100000, 24310 files found, 0:01:30 left`."""
    words = str(progress.state)
    if progress.top or progress.over:
        words += f": message {progress.done} of {progress.top}, {progress.files} files found"
    if progress.known is not None:
        words += f", {progress.known} known in all"
    if progress.state == "walking" and progress.remaining_seconds is not None:
        words += f", {timedelta(seconds=round(progress.remaining_seconds))} left"
    return f"{words} ({progress.detail})" if progress.detail else words
