"""What has changed on this server, by topic: the latest changes, numbered, for everybody who listens.

Nothing is kept for a listener but the number of the last change that it was told of. Who is too slow, or was away for
too long, finds that later changes are not kept any more, and begins again with the present state.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

Topic = Literal["jobs", "index", "voice", "catalog", "accounts", "streams"]
TOPICS: tuple[Topic, ...] = get_args(Topic)

KEPT = 64
"""Changes of each topic that are kept."""


class Listener:
    """`changed` is set when there may be something new; `ended` when no more follows."""

    def __init__(self, *, ended: bool) -> None:
        self.changed = asyncio.Event()
        self.ended = False
        if ended:
            self.end()

    def end(self) -> None:
        """No more follows."""
        self.ended = True
        self.changed.set()


class EventHub:
    """The changes of one server since its start, which `epoch` names."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self.epoch = secrets.token_hex(4)
        self._changes: dict[Topic, deque[object]] = {topic: deque(maxlen=kept) for topic in TOPICS}
        self._numbers: dict[Topic, int] = dict.fromkeys(TOPICS, 0)
        self._sampled: dict[Topic, object] = {}
        self._listeners: set[Listener] = set()
        self._ended = False

    def __len__(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def publish(self, topic: Topic, change: object) -> None:
        """Add a change, and wake everybody who listens."""
        self._changes[topic].append(change)
        self._numbers[topic] += 1
        for listener in self._listeners:
            listener.changed.set()

    def sample(self, topic: Topic, state: object) -> None:
        """Publish the state of a topic that tells of no changes by itself, where it is another than before."""
        if self._sampled.get(topic) != state:
            self._sampled[topic] = state
            self.publish(topic, state)

    def number(self, topic: Topic) -> int:
        """The number of a topic's latest change, 0 before the first."""
        return self._numbers[topic]

    def since(self, topic: Topic, number: int) -> list[object] | None:
        """The changes after this number; None where they are not all kept, or there was no such number."""
        missed, kept = self._numbers[topic] - number, self._changes[topic]
        return list(kept)[len(kept) - missed :] if 0 <= missed <= len(kept) else None

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        """One who listens, as long as the context lasts."""
        listener = Listener(ended=self._ended)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def end_all(self) -> None:
        """End everybody who listens now: they come back with the rights that they have then."""
        for listener in self._listeners:
            listener.end()

    def end(self) -> None:
        """End everybody for good, because the server shuts down."""
        self._ended = True
        self.end_all()
