"""Bulk requests keep a distance once Telegram has minded, and come closer again slowly."""

from streamvault.telegram.history.pacing import EASE, FIRST, MOST, RequestPacing


class Stage:
    """A spacing, and the time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.spacing = RequestPacing(clock=lambda: self.now)

    def flood(self, seconds: float) -> None:
        """One flood wait, waited out."""
        self.spacing.flooded(seconds)
        self.now += seconds

    def distance(self) -> float:
        """Seconds between two requests now."""
        self.now += 2 * MOST
        assert self.spacing.take() == 0.0
        return self.spacing.take()


def test_nothing_is_held_back_before_the_first_flood() -> None:
    stage = Stage()
    assert [stage.spacing.take() for _ in range(5)] == [0.0] * 5


def test_each_flood_doubles_the_distance_up_to_a_bound() -> None:
    stage, distances = Stage(), []
    for _ in range(7):
        stage.flood(3)
        distances.append(stage.distance())
    assert distances == [FIRST, 1.0, 2.0, 4.0, MOST, MOST, MOST]


def test_one_flood_that_several_are_told_of_counts_once() -> None:
    stage = Stage()
    for remaining in (30.0, 29.0, 28.0):
        stage.spacing.flooded(remaining)
    stage.now += 30
    assert stage.distance() == FIRST


def test_answers_bring_the_requests_together_again_and_in_the_end_quite() -> None:
    stage = Stage()
    stage.flood(1)
    for _ in range(EASE):
        stage.spacing.answered()
    assert stage.distance() == FIRST * 0.75
    for _ in range(12 * EASE):
        stage.spacing.answered()
    assert stage.distance() == 0.0
