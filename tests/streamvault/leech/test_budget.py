"""Bytes of the disk: nobody gets what others have, who waited longest is first, what can never be is said at once."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import NeverFits, NoRoom
from streamvault.leech.budget import PLACE_KEPT, Budget, Space

LOTS = Space(spare=10**12, most=10**12)


@dataclass
class Desk:
    """A budget of 100 bytes, and a disk on which what was reserved may be written."""

    now: float = 0.0
    used: dict[str, int] = field(default_factory=dict)
    space: Space = LOTS

    def __post_init__(self) -> None:
        self.budget = Budget(100, lambda: self.now)

    def take(self, key: str, need: int) -> bool:
        try:
            self.budget.take(key, need, used=self.used, space=self.space)
        except NoRoom:
            return False
        return True


def test_reservations_never_exceed_the_budget_and_what_is_given_back_is_free() -> None:
    desk = Desk()
    assert desk.take("a", 60)
    assert desk.take("b", 40)
    assert not desk.take("c", 1)
    desk.budget.release("b")
    assert desk.take("c", 40)


def test_a_need_above_the_budget_or_the_whole_disk_never_waits_and_says_the_numbers() -> None:
    desk = Desk(space=Space(spare=0, most=80))
    with pytest.raises(NeverFits, match=r"101 bytes .* 100 .*LEECH_DISK"):
        desk.take("a", 101)
    with pytest.raises(NeverFits, match=r"81 bytes .*DATA_DIR.* 80"):
        desk.take("a", 81)
    with pytest.raises(NoRoom, match=r"80 bytes .* 0 on the disk of DATA_DIR are free"):
        desk.budget.take("a", 80, used={}, space=desk.space)


def test_space_of_the_disk_counts_with_what_others_have_still_to_write() -> None:
    desk = Desk(space=Space(spare=70, most=1000))
    assert desk.take("a", 50)
    assert not desk.take("b", 30), "50 of the 70 are promised"
    desk.used, desk.space = {"a": 40}, Space(spare=30, most=1000)
    assert not desk.take("b", 30)
    assert desk.take("b", 20), "10 of the 30 are promised"


def test_what_lies_there_without_a_reservation_counts_and_belongs_to_its_key() -> None:
    desk = Desk(used={"old": 30, "more": 5})
    assert not desk.take("a", 70)
    desk.budget.leave("a")
    assert desk.take("old", 70)
    assert desk.take("a", 25)


def test_more_on_the_disk_than_was_reserved_counts() -> None:
    desk = Desk()
    assert desk.take("a", 10)
    desk.used = {"a": 60}
    assert not desk.take("b", 50)


def test_who_wants_less_does_not_overtake_unless_there_is_room_for_both() -> None:
    desk = Desk()
    assert desk.take("a", 50)
    assert not desk.take("large", 90)
    assert not desk.take("small", 20), "it would keep the large one waiting"
    desk.budget.release("a")
    assert not desk.take("small", 20)
    desk.budget.leave("small")
    assert desk.take("smaller", 10), "there is room for both"
    assert desk.take("large", 90)
    desk.budget.release("large")
    assert desk.take("small", 20)


def test_who_does_not_ask_again_loses_the_place() -> None:
    desk = Desk()
    assert desk.take("a", 50)
    assert not desk.take("large", 90)
    assert not desk.take("gone", 100)
    desk.budget.leave("gone")
    desk.now += PLACE_KEPT - 1
    assert not desk.take("small", 20)
    desk.now += 2
    assert desk.take("small", 20)


def test_a_reservation_is_resized_and_kept_where_it_cannot_be() -> None:
    desk = Desk()
    assert desk.take("a", 50)
    assert desk.take("b", 30)
    assert not desk.take("a", 71)
    assert desk.budget.reserved("a") == 50
    assert desk.take("a", 10), "giving back needs no place"
    assert desk.take("b", 90)
    with pytest.raises(NeverFits):
        desk.take("b", 101)
    assert desk.budget.reserved("b") == 90


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 120), st.booleans()), max_size=40))
def test_whatever_is_asked_the_disk_is_never_promised_twice(asked: list[tuple[str, int, bool]]) -> None:
    desk = Desk(space=Space(spare=90, most=95))
    for key, need, ends in asked:
        if ends:
            desk.budget.release(key)
            continue
        try:
            desk.take(key, need)
        except NeverFits:
            assert need > 95
        assert sum(desk.budget.reserved(one) for one in "abcd") <= 90
