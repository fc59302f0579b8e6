"""Limits of the log, as any client can cause lines: so many of a kind a minute, then counts in place of lines."""

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TextIO

LINES = 30
"""Lines of one kind that are written within MINUTE."""

MINUTE = 60.0

KINDS = 256
"""Kinds that are counted at the same time."""

MOST_ADDRESSES = 1000
"""Addresses that a tally tells apart."""

MOST_TEXT = 500
"""Characters of a line that is left out with which it is kept; of a longer one it is the text without arguments."""

Kind = tuple[str, int, str, str]
"""Logger, level, text without its arguments, type of the exception."""


@dataclass(slots=True)
class _Counted:
    """Lines of one kind since its first one; the text of the last that was not written."""

    since: float
    lines: int = 0
    last: str = ""


class LineBounds:
    """Which lines are written: the first LINES of a kind within MINUTE of its first one; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kinds: OrderedDict[Kind, _Counted] = OrderedDict()  # in the order of their first lines

    def admit(self, kind: Kind, record: logging.LogRecord) -> bool:
        """Count a line; whether it is to be written. `over` is asked before."""
        counted = self._kinds.get(kind)
        if counted is None:
            counted = self._kinds[kind] = _Counted(self._clock())
        counted.lines += 1
        if counted.lines <= LINES:
            return True
        text = record.getMessage()
        # cut, a secret would no longer be recognised
        counted.last = text if len(text) <= MOST_TEXT else str(record.msg)
        return False

    def over(self, *, all_: bool = False) -> list[tuple[Kind, int, str]]:
        """Kinds whose time is over, or for which there is no room (or all), of which lines were not written.

        With the number of these lines, and the last of them.
        """
        left_out = []
        until = self._clock() - MINUTE
        while self._kinds:
            kind, counted = next(iter(self._kinds.items()))
            if not all_ and counted.since > until and len(self._kinds) < KINDS:
                break
            del self._kinds[kind]
            if counted.lines > LINES:
                left_out.append((kind, counted.lines - LINES, counted.last))
        return left_out


class BoundedHandler(logging.StreamHandler[TextIO]):
    """Writes the lines that LineBounds admits, and how many of a kind it has left out. DEBUG lines are not bounded."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._bounds = LineBounds(clock)

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        try:
            self._tell(self._bounds.over())
            exception = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
            kind = (record.name, record.levelno, str(record.msg), exception)
            written = record.levelno <= logging.DEBUG or self._bounds.admit(kind, record)
        except Exception:  # as in logging's own handlers: a wrong call of the log must not fail its caller
            self.handleError(record)
        else:
            if written:
                super().emit(record)

    def close(self) -> None:
        """See logging.Handler."""
        self._tell(self._bounds.over(all_=True))
        super().close()

    def _tell(self, left_out: list[tuple[Kind, int, str]]) -> None:
        for (name, level, _, _), count, last in left_out:
            line = "%d more lines like this within a minute: %s"
            super().emit(logging.LogRecord(name, level, "", 0, line, (count, last), None))


class Tally:
    """Counts what clients do wrong, and logs one line a minute: the number, each reason, and who did most of it.

    As a context manager it logs what is left at the end.
    """

    def __init__(
        self, log: logging.Logger, what: str, *, call_later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        """`what` begins the line; `call_later(seconds, callback)` is the event loop's."""
        self._log = log
        self._what = what
        self._call_later = call_later
        self._reasons: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def add(self, reason: str, address: str) -> None:
        """Count one; the line follows within MINUTE. `reason` is one of a few fixed texts."""
        if not self._reasons:
            self._call_later(MINUTE, self.flush)
        self._reasons[reason] += 1
        if address in self._addresses or len(self._addresses) < MOST_ADDRESSES:
            self._addresses[address] += 1

    def flush(self) -> None:
        """Log what was counted, if anything."""
        total = self._reasons.total()
        if not total:
            return
        reasons = ", ".join(f"{count} {reason}" for reason, count in self._reasons.most_common())
        [(address, most)] = self._addresses.most_common(1)
        whose = f"; {most} of them from {address}" if address and most > 1 and 2 * most > total else ""
        self._log.info("%s within a minute: %d (%s)%s", self._what, total, reasons, whose)
        self._reasons.clear()
        self._addresses.clear()
