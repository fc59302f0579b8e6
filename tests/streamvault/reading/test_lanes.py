"""The limiter: urgency first, a reserve for playback, one slot per lane, fair turns."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.reading.lanes import Lane, Lanes, Ticket


def granted(tickets: list[Ticket]) -> list[bool]:
    return [ticket.granted.is_set() for ticket in tickets]


def test_no_more_than_the_capacity_are_granted_and_a_slot_given_back_goes_to_the_next() -> None:
    lanes = Lanes(lambda: 2)
    tickets = [lanes.enter(Lane.PLAYBACK, client) for client in "abc"]
    assert granted(tickets) == [True, True, False]
    lanes.leave(tickets[0])
    lanes.leave(tickets[0])
    assert granted(tickets) == [True, True, True]
    assert lanes.in_flight == 2


def test_playback_has_a_reserve_that_readahead_cannot_fill() -> None:
    lanes = Lanes(lambda: 8)
    ahead = [lanes.enter(Lane.READAHEAD, "a") for _ in range(20)]
    assert sum(granted(ahead)) == 6
    assert granted([lanes.enter(Lane.PLAYBACK, "b") for _ in range(2)]) == [True, True]


def test_a_more_urgent_ticket_is_granted_first() -> None:
    lanes = Lanes(lambda: 1)
    first = lanes.enter(Lane.PLAYBACK, "a")
    late = [lanes.enter(lane, "b") for lane in (Lane.PLAYBACK, Lane.PLAYBACK)]
    lanes.leave(first)
    assert granted(late) == [True, False]


def test_every_lane_gets_one_slot_however_busy_the_others_are() -> None:
    lanes = Lanes(lambda: 4)
    for _ in range(10):
        lanes.enter(Lane.PLAYBACK, "a")
        lanes.enter(Lane.READAHEAD, "a")
    tickets = [lanes.enter(Lane.THUMBNAILS, "page") for _ in range(3)]
    assert granted(tickets) == [True, False, False]


def test_viewers_take_turns() -> None:
    lanes = Lanes(lambda: 4)
    greedy = [lanes.enter(Lane.PLAYBACK, "greedy") for _ in range(10)]
    modest = lanes.enter(Lane.PLAYBACK, "modest")
    lanes.leave(greedy[0])
    assert modest.granted.is_set()
    assert sum(granted(greedy)) == 4


def test_a_promoted_ticket_is_the_next_of_its_new_lane() -> None:
    lanes = Lanes(lambda: 1)
    first = lanes.enter(Lane.READAHEAD, "a")
    waiting = [lanes.enter(Lane.READAHEAD, "a") for _ in range(3)]
    assert not lanes.promote(first, Lane.PLAYBACK)
    assert lanes.promote(waiting[2], Lane.PLAYBACK)
    assert granted(waiting) == [False, False, True]
    assert not lanes.promote(waiting[2], Lane.PLAYBACK)


def test_a_ticket_that_leaves_the_queue_is_not_granted() -> None:
    lanes = Lanes(lambda: 1)
    first, second, third = (lanes.enter(Lane.PLAYBACK, "a") for _ in range(3))
    lanes.leave(second)
    lanes.leave(first)
    assert granted([second, third]) == [False, True]
    assert lanes.waiting == 0


@given(st.lists(st.tuples(st.sampled_from(list(Lane)), st.integers(0, 3), st.booleans()), max_size=60))
def test_the_number_of_slots_is_invariant(moves: list[tuple[Lane, int, bool]]) -> None:
    lanes, tickets = Lanes(lambda: 5), list[Ticket]()
    for lane, client, leaves in moves:
        if leaves and tickets:
            lanes.leave(tickets.pop(client % len(tickets)))
        else:
            tickets.append(lanes.enter(lane, client))
        assert lanes.in_flight == sum(ticket.held for ticket in tickets)
        assert lanes.in_flight <= 5 + len(Lane)
        assert lanes.in_flight + lanes.waiting == len(tickets)
    for ticket in tickets:
        lanes.leave(ticket)
    assert (lanes.in_flight, lanes.waiting) == (0, 0)
