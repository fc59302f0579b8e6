"""The log while strangers cause lines: bounded, counted, and nothing is left out silently."""

import io
import logging
from collections.abc import Callable

import pytest

from streamvault.logs import bounds as log_bounds
from streamvault.logs.bounds import KINDS, LINES, MINUTE, MOST_ADDRESSES, BoundedHandler, Tally


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Log:
    """A logger of its own that writes through a BoundedHandler."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.stream = io.StringIO()
        self.handler = BoundedHandler(self.stream, self.clock)
        self.handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.logger = logging.Logger("some.part")
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()


def test_lines_of_a_kind_are_bounded_and_the_others_are_counted() -> None:
    log = Log()
    for number in range(500):
        log.logger.info("file %d could not be read", number)
    log.logger.info("something else")
    assert len(log.lines) == LINES + 1
    assert log.lines[LINES - 1] == f"INFO some.part: file {LINES - 1} could not be read"
    log.clock.now += MINUTE
    log.logger.info("something else")
    assert log.lines[-2] == (
        f"INFO some.part: {500 - LINES} more lines like this within a minute: file 499 could not be read"
    )


def test_a_wrong_call_of_the_log_never_fails_its_caller(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    for _ in range(LINES + 3):
        log.logger.warning("%d of %d", 1)
    log.logger.warning("right")
    assert log.lines == ["WARNING some.part: right"]
    assert capsys.readouterr().err.count("--- Logging error ---") == LINES + 3


def test_a_minute_later_lines_of_the_kind_are_written_again() -> None:
    log = Log()
    for _ in range(3):
        for _ in range(100):
            log.logger.warning("again")
        log.clock.now += MINUTE
    assert log.lines.count("WARNING some.part: again") == 3 * LINES
    assert sum("more lines like this" in line for line in log.lines) == 2


def test_what_was_left_out_is_told_at_the_end() -> None:
    log = Log()
    for _ in range(LINES + 1):
        log.logger.warning("again")
    log.handler.close()
    assert log.lines[-1].startswith("WARNING some.part: 1 more lines like this")


def test_of_a_long_line_that_is_left_out_only_the_text_without_arguments_is_kept() -> None:
    log = Log()
    for _ in range(LINES + 1):
        log.logger.info("asked for %s", "x" * 70_000)
    log.handler.close()
    assert log.lines[-1] == "INFO some.part: 1 more lines like this within a minute: asked for %s"


def test_debug_lines_are_for_whoever_asks_for_them() -> None:
    log = Log()
    for number in range(10 * LINES):
        log.logger.debug("step %d", number)
    assert len(log.lines) == 10 * LINES


def test_errors_of_different_types_are_different_kinds() -> None:
    log = Log()
    for error in (ValueError("a"), KeyError("b")):
        for _ in range(100):
            log.logger.error("failed", exc_info=error)
    text = log.stream.getvalue()
    assert (text.count("ValueError: a"), text.count("KeyError: 'b'")) == (LINES, LINES)


def test_the_kinds_that_are_counted_are_bounded() -> None:
    log = Log()
    for number in range(10 * KINDS):
        log.logger.info(f"text made of {number}")  # noqa: G004
    assert len(log.handler._bounds._kinds) <= KINDS
    assert len(log.lines) == 10 * KINDS


def test_a_kind_that_makes_room_for_others_is_told() -> None:
    log = Log()
    for _ in range(LINES + 5):
        log.logger.info("first")
    for number in range(KINDS):
        log.logger.info(f"text made of {number}")  # noqa: G004
    assert "INFO some.part: 5 more lines like this within a minute: first" in log.lines


class Timers:
    """What was to be called, and when."""

    def __init__(self) -> None:
        self.set: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.set.append((seconds, callback))

    def fire(self) -> None:
        [(seconds, callback)] = self.set
        assert seconds == MINUTE
        self.set.clear()
        callback()


@pytest.fixture
def timers() -> Timers:
    return Timers()


@pytest.fixture
def tally(timers: Timers, caplog: pytest.LogCaptureFixture) -> Tally:
    caplog.set_level(logging.INFO)
    return Tally(logging.getLogger("bad"), "bad requests", call_later=timers.call_later)


def test_one_line_with_the_number_of_each_reason(
    tally: Tally, timers: Timers, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(100):
        tally.add("without valid HTTP" if number % 4 else "for another protocol", f"192.0.2.{number}")
    assert caplog.messages == []
    timers.fire()
    assert caplog.messages == ["bad requests within a minute: 100 (75 without valid HTTP, 25 for another protocol)"]
    assert timers.set == []


def test_the_address_is_named_where_most_come_from_it(
    tally: Tally, timers: Timers, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(30):
        tally.add("bad", "192.0.2.1" if number % 3 else f"192.0.2.{number + 10}")
    timers.fire()
    assert caplog.messages == ["bad requests within a minute: 30 (30 bad); 20 of them from 192.0.2.1"]


def test_each_minute_is_counted_anew_and_a_quiet_one_says_nothing(
    tally: Tally, timers: Timers, caplog: pytest.LogCaptureFixture
) -> None:
    tally.add("bad", "")
    timers.fire()
    tally.add("bad", "")
    tally.add("bad", "")
    timers.fire()
    tally.flush()
    assert [message.split(": ")[1] for message in caplog.messages] == ["1 (1 bad)", "2 (2 bad)"]


def test_the_end_tells_what_is_left(tally: Tally, caplog: pytest.LogCaptureFixture) -> None:
    with tally:
        tally.add("bad", "")
    assert caplog.messages == ["bad requests within a minute: 1 (1 bad)"]


def test_the_addresses_that_are_told_apart_are_bounded(
    tally: Tally, timers: Timers, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3 * MOST_ADDRESSES):
        tally.add("bad", f"2001:db8:{number:x}::/64")
    assert len(tally._addresses) == log_bounds.MOST_ADDRESSES
    timers.fire()
    assert caplog.messages == [f"bad requests within a minute: {3 * MOST_ADDRESSES} ({3 * MOST_ADDRESSES} bad)"]
