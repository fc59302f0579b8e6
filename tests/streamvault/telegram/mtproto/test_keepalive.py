"""Silence by the clock: what is quiet for too long is suspect, then dead; what is slow or idle is neither."""

from typing import Any

import pytest

from streamvault.telegram.mtproto.keepalive import (
    DEAD_AFTER,
    SILENT_AT_FIRST,
    SILENT_AT_LEAST,
    SILENT_AT_MOST,
    AnswerDelays,
    KeepAlive,
)


class Bench:
    """A pulse whose clock stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0
        self.oldest: float | None = None
        self.seen: list[str] = []
        self.answer_delays = AnswerDelays()
        self.pulse = KeepAlive(
            self.answer_delays,
            oldest=lambda: self.oldest,
            ping=lambda: self.seen.append("ping"),
            changed=lambda: self.seen.append("silent" if self.pulse.silent else "speaks"),
            dead=lambda: self.seen.append("dead"),
            clock=lambda: self.now,
        )

    def ask(self) -> None:
        self.oldest = self.now if self.oldest is None else self.oldest
        self.pulse.expect()

    def after(self, seconds: float) -> list[str]:
        """What happens within so many seconds, looked at every tenth of one."""
        self.seen.clear()
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.pulse.check()
        return list(self.seen)


@pytest.fixture
async def bench() -> Any:
    made = Bench()
    yield made
    made.pulse.stop()


async def test_silence_is_asked_about_then_suspect_then_dead(bench: Bench) -> None:
    bench.ask()
    assert bench.after(SILENT_AT_FIRST / 2 - 0.2) == []
    assert bench.after(0.3) == ["ping"]
    assert bench.after(SILENT_AT_FIRST / 2) == ["silent"]
    assert bench.after(DEAD_AFTER) == ["dead"]
    assert bench.after(100) == []


async def test_a_byte_in_time_keeps_it_in_service(bench: Bench) -> None:
    bench.ask()
    for _ in range(30):
        assert "silent" not in bench.after(SILENT_AT_LEAST - 0.2)
        bench.pulse.heard()


async def test_a_pong_brings_it_back(bench: Bench) -> None:
    bench.ask()
    bench.after(SILENT_AT_FIRST + 0.2)
    bench.pulse.heard()
    assert bench.seen[-1] == "speaks"
    assert bench.after(0.4) == []


async def test_nothing_is_expected_of_an_idle_connection(bench: Bench) -> None:
    bench.ask()
    bench.after(0.1)
    bench.pulse.heard()
    bench.oldest = None
    assert bench.after(60) == []


async def test_a_request_after_a_pause_is_not_blamed_for_it(bench: Bench) -> None:
    bench.ask()
    bench.pulse.heard()
    bench.oldest = None
    bench.now += 0.9
    bench.ask()
    assert bench.after(0.4) == []


@pytest.mark.parametrize(("round_trip", "patience"), [(0.01, SILENT_AT_LEAST), (0.5, 2.0), (30.0, SILENT_AT_MOST)])
def test_patience_follows_the_round_trip_within_bounds(round_trip: float, patience: float) -> None:
    answer_delays = AnswerDelays()
    assert answer_delays.patience == SILENT_AT_FIRST
    for _ in range(40):
        answer_delays.note(round_trip)
    assert answer_delays.patience == pytest.approx(patience)
