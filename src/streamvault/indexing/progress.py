"""Progress of a walk through a chat: its position, and an estimate of the remaining time."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["queued", "walking", "waiting", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of the `top` message ids of a chat have been read; `files` were found in this walk.

    `remaining_seconds` is an estimate, None until something was read. `detail` says why a walk waits or has failed.
    `known` is how many files of the chat the catalog has when a walk is finished, None before.
    """

    chat_id: int
    done: int
    top: int
    files: int
    remaining_seconds: float | None
    state: State
    detail: str = ""
    known: int | None = None

    @property
    def over(self) -> bool:
        """Whether the walk has ended."""
        return self.state in ("finished", "failed")


@dataclass(frozen=True, slots=True)
class WalkPosition:
    """Where a walk is: it goes from message id `top` down to above `floor`, and reads `next` next; `files` so far.

    Everything up to `floor` was walked before. The floor of a finished walk is its top.
    """

    floor: int = 0
    next: int = 0
    top: int = 0
    files: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to read."""
        return self.next <= self.floor

    @property
    def done(self) -> int:
        """How many ids have been read."""
        return self.floor + self.top - self.next

    def encode(self) -> str:
        """The text that the catalog stores."""
        return json.dumps([self.floor, self.next, self.top, self.files])

    @classmethod
    def decode(cls, text: str | None) -> "WalkPosition":
        """The position that `encode` made `text` of; the start of a walk if there is none or it is invalid."""
        try:
            match json.loads(text or "null"):
                case [int(floor), int(next_), int(top), int(files)] if 0 <= floor <= top and 0 <= next_ <= top:
                    return cls(floor, next_, top, files)
                case _:
                    return cls()
        except ValueError:
            return cls()


class Rate:
    """The speed of a walk since it began in this process; `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float], done: int) -> None:
        self._clock = clock
        self._began, self._from = clock(), done

    def remaining(self, position: WalkPosition) -> float | None:
        """Seconds for the rest at this speed, waits included; None until something was read."""
        done, seconds = position.done - self._from, self._clock() - self._began
        left = position.next - position.floor
        return None if done <= 0 else max(0.0, left * seconds / done)
