"""The digests that Telegram tells of files' ranges: asked for once for all who need them, and remembered."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from streamvault.errors import SourceError
from streamvault.media.chunks import WINDOW
from streamvault.media.digests import Digest, reach
from streamvault.telegram.single_flight import SingleFlight

_CAPACITY = 2048
_ASKS = 16

Ask = Callable[[int], Awaitable[Sequence[Digest]]]
"""Asks Telegram for digests from an offset on; as many as it likes to tell."""


@dataclass(slots=True)
class _Window:
    """The digests of 1 MiB of a file by their start. `told`: there are no others."""

    digests: dict[int, Digest] = field(default_factory=dict)
    told: bool = False


def digests_of(answer: Any, *, size: int) -> tuple[Digest, ...]:
    """A Vector of fileHash, for a file of `size` bytes. SourceError for anything else."""
    try:
        found = [(int(one.offset), int(one.limit), bytes(one.hash)) for one in answer]
    except (AttributeError, TypeError) as error:
        raise SourceError(f"Telegram answered with {type(answer).__name__} instead of hashes") from error
    return tuple(Digest(start, min(start + limit, size), digest) for start, limit, digest in found if start < size)


class Hashes:
    """Of the windows that were used last; a file is named by whatever its user likes."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        """`capacity` in windows, of about 2 KiB each."""
        self._capacity = capacity
        self._windows: OrderedDict[tuple[Hashable, int], _Window] = OrderedDict()
        self._flights: SingleFlight[tuple[str, Hashable, int], None] = SingleFlight()

    async def covering(self, file: Hashable, start: int, stop: int, *, asker: str, ask: Ask) -> tuple[Digest, ...]:
        """The digests within [start, stop), which lies in one window; those that are not known are asked for.

        Where Telegram has none there are none. `asker` names the account behind `ask`: each asks for itself, so that
        one's failure is not another's. Raises what `ask` raises.
        """
        for _ in range(_ASKS):
            window = self._window(file, start // WINDOW)
            reached = reach(window.digests.values(), start, stop)
            if reached == stop or window.told:
                break
            await self._flights.run((asker, file, reached), partial(self._learn, file, reached, ask))
        known = self._window(file, start // WINDOW).digests.values()
        return tuple(digest for digest in known if start <= digest.start and digest.stop <= stop)

    def learn(self, file: Hashable, digests: Sequence[Digest]) -> None:
        """Remember digests that came by another way. Those that span windows are of no use, and left out."""
        for digest in digests:
            if digest.start // WINDOW == (digest.stop - 1) // WINDOW:
                self._window(file, digest.start // WINDOW).digests[digest.start] = digest

    def forget(self, file: Hashable, offset: int) -> None:
        """Ask anew for the digests of the window around `offset`: the data or they are wrong."""
        self._windows.pop((file, offset // WINDOW), None)

    async def _learn(self, file: Hashable, offset: int, ask: Ask) -> None:
        self.learn(file, await ask(offset))
        window = self._window(file, offset // WINDOW)
        window.told = reach(window.digests.values(), offset, offset + 1) == offset

    def _window(self, file: Hashable, number: int) -> _Window:
        window = self._windows.setdefault((file, number), _Window())
        self._windows.move_to_end((file, number))
        while len(self._windows) > self._capacity:
            self._windows.popitem(last=False)
        return window
