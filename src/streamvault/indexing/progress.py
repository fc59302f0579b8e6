"""How far a walk through a chat is, and how long the rest takes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["queued", "walking", "waiting", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of the `top` message ids of a chat are known; `files` were found in this walk.

    `remaining_seconds` is an estimate, None while nothing is known. `detail` says why a walk waits or has failed.
    """

    chat_id: int
    done: int
    top: int
    files: int
    remaining_seconds: float | None
    state: State
    detail: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self.state in ("finished", "failed")


@dataclass(frozen=True, slots=True)
class WalkPosition:
    """Where a walk is: it goes from `top` down to above `floor`, and reads `next` next; `files` were found so far.

    Everything up to `floor` was walked before. A finished walk's floor is its top.
    """

    floor: int = 0
    next: int = 0
    top: int = 0
    files: int = 0

    @property
    def finished(self) -> bool:
        """Whether there is nothing left of it."""
        return self.next <= self.floor

    @property
    def done(self) -> int:
        """How many ids are known."""
        return self.floor + self.top - self.next

    def encode(self) -> str:
        """As it is kept in the catalog."""
        return json.dumps([self.floor, self.next, self.top, self.files])

    @classmethod
    def decode(cls, text: str | None) -> "WalkPosition":
        """What `encode` gave; a place of which nothing was kept, or nothing that makes sense, is the very beginning."""
        try:
            match json.loads(text or "null"):
                case [int(floor), int(next_), int(top), int(files)] if 0 <= floor <= top and 0 <= next_ <= top:
                    return cls(floor, next_, top, files)
                case _:
                    return cls()
        except ValueError:
            return cls()


class Rate:
    """The speed of a walk since it was begun in this process; `clock` gives seconds that never run backwards."""

    def __init__(self, clock: Callable[[], float], done: int) -> None:
        self._clock = clock
        self._began, self._from = clock(), done

    def remaining(self, place: WalkPosition) -> float | None:
        """Seconds for the rest at this speed, waits included; None before anything was done."""
        done, seconds = place.done - self._from, self._clock() - self._began
        left = place.next - place.floor
        return None if done <= 0 else max(0.0, left * seconds / done)
