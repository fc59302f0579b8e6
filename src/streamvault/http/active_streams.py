"""The streams that are being sent, for owners who look at what happens now."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import Scope

from streamvault.http.addresses import viewer_address
from streamvault.http.middleware.access import identity_of
from streamvault.media.model import MediaFile, Origin

LINGER = 20.0
"""Seconds after its last segment for which a film that is played by HLS counts as a stream: players ask for one every 4
to 6 s, and for none while they have enough."""

MOST_PLAYED = 1000
"""Films played by HLS that are remembered; of more the one whose segment is the longest ago is forgotten."""


@dataclass(slots=True)
class ActiveStream:
    """An answer with bytes of a file, or the segments of a film: to whom, of what, since when (Unix seconds), and how
    many bytes so far."""

    who: str
    chat_id: int
    message_id: int
    name: str
    since: float
    bytes: int = 0


class ActiveStreams:
    """The streams of one process. `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._active: dict[int, ActiveStream] = {}
        self._number = 0
        self._played: OrderedDict[tuple[str, Origin], ActiveStream] = OrderedDict()
        self._until: dict[tuple[str, Origin], float] = {}

    @contextmanager
    def stream(self, who: str, origin: Origin, file: MediaFile) -> Iterator[ActiveStream]:
        """A stream as long as the context lasts."""
        self._number += 1
        number = self._number
        one = self._new(who, origin, file)
        self._active[number] = one
        try:
            yield one
        finally:
            del self._active[number]

    def segment(self, who: str, origin: Origin, file: MediaFile, *, count: int) -> None:
        """A segment of `count` bytes was sent; a film is a stream from its first to LINGER seconds after its last."""
        self._forget_ended()
        key = who, origin
        one = self._played.setdefault(key, self._new(who, origin, file))
        one.bytes += count
        self._played.move_to_end(key)
        self._until[key] = self._clock() + LINGER
        if len(self._played) > MOST_PLAYED:
            oldest, _ = self._played.popitem(last=False)
            del self._until[oldest]

    @property
    def present(self) -> tuple[ActiveStream, ...]:
        """The streams, the oldest first."""
        self._forget_ended()
        return tuple(sorted((*self._active.values(), *self._played.values()), key=lambda one: one.since))

    def __len__(self) -> int:
        self._forget_ended()
        return len(self._active) + len(self._played)

    def _new(self, who: str, origin: Origin, file: MediaFile) -> ActiveStream:
        return ActiveStream(who, origin.chat_id, origin.message_id, file.name, self._clock())

    def _forget_ended(self) -> None:
        now = self._clock()
        while self._played and self._until[next(iter(self._played))] <= now:
            key, _ = self._played.popitem(last=False)
            del self._until[key]


def who_of(scope: Scope) -> str:
    """Who gets a stream: `person:ID`, `link:ID`, or else `address:` with the address."""
    identity = identity_of(scope)
    person = identity.payer if identity.person is None else identity.person.id
    if person is not None:
        return f"person:{person}"
    if identity.via == "link" and identity.credential:
        return f"link:{identity.credential}"
    return f"address:{viewer_address(scope)}"
