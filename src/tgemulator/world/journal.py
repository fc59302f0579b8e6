"""The events of a mailbox or a channel in order, from which differences are answered.

Only a journal assigns a pts: each event advances it by the number of messages that it concerns
(core.telegram.org/api/updates). The oldest events are dropped; `remembers` tells whether some are missing.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

EventKind = Literal["new", "edit", "delete", "other"]


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the messages `ids`: `pts` is the counter after it, `count` how far it advanced.

    `payload` of an event of kind "other" renders its update for a View and a pts.
    """

    kind: EventKind
    pts: int
    count: int
    ids: tuple[int, ...] = ()
    payload: Any = None


class Journal:
    """The newest `limit` events; the counter begins at `first`."""

    def __init__(self, *, first: int = 1, limit: int = 10_000) -> None:
        self.pts = first
        self._forgotten = first
        self._limit = limit
        self._events: deque[Event] = deque()

    def record(self, kind: EventKind, *ids: int, payload: Any = None) -> Event:
        """Add an event of these messages; without any it counts as one."""
        count = max(1, len(ids))
        self.pts += count
        event = Event(kind, self.pts, count, ids, payload)
        self._events.append(event)
        if len(self._events) > self._limit:
            self._forgotten = self._events.popleft().pts
        return event

    def remembers(self, pts: int) -> bool:
        """Whether every event after `pts` is still here."""
        return pts >= self._forgotten

    def since(self, pts: int) -> list[Event]:
        """The events after `pts`, oldest first; complete only if `remembers(pts)`."""
        found: list[Event] = []
        for event in reversed(self._events):
            if event.pts <= pts:
                break
            found.append(event)
        return found[::-1]

    def resize(self, limit: int) -> None:
        """Keep only the newest `limit` events from now on."""
        self._limit = limit
        while len(self._events) > limit:
            self._forgotten = self._events.popleft().pts
