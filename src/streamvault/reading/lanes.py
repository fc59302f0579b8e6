"""The limiter of one data centre: which request for bytes may be sent next.

More urgent lanes go first; within a lane, clients (a reader, a walk ...) take fair turns: the one with the fewest
requests in flight is next. Everything that asks Telegram for bytes or histories takes a slot here.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any


class Lane(IntEnum):
    """What a request is for; a lower value is more urgent."""

    PLAYBACK = 0
    READAHEAD = 1
    THUMBNAILS = 2
    INDEX = 3
    LEECH = 4


_SHARE = {
    Lane.PLAYBACK: 1.0,
    Lane.READAHEAD: 0.75,  # the rest is playback's reserve
    Lane.THUMBNAILS: 0.5,
    Lane.INDEX: 0.25,
    Lane.LEECH: 0.5,
}
"""The share of all slots up to which a lane may fill them. Each lane gets one slot, whatever the other lanes hold."""


class Ticket:
    """A place in the queue of a lane. `granted` is set once its holder may send the request; `held`: it has a slot."""

    __slots__ = ("client", "granted", "held", "lane")

    def __init__(self, lane: Lane, client: Hashable) -> None:
        self.lane = lane
        self.client = client
        self.held = False
        self.granted = asyncio.Event()


class Lanes:
    """Grants slots by lane and client. `capacity()` is the number of requests in flight at once; it may change."""

    def __init__(self, capacity: Callable[[], int]) -> None:
        self._capacity = capacity
        self._waiting: dict[Lane, dict[Hashable, deque[Ticket]]] = {lane: {} for lane in Lane}
        self._in_lane: Counter[Lane] = Counter()
        self._in_use: Counter[Hashable] = Counter()
        self._held = 0

    @property
    def in_flight(self) -> int:
        """Number of slots in use."""
        return self._held

    @property
    def waiting(self) -> int:
        """Number of tickets that are not granted yet."""
        return sum(len(queue) for lane in self._waiting.values() for queue in lane.values())

    def enter(self, lane: Lane, client: Hashable) -> Ticket:
        """Join the queue of a lane as `client`; the clients of a lane take turns. The caller must `leave`."""
        ticket = Ticket(lane, client)
        self._waiting[lane].setdefault(client, deque()).append(ticket)
        self._grant()
        return ticket

    @asynccontextmanager
    async def slot(self, lane: Lane, client: Hashable) -> AsyncIterator[None]:
        """Wait for a slot, and hold it for as long as the block lasts."""
        ticket = self.enter(lane, client)
        try:
            await ticket.granted.wait()
            yield
        finally:
            self.leave(ticket)

    def promote(self, ticket: Ticket, lane: Lane) -> bool:
        """Move a ticket that still waits to a more urgent lane; True if it was moved."""
        if ticket.held or ticket.lane <= lane or not self._withdraw(ticket):
            return False
        ticket.lane = lane
        self._waiting[lane].setdefault(ticket.client, deque()).appendleft(ticket)
        self._grant()
        return True

    def leave(self, ticket: Ticket) -> None:
        """Give the slot, or the place in the queue, back; may be called twice."""
        if ticket.held:
            ticket.held = False
            self._held -= 1
            _decrement(self._in_lane, ticket.lane)
            _decrement(self._in_use, ticket.client)
        else:
            self._withdraw(ticket)
        self._grant()

    def _withdraw(self, ticket: Ticket) -> bool:
        queue = self._waiting[ticket.lane].get(ticket.client)
        if queue is None or ticket not in queue:
            return False
        queue.remove(ticket)
        if not queue:
            del self._waiting[ticket.lane][ticket.client]
        return True

    def _grant(self) -> None:
        capacity = max(1, self._capacity())
        for lane in Lane:
            waiting = self._waiting[lane]
            while waiting and (self._held < capacity * _SHARE[lane] or not self._in_lane[lane]):
                client = min(waiting, key=lambda viewer: self._in_use[viewer])  # equal ones in the order of arrival
                ticket = waiting[client].popleft()
                if not waiting[client]:
                    del waiting[client]
                ticket.held = True
                self._held += 1
                self._in_lane[lane] += 1
                self._in_use[client] += 1
                ticket.granted.set()


def _decrement(counter: Counter[Any], key: Hashable) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
