"""Places for answers without an end: nobody keeps the others out."""

from contextlib import ExitStack
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streamvault.http.slots import NoFreeSlot, SharedSlots


class Holders:
    """Those who hold a slot, each until it leaves or its slot is taken."""

    def __init__(self, slots: SharedSlots) -> None:
        self.slots = slots
        self.held: list[tuple[str, ExitStack]] = []
        self.ended: list[str] = []

    def come(self, address: str) -> bool:
        stack = ExitStack()
        entry = (address, stack)

        def end() -> None:
            self.held.remove(entry)
            self.ended.append(address)
            stack.close()

        try:
            stack.enter_context(self.slots.slot(address, end))
        except NoFreeSlot:
            return False
        self.held.append(entry)
        return True

    def leave(self, index: int) -> None:
        _, stack = self.held.pop(index)
        stack.close()

    def count(self, address: str) -> int:
        return sum(held == address for held, _ in self.held)


def test_an_address_gets_its_places_and_no_more() -> None:
    """17: 64 idle followers from one address."""
    holders = Holders(SharedSlots(64, 16))
    assert sum(holders.come("a") for _ in range(64)) == 16
    assert all(holders.come(name) for name in "bcdefghij")
    assert holders.ended == []


def test_a_newcomer_gets_the_oldest_place_of_who_has_most() -> None:
    holders = Holders(SharedSlots(6, 3))
    for address in "aaabbb":
        assert holders.come(address)
    assert holders.come("c")
    assert holders.come("d")
    assert sorted(holders.ended) == ["a", "b"]
    assert (holders.count("a"), holders.count("b")) == (2, 2)


def test_who_has_as_many_takes_nothing() -> None:
    holders = Holders(SharedSlots(4, 3))
    for address in "abcd":
        assert holders.come(address)
    with pytest.raises(NoFreeSlot) as refused, holders.slots.slot("e", lambda: None):
        pass
    assert not refused.value.own
    assert holders.ended == []


def test_a_place_that_was_taken_is_not_given_back_twice() -> None:
    slots = SharedSlots(2, 2)
    with ExitStack() as first, ExitStack() as others:
        first.enter_context(slots.slot("a", lambda: None))
        others.enter_context(slots.slot("a", lambda: None))
        others.enter_context(slots.slot("b", lambda: None))
        assert len(slots) == 2
        first.close()
        assert len(slots) == 2
    assert len(slots) == 0


def test_no_more_slots_are_taken_while_those_that_lost_theirs_have_not_left() -> None:
    slots, told = SharedSlots(6, 2), list[str]()
    with ExitStack() as slow, ExitStack() as others:
        for address in "aabbcc":
            slow.enter_context(slots.slot(address, partial(told.append, address)))
        for address in "de":
            others.enter_context(slots.slot(address, lambda: None))
        with pytest.raises(NoFreeSlot), slots.slot("f", lambda: None):
            pass
        assert told == ["a", "b"]
        slow.close()
        others.enter_context(slots.slot("f", lambda: None))
    assert len(slots) == 0


class Machine(RuleBasedStateMachine):
    """Whatever comes and goes, the bounds hold, and nobody is refused who has fewer than another one less one."""

    def __init__(self) -> None:
        super().__init__()
        self.holders = Holders(SharedSlots(8, 4))

    @rule(address=st.sampled_from("abcdefghijkl"))
    def come(self, address: str) -> None:
        own, most = self.holders.count(address), max(map(self.holders.count, "abcdefghijkl"))
        full = len(self.holders.held) == 8
        assert self.holders.come(address) is (own < 4 and not (full and most <= own + 1))

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.holders.held:
            self.holders.leave(data.draw(st.integers(0, len(self.holders.held) - 1)))

    @invariant()
    def bounded(self) -> None:
        assert len(self.holders.slots) == len(self.holders.held) <= 8
        assert all(self.holders.count(address) <= 4 for address in "abcdefghijkl")


TestAnyOrder = Machine.TestCase
