"""Which connection is closed when there are too many: decided without a socket."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streamvault.http.connections import (
    CLOSED_AT_ONCE,
    QUIET,
    RESERVED_FILES,
    ConnectionLimits,
    ConnectionTable,
)

LIMITS = ConnectionLimits(total=6, per_address=4, idle=4, idle_per_address=3, grace=0.0)
GRACE = ConnectionLimits(total=60, per_address=50, idle=20, idle_per_address=10, grace=2.0)


@dataclass(eq=False)
class Peer:
    """A connection that remembers whether it was closed."""

    address: str = "192.0.2.1"
    open: bool = True

    def abort(self) -> None:
        self.open = False


@dataclass
class Clock:
    """A clock that the test moves, and the timers that it sets off."""

    now: float = 1000.0
    timers: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((self.now + seconds, callback))

    def pass_(self, seconds: float) -> None:
        """Let time pass, and call what is due, until nothing is."""
        self.now += seconds
        while any(when <= self.now for when, _ in self.timers):
            self.turn()

    def turn(self) -> None:
        """Call what is due now, as a loop does in one turn."""
        due = [callback for when, callback in self.timers if when <= self.now]
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for callback in due:
            callback()


def table(
    limits: ConnectionLimits = LIMITS, clock: Clock | None = None, closed: Callable[[str], None] = lambda _: None
) -> ConnectionTable:
    clock = clock or Clock()
    return ConnectionTable(limits, clock=clock, call_later=clock.call_later, closed=closed)


def added(to: ConnectionTable, count: int, address: str = "192.0.2.1", *, busy: bool = False) -> list[Peer]:
    peers = [Peer(address) for _ in range(count)]
    for peer in peers:
        to.add(peer)
        if busy:
            to.busy(peer)
    return peers


def test_the_oldest_idle_connection_of_an_address_is_closed_first() -> None:
    why: list[str] = []
    connections = table(closed=why.append)
    other = added(connections, 1, "192.0.2.9")
    peers = added(connections, 5)
    assert [peer.open for peer in peers] == [False, False, True, True, True]
    assert other[0].open
    assert why == ["idle", "idle"]


def test_a_crowd_of_new_connections_does_not_push_out_one_that_has_just_come() -> None:
    clock = Clock()
    connections = table(GRACE, clock)
    old = added(connections, 10)
    clock.now += 3
    [fresh] = added(connections, 1)
    added(connections, 20)
    assert [peer.open for peer in (*old, fresh)] == [False] * 10 + [True]
    added(connections, 60)
    assert [peer.open for peer in (*old, fresh)] == [False] * 11
    assert len(connections) == 50


@pytest.mark.parametrize(
    ("addresses", "left"),
    [
        (["a"] * 40, 10),  # of one address
        ([*"abcde"] * 8, 20),  # in all, none of them beyond its own limit
        ([f"{number}" for number in range(40)], 20),
        (["a"] * 15 + ["b"] * 5, 15),
        (["a"] * 10 + ["b"] * 10, 20),
    ],
)
def test_a_burst_that_stays_silent_is_closed_once_its_grace_has_passed(addresses: list[str], left: int) -> None:
    """3: nothing else happens on the server that could close them."""
    clock, why = Clock(), list[str]()
    connections = table(GRACE, clock, why.append)
    peers = [peer for address in addresses for peer in added(connections, 1, address)]
    clock.pass_(1.0)
    assert len(connections) == len(peers), "closed within their grace"
    clock.pass_(1.0)
    assert (len(connections), connections.idle_count) == (left, left)
    assert why == ["idle"] * (len(peers) - left)
    assert not clock.timers, "a timer without anything to look at"


@pytest.mark.parametrize("addresses", [1, 3, 200])
def test_a_large_burst_is_closed_in_many_turns_of_the_loop(addresses: int) -> None:
    """2: two thousand closed at once kept every viewer waiting."""
    clock = Clock()
    connections = table(ConnectionLimits(per_address=2000, idle=100, idle_per_address=50), clock)
    for number in range(2000):
        added(connections, 1, f"{number % addresses}")
    clock.now += 2.0
    while clock.timers:
        before = len(connections)
        clock.turn()
        assert before - len(connections) <= CLOSED_AT_ONCE
    assert len(connections) == min(100, 50 * addresses)


def test_one_that_comes_after_the_grace_of_a_burst_closes_no_more_than_two() -> None:
    clock = Clock()
    connections = table(GRACE, clock)
    added(connections, 45)
    clock.now += 2.0  # the timer is due, and has not been called
    for left in (44, 43, 42):
        added(connections, 1)
        assert len(connections) == left
    clock.pass_(0.0)
    assert len(connections) == 10


def test_each_of_several_bursts_has_its_own_grace() -> None:
    clock = Clock()
    connections = table(GRACE, clock)
    first = added(connections, 15)
    clock.pass_(1.5)
    second = added(connections, 15)
    clock.pass_(0.5)
    assert [sum(peer.open for peer in burst) for burst in (first, second)] == [0, 15]
    clock.pass_(2.0)
    assert [sum(peer.open for peer in burst) for burst in (first, second)] == [0, 10]
    assert not clock.timers


def test_a_burst_that_asks_for_something_within_its_grace_is_left_alone() -> None:
    clock = Clock()
    connections = table(GRACE, clock)
    peers = added(connections, 30)
    for peer in peers[:20]:
        connections.busy(peer)
    clock.pass_(2.0)
    assert all(peer.open for peer in peers)
    for peer in peers[:20]:  # their answers end
        connections.idle(peer)
    clock.pass_(2.0)
    assert [peer.open for peer in peers] == [False] * 10 + [True] * 10 + [False] * 10
    assert connections.idle_count == 10


def test_one_timer_whatever_comes() -> None:
    clock = Clock()
    connections = table(GRACE, clock)
    for _ in range(200):
        added(connections, 1)
        assert len(clock.timers) <= 1


def test_who_was_answered_last_is_closed_last() -> None:
    connections = table()
    first, second, third = added(connections, 3)
    connections.busy(first)
    connections.idle(first)
    added(connections, 1)
    assert (first.open, second.open, third.open) == (True, False, True)


def test_connections_that_are_answered_are_never_closed_for_a_new_one() -> None:
    connections = table()
    viewers = added(connections, 4, busy=True)
    [refused] = added(connections, 1)
    assert not refused.open
    assert all(viewer.open for viewer in viewers)
    assert len(connections) == 4


def test_idle_connections_of_others_make_room_when_all_places_are_taken() -> None:
    connections = table()
    idle = added(connections, 2, "192.0.2.7")
    added(connections, 4, busy=True)
    [viewer] = added(connections, 1, "192.0.2.8")
    assert (viewer.open, idle[0].open, idle[1].open) == (True, False, True)


def test_one_line_when_it_begins_and_one_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    connections = table(clock=clock)
    with caplog.at_level(logging.WARNING):
        peers = added(connections, 50)
        clock.now += QUIET + 1
        for peer in peers:
            connections.remove(peer)
        added(connections, 1)
    assert [record.message.partition(" (")[0] for record in caplog.records] == [
        "too many connections",
        "connections fit again: 47 were closed within 0 s",
    ]


@pytest.mark.parametrize("files", [16, 64, 200, 300, 1024, 65_536, 1 << 20])
def test_limits_leave_files_to_everybody_else(files: int) -> None:
    limits = ConnectionLimits.for_open_files(files)
    assert 0 < limits.total <= max(files // 8, files - RESERVED_FILES)
    assert 0 < limits.idle_per_address <= limits.idle <= limits.total
    assert 0 < limits.per_address <= limits.total


class Machine(RuleBasedStateMachine):
    """Any order of connections, requests and ends keeps the limits, and the table's count."""

    def __init__(self) -> None:
        super().__init__()
        self.table = table()
        self.peers: list[Peer] = []
        self.busy: set[Peer] = set()

    @rule(address=st.sampled_from(["a", "b", "c"]))
    def connect(self, address: str) -> None:
        viewers = {peer for peer in self.busy if peer.open}
        self.peers += added(self.table, 1, address)
        assert all(viewer.open for viewer in viewers)

    @rule(data=st.data())
    def request(self, data: st.DataObject) -> None:
        if self.alive:
            peer = data.draw(st.sampled_from(self.alive))
            self.table.busy(peer)
            self.busy.add(peer)

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        if self.alive:
            peer = data.draw(st.sampled_from(self.alive))
            self.busy.discard(peer)
            self.table.idle(peer)

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if self.alive:
            peer = data.draw(st.sampled_from(self.alive))
            peer.open = False
            self.table.remove(peer)

    @property
    def alive(self) -> list[Peer]:
        return [peer for peer in self.peers if peer.open]

    @invariant()
    def limits_hold(self) -> None:
        alive = self.alive
        assert len(self.table) == len(alive) <= LIMITS.total
        idle = [peer for peer in alive if peer not in self.busy]
        assert len(idle) <= LIMITS.idle
        for address in "abc":
            assert sum(peer.address == address for peer in alive) <= LIMITS.per_address
            assert sum(peer.address == address for peer in idle) <= LIMITS.idle_per_address


TestAnyOrder = Machine.TestCase
