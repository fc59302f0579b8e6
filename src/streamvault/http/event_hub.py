"""What has changed on this server, by topic: the latest changes, numbered, for everybody who listens.

Nothing is kept for a listener but the number of the last change that it was told of. Who is too slow, or was away for
too long, finds that later changes are not kept any more, and begins again with the present state.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, get_args

Topic = Literal["jobs", "index", "voice", "catalog", "accounts", "streams"]
TOPICS: tuple[Topic, ...] = get_args(Topic)

KEPT = 64
"""Changes of each topic that are kept."""

SAMPLE = 2.0
"""Seconds between two looks at the state of a topic that tells of no changes by itself, while somebody listens."""


class Listener:
    """`changed` is set when there may be something new of its topics; `ended` when no more follows."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self.topics = frozenset(topics)
        self.changed = asyncio.Event()
        self.ended = False
        self._on_end: Callable[[], None] | None = None

    def on_end(self, call: Callable[[], None] | None) -> None:
        """Have `call` called at the end, in place of any before; at once if it has ended."""
        self._on_end = call
        if self.ended and call is not None:
            call()

    def end(self) -> None:
        """No more follows."""
        if not self.ended:
            self.ended = True
            self.changed.set()
            if self._on_end is not None:
                self._on_end()


class EventHub:
    """The changes of one server since its start, which `epoch` names."""

    def __init__(self, *, kept: int = KEPT, every: float = SAMPLE) -> None:
        """`every`: seconds between two looks at topics that are looked at."""
        self.epoch = secrets.token_hex(4)
        self._every = every
        self._changes: dict[Topic, deque[object]] = {topic: deque(maxlen=kept) for topic in TOPICS}
        self._numbers: dict[Topic, int] = dict.fromkeys(TOPICS, 0)
        self._looks: dict[Topic, Callable[[], object]] = {}
        self._sampled: dict[Topic, object] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._listeners: set[Listener] = set()
        self._ended = False

    def __len__(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def publish(self, topic: Topic, change: object) -> None:
        """Add a change, and wake everybody who listens to this topic."""
        self._changes[topic].append(change)
        self._numbers[topic] += 1
        for listener in self._listeners:
            if topic in listener.topics:
                listener.changed.set()

    def look_at(self, topic: Topic, state: Callable[[], object]) -> None:
        """Look at the state of a topic that tells of no changes by itself, from time to time while somebody listens."""
        self._looks[topic] = state

    def sample(self, topic: Topic, state: object) -> None:
        """Publish a state where it is another than before."""
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
    def listening(self, topics: Iterable[Topic]) -> Iterator[Listener]:
        """One who listens to these topics, as long as the context lasts."""
        listener = Listener(topics)
        if self._ended:
            listener.end()
        self._listeners.add(listener)
        try:
            if self._looks.keys() & listener.topics:
                self._look()
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._asked():
                self._stop_looking()

    def end(self) -> None:
        """End everybody for good, because the server shuts down."""
        self._ended = True
        for listener in self._listeners:
            listener.end()

    def _asked(self) -> set[Topic]:
        return {topic for topic in self._looks if any(topic in listener.topics for listener in self._listeners)}

    def _look(self) -> None:
        """Look at what is listened to, now and later."""
        self._stop_looking()
        self._timer = asyncio.get_running_loop().call_later(self._every, self._look)
        for topic in self._asked():
            self.sample(topic, self._looks[topic]())

    def _stop_looking(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
