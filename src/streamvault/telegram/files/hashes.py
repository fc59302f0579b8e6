"""SHA-256 digests of file ranges from Telegram (upload.getFileHashes, upload.getCdnFileHashes), cached.

Concurrent requests for the same digests share one call per account.
"""

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
_MAX_CALLS = 16

FetchDigests = Callable[[int], Awaitable[Sequence[Digest]]]
"""Calls Telegram for the digests from an offset on; Telegram decides how many it returns."""


@dataclass(slots=True)
class _Window:
    """The digests of 1 MiB of a file, by their start. `complete`: Telegram has no others."""

    digests: dict[int, Digest] = field(default_factory=dict)
    complete: bool = False


def digests_of(answer: Any, *, size: int) -> tuple[Digest, ...]:
    """The digests in a Vector of fileHash, for a file of `size` bytes. Raises SourceError for any other answer."""
    try:
        found = [(int(one.offset), int(one.limit), bytes(one.hash)) for one in answer]
    except (AttributeError, TypeError) as error:
        raise SourceError(f"Telegram answered with {type(answer).__name__} instead of hashes") from error
    return tuple(Digest(start, min(start + limit, size), digest) for start, limit, digest in found if start < size)


class DigestCache:
    """Digests of the windows that were used last. A file is identified by any hashable value its user picks."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        """`capacity` in windows, of about 2 KiB each."""
        self._capacity = capacity
        self._windows: OrderedDict[tuple[Hashable, int], _Window] = OrderedDict()
        self._flights: SingleFlight[tuple[str, Hashable, int], None] = SingleFlight()

    async def covering(
        self, file: Hashable, start: int, stop: int, *, account: str, fetch: FetchDigests
    ) -> tuple[Digest, ...]:
        """The digests within [start, stop), which lies in one window; those that are not cached are fetched.

        Ranges without a digest at Telegram have none here. `account` is the name of the account that `fetch` calls as:
        accounts do not share calls, so that the failure of one is not the failure of another. Raises what `fetch` does.
        """
        for _ in range(_MAX_CALLS):
            window = self._window(file, start // WINDOW)
            reached = reach(window.digests.values(), start, stop)
            if reached == stop or window.complete:
                break
            await self._flights.run((account, file, reached), partial(self._fetch, file, reached, fetch))
        known = self._window(file, start // WINDOW).digests.values()
        return tuple(digest for digest in known if start <= digest.start and digest.stop <= stop)

    def add(self, file: Hashable, digests: Sequence[Digest]) -> None:
        """Cache digests. Those that span windows cannot be used, and are left out."""
        for digest in digests:
            if digest.start // WINDOW == (digest.stop - 1) // WINDOW:
                self._window(file, digest.start // WINDOW).digests[digest.start] = digest

    def forget(self, file: Hashable, offset: int) -> None:
        """Drop the window around `offset`: its digests do not match the data, and either may be wrong."""
        self._windows.pop((file, offset // WINDOW), None)

    async def _fetch(self, file: Hashable, offset: int, fetch: FetchDigests) -> None:
        self.add(file, await fetch(offset))
        window = self._window(file, offset // WINDOW)
        window.complete = reach(window.digests.values(), offset, offset + 1) == offset

    def _window(self, file: Hashable, number: int) -> _Window:
        window = self._windows.setdefault((file, number), _Window())
        self._windows.move_to_end((file, number))
        while len(self._windows) > self._capacity:
            self._windows.popitem(last=False)
        return window
