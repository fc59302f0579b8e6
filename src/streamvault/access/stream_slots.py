"""How many streams a person, link or address may have at once."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

PATIENCE = 1.0
"""Seconds that a stream waits for the end of another one: a player that seeks opens the next request before the server
has noticed the end of the last."""


class NoSlot(Exception):
    """All slots of the key are taken, and none became free in time."""


@dataclass
class _Held:
    """A slot that several hold."""

    context: AbstractAsyncContextManager[None]
    entered: asyncio.Future[None]
    holders: int = 0

    async def leave(self) -> None:
        """Give the slot back, or stop waiting for it."""
        if not self.entered.done():
            self.entered.cancel()
        elif not self.entered.cancelled() and self.entered.exception() is None:
            await self.context.__aexit__(None, None, None)


class StreamSlots:
    """At most `most` holders for each key at once, and as many that wait; a slot goes to who waits longest."""

    def __init__(self, most: int, *, patience: float = PATIENCE) -> None:
        """`most` 0: no limit."""
        self._most = most
        self._patience = patience
        self._taken: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        self._shared: dict[tuple[str, str], _Held] = {}
        self.elsewhere: Mapping[str, int] = {}
        """How many streams of each key other processes have, as far as is known."""

    def __len__(self) -> int:
        """How many keys have streams."""
        return len(self._taken)

    @property
    def open(self) -> dict[str, int]:
        """How many streams each key has here."""
        return dict(self._taken)

    def taken(self, key: str) -> int:
        """How many slots of a key are taken."""
        return self._taken.get(key, 0) + self.elsewhere.get(key, 0)

    @asynccontextmanager
    async def slot(self, key: str) -> AsyncIterator[None]:
        """Hold a slot. Raises NoSlot."""
        if self._most and self.taken(key) >= self._most:
            await self._wait(key)
        else:
            self._taken[key] += 1
        try:
            yield
        finally:
            self._release(key)

    @asynccontextmanager
    async def shared(self, key: str, film: str) -> AsyncIterator[None]:
        """Hold a slot together with all who hold one of the same key for the same film. Raises NoSlot.

        A player of HLS asks for picture and sound, and for what follows, at the same time.
        """
        held = self._shared.get((key, film))
        if held is None:
            context = self.slot(key)
            held = self._shared[key, film] = _Held(context, asyncio.ensure_future(context.__aenter__()))
        held.holders += 1
        try:
            await asyncio.shield(held.entered)
            yield
        finally:
            held.holders -= 1
            if not held.holders:
                del self._shared[key, film]
                await held.leave()

    async def _wait(self, key: str) -> None:
        """Return with a slot that somebody else has held."""
        waiting = self._waiting.setdefault(key, deque())
        if len(waiting) >= self._most:
            raise NoSlot
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(given)
        try:
            async with asyncio.timeout(self._patience):
                await given
        except BaseException as error:
            if given.done() and not given.cancelled():  # it was given just as the wait ended
                self._release(key)
            else:
                self._give_up(key, given)
            if isinstance(error, TimeoutError):
                raise NoSlot from None
            raise

    def _give_up(self, key: str, given: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(key, deque())
        if given in waiting:
            waiting.remove(given)
        if not waiting:
            self._waiting.pop(key, None)

    def _release(self, key: str) -> None:
        waiting = self._waiting.get(key)
        while waiting:
            given = waiting.popleft()
            if not waiting:
                self._waiting.pop(key, None)
            if not given.done():
                given.set_result(None)
                return
        self._taken[key] -= 1
        if self._taken[key] <= 0:
            del self._taken[key]
