"""The interval between bulk requests grows with flood waits and shrinks with answers."""

from streamvault.telegram.history.pacing import DECREASE_AFTER, FIRST_INTERVAL, MAX_INTERVAL, RequestPacing


class TimedPacing:
    """A RequestPacing with its clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pacing = RequestPacing(clock=lambda: self.now)

    def flood(self, seconds: float) -> None:
        """One flood wait, and the time until its end."""
        self.pacing.flooded(seconds)
        self.now += seconds

    def interval(self) -> float:
        """Seconds between two requests at this time."""
        self.now += 2 * MAX_INTERVAL
        assert self.pacing.reserve() == 0.0
        return self.pacing.reserve()


def test_requests_are_not_delayed_before_the_first_flood_wait() -> None:
    timed = TimedPacing()
    assert [timed.pacing.reserve() for _ in range(5)] == [0.0] * 5


def test_each_flood_wait_doubles_the_interval_up_to_a_maximum() -> None:
    timed, intervals = TimedPacing(), []
    for _ in range(7):
        timed.flood(3)
        intervals.append(timed.interval())
    assert intervals == [FIRST_INTERVAL, 1.0, 2.0, 4.0, MAX_INTERVAL, MAX_INTERVAL, MAX_INTERVAL]


def test_a_flood_wait_that_is_reported_several_times_counts_once() -> None:
    timed = TimedPacing()
    for remaining in (30.0, 29.0, 28.0):
        timed.pacing.flooded(remaining)
    timed.now += 30
    assert timed.interval() == FIRST_INTERVAL


def test_answers_decrease_the_interval_down_to_zero() -> None:
    timed = TimedPacing()
    timed.flood(1)
    for _ in range(DECREASE_AFTER):
        timed.pacing.answered()
    assert timed.interval() == FIRST_INTERVAL * 0.75
    for _ in range(12 * DECREASE_AFTER):
        timed.pacing.answered()
    assert timed.interval() == 0.0
