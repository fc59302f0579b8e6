"""A connection without bytes for too long is suspect, then dead; a slow or an idle one is neither."""

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
    """A KeepAlive with a clock that moves in `after` only."""

    def __init__(self, answer_delays: AnswerDelays | None = None, *, in_flight: int = 0) -> None:
        self.now = 100.0
        self.oldest: float | None = None
        self.seen: list[str] = []
        self.answer_delays = answer_delays or AnswerDelays()
        self.keepalive = KeepAlive(
            self.answer_delays,
            oldest_request=lambda: self.oldest,
            ping=lambda: self.seen.append("ping"),
            on_change=lambda: self.seen.append("silent" if self.keepalive.silent else "not silent"),
            on_dead=lambda: self.seen.append("dead"),
            in_flight=lambda: in_flight,
            clock=lambda: self.now,
        )

    def send_request(self) -> None:
        self.oldest = self.now if self.oldest is None else self.oldest
        self.keepalive.expect()

    def after(self, seconds: float) -> list[str]:
        """What happens within `seconds`, checked every 0.1 s."""
        self.seen.clear()
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.keepalive.check()
        return list(self.seen)


@pytest.fixture
async def bench() -> Any:
    made = Bench()
    yield made
    made.keepalive.stop()


async def test_a_silent_connection_is_pinged_then_suspect_then_dead(bench: Bench) -> None:
    bench.send_request()
    assert bench.after(SILENT_AT_FIRST / 2 - 0.2) == []
    assert bench.after(0.3) == ["ping"]
    assert bench.after(SILENT_AT_FIRST / 2) == ["silent"]
    assert bench.after(DEAD_AFTER) == ["dead"]
    assert bench.after(100) == []


async def test_a_connection_that_delivers_bytes_in_time_is_never_silent(bench: Bench) -> None:
    bench.send_request()
    for _ in range(30):
        assert "silent" not in bench.after(SILENT_AT_LEAST - 0.2)
        bench.keepalive.bytes_received()


async def test_a_pong_ends_the_silence(bench: Bench) -> None:
    bench.send_request()
    bench.after(SILENT_AT_FIRST + 0.2)
    bench.keepalive.bytes_received()
    assert bench.seen[-1] == "not silent"
    assert bench.after(0.4) == []


async def test_an_idle_connection_is_not_silent(bench: Bench) -> None:
    bench.send_request()
    bench.after(0.1)
    bench.keepalive.bytes_received()
    bench.oldest = None
    assert bench.after(60) == []


async def test_a_pause_before_a_request_does_not_count_as_silence(bench: Bench) -> None:
    bench.send_request()
    bench.keepalive.bytes_received()
    bench.oldest = None
    bench.now += 0.9
    bench.send_request()
    assert bench.after(0.4) == []


@pytest.mark.parametrize(("round_trip", "limit"), [(0.01, SILENT_AT_LEAST), (0.5, 2.0), (30.0, SILENT_AT_MOST)])
def test_the_silence_limit_follows_the_round_trip_within_bounds(round_trip: float, limit: float) -> None:
    answer_delays = AnswerDelays()
    assert answer_delays.silence_limit == SILENT_AT_FIRST
    for _ in range(40):
        answer_delays.record(round_trip)
    assert answer_delays.silence_limit == pytest.approx(limit)


async def test_the_bytes_of_a_large_request_are_given_time_to_leave() -> None:
    bench = Bench(AnswerDelays(slowest=1000.0), in_flight=8000)
    bench.send_request()
    assert bench.after(SILENT_AT_FIRST + 8 - 0.2) == ["ping"]
    assert bench.after(0.4) == ["silent"]
    assert bench.after(DEAD_AFTER) == ["dead"]
    bench.keepalive.stop()


@pytest.mark.parametrize(("slowest", "seconds"), [(None, 0.0), (1000.0, 0.5)])
def test_small_requests_take_no_time_to_send(slowest: float | None, seconds: float) -> None:
    assert AnswerDelays(slowest=slowest).sending(500) == seconds
