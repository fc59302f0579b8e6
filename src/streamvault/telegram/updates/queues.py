"""Queues of received updates, one per sequence, so that a sequence that fails delays no other.

A queue hands its updates to the sequence in order. A gap, or a demand to catch up, is answered by fetching the
difference; while that fails, the queue backs off by itself, and updates that follow on the local state are applied as
before.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from streamvault.errors import CatalogError, SourceBusy, SourceError
from streamvault.telegram.backoff import DATABASE_DELAY, Backoff
from streamvault.telegram.updates.index_queue import Failing
from streamvault.telegram.updates.sequence import ReceivedUpdate

log = logging.getLogger(__name__)

MAX_PENDING = 10_000
"""Updates that may wait in each queue ..."""
MAX_UNDECIDED = 50
"""... and in that of a channel that nobody has chosen yet: anybody can add the bot to any number of them."""
RETRY_FIRST, RETRY_MOST = 0.5, 30.0
"""Seconds between two tries to fetch a difference: the first pause, and the longest."""

Future = asyncio.Future[None]


class Sequence(Protocol):
    """What a queue needs of its sequence. Both methods raise SourceError or CatalogError, and may be repeated then."""

    async def handle(self, received: ReceivedUpdate) -> bool:
        """Apply or ignore one update; False if the difference has to be fetched first."""
        ...

    async def catch_up(self, done: Future) -> None:
        """Apply the difference; `done` is resolved once it is stored."""
        ...


class UpdateQueue:
    """The updates of one sequence: at most `most()`, and whether the difference has to be fetched.

    `run` ends once nothing waits and `is_over`, and calls `on_end`: nothing must be put any more then.
    """

    def __init__(
        self, sequence: Sequence, *, name: str, failing: Failing = lambda *_: None,
        most: Callable[[], int] = lambda: MAX_PENDING,
        on_dropped: Callable[[ReceivedUpdate], None] = lambda _: None,
        is_over: Callable[[], Awaitable[bool]] | None = None, on_end: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._sequence = sequence
        self._name = name
        self._failing = failing
        self._most = most
        self._on_dropped = on_dropped
        self._is_over = is_over
        self._on_end = on_end
        self._dropped = False
        self._pending: deque[ReceivedUpdate] = deque()
        self._caught_up: Future | None = None
        self._ready = asyncio.Event()
        self._retry_at = 0.0
        self._failed = False
        self._backoff = Backoff(first=RETRY_FIRST, longest=RETRY_MOST)
        self._database_backoff = Backoff(first=RETRY_FIRST, longest=min(RETRY_MOST, DATABASE_DELAY))

    @property
    def pending(self) -> bool:
        """Whether an update waits."""
        return bool(self._pending)

    def put(self, received: ReceivedUpdate) -> None:
        """Append an update; while too many wait, drop it: once those are handled, the difference has what follows.

        `on_dropped` is called with each that is dropped.
        """
        if len(self._pending) < self._most():
            self._pending.append(received)
            self._ready.set()
            return
        self._on_dropped(received)
        if not self._dropped:
            log.info("%s: more than %d updates are pending: the others are fetched later", self._name, self._most())
            self._dropped = True

    def catch_up(self) -> Future:
        """Fetch the difference before anything else. All callers get the same future, resolved once it is stored."""
        if self._caught_up is None:
            self._caught_up = asyncio.get_running_loop().create_future()
        self._ready.set()
        return self._caught_up

    async def drain(self) -> None:
        """Have every update handled that is pending now. Raises what the sequence raises."""
        for _ in range(len(self._pending)):
            await self._handle_next()

    async def run(self) -> None:
        """Work until cancelled, or until nothing waits and it is over."""
        clock = asyncio.get_running_loop().time
        while True:
            due = self._caught_up is not None and clock() >= self._retry_at
            try:
                if due:
                    await self._fetch()
                elif self._pending:
                    await self._handle_next()
                    if self._caught_up is None:
                        self._reset_backoff()
                elif await self._may_end():
                    return self._on_end()
                else:
                    await self._wait(None if self._caught_up is None else self._retry_at - clock())
            except (SourceError, CatalogError) as error:
                delay = self._delay_after(error)
                self._retry_at = clock() + delay
                self._note_failure(error)
                if not due:  # the update itself could not be handled
                    await asyncio.sleep(delay)
            except Exception as error:  # one that this code cannot read must not end all that follow it
                self._give_up(error, fetching=due)

    def _delay_after(self, error: SourceError | CatalogError) -> float:
        if isinstance(error, SourceBusy):
            return error.retry_after
        return (self._database_backoff if isinstance(error, CatalogError) else self._backoff).next()

    def _reset_backoff(self) -> None:
        self._backoff.reset()
        self._database_backoff.reset()

    def _give_up(self, error: Exception, *, fetching: bool) -> None:
        """An unexpected error: drop the update that caused it, or fetch the difference later once more."""
        if fetching:
            self._retry_at = asyncio.get_running_loop().time() + self._backoff.next()
            self._note_failure(error)
        elif self._pending:
            dropped = type(self._pending[0].update).__name__
            self._remove_first()
            log.error("%s: an update (%s) could not be read and is skipped", self._name, dropped, exc_info=error)

    async def _fetch(self) -> None:
        caught_up, self._caught_up = self._caught_up, None
        if caught_up is None:
            return
        try:
            await self._sequence.catch_up(caught_up)
        except BaseException:
            self._restore(caught_up)
            raise
        self._reset_backoff()
        if self._failed:
            self._failed = False
            self._failing(self._name, False)

    async def _handle_next(self) -> None:
        if not await self._sequence.handle(self._pending[0]):
            self.catch_up()  # the difference holds it
        self._remove_first()

    def _remove_first(self) -> None:
        self._pending.popleft()
        if self._dropped and not self._pending:
            self._dropped = False
            self.catch_up()

    async def _may_end(self) -> bool:
        if self._is_over is None or self._caught_up is not None or not await self._is_over():
            return False
        return not self._pending and self._caught_up is None  # what came meanwhile has to be done first

    async def _wait(self, seconds: float | None) -> None:
        self._ready.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can lose a cancellation
                await self._ready.wait()

    def _note_failure(self, error: Exception) -> None:
        if isinstance(error, SourceError | CatalogError):
            log.debug("%s: %s", self._name, error)
        elif not self._failed:
            log.error("%s: updates cannot be handled; trying again until they can", self._name, exc_info=error)
        if not self._failed and not isinstance(error, CatalogError):
            self._failed = True
            self._failing(self._name, True)

    def _restore(self, failed: Future) -> None:
        """The difference of `failed` could not be fetched: it is fetched again, also for callers since then."""
        newer, self._caught_up = self._caught_up, failed
        if newer is not None:
            failed.add_done_callback(lambda _: _resolve(newer))


def _resolve(future: Future) -> None:
    if not future.done():
        future.set_result(None)


async def cancel(*tasks: asyncio.Task[None]) -> None:
    """Cancel and wait for the end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
