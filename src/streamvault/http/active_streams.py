"""The streams that are being sent, for owners who look at what happens now."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import Scope

from streamvault.http.addresses import viewer_address
from streamvault.http.middleware.access import identity_of
from streamvault.media.model import MediaFile, Origin


@dataclass(slots=True)
class ActiveStream:
    """An answer with bytes of a file: to whom, of what, since when (Unix seconds), and how many bytes so far."""

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

    @contextmanager
    def stream(self, who: str, origin: Origin, file: MediaFile) -> Iterator[ActiveStream]:
        """A stream as long as the context lasts."""
        self._number += 1
        number = self._number
        one = ActiveStream(who, origin.chat_id, origin.message_id, file.name, self._clock())
        self._active[number] = one
        try:
            yield one
        finally:
            del self._active[number]

    @property
    def present(self) -> tuple[ActiveStream, ...]:
        """The streams, the oldest first."""
        return tuple(self._active.values())


def who_of(scope: Scope) -> str:
    """Who gets a stream: `person:ID`, `link:ID`, or else `address:` with the address."""
    identity = identity_of(scope)
    person = identity.payer if identity.person is None else identity.person.id
    if person is not None:
        return f"person:{person}"
    if identity.via == "link" and identity.credential:
        return f"link:{identity.credential}"
    return f"address:{viewer_address(scope)}"
