"""One task for everybody who wants the same thing at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from streamvault.errors import SourceUnavailable

K = TypeVar("K")
V = TypeVar("V")


class SingleFlight(Generic[K, V]):
    """Runs at most one task per key; its result or error reaches all who wait for it.

    The task is nobody's child: a waiter that is cancelled leaves, and the task goes on.
    """

    def __init__(self) -> None:
        self._flights: dict[K, asyncio.Task[V]] = {}

    async def run(self, key: K, work: Callable[[], Awaitable[V]]) -> V:
        """The result of `work`, or of the flight for `key` that is already under way."""
        task = self._flights.get(key)
        if task is None:
            task = asyncio.create_task(_await(work))
            self._flights[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        await asyncio.wait((task,))
        if task.cancelled():
            raise SourceUnavailable("the account was closed meanwhile")
        return task.result()

    async def close(self) -> None:
        """Cancel what is under way and wait for its end."""
        tasks = list(self._flights.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: K, task: asyncio.Task[V]) -> None:
        if self._flights.get(key) is task:
            del self._flights[key]
        _ = task.cancelled() or task.exception()  # nobody may be waiting for it any more


async def _await(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()


@contextmanager
def background_task(work: Coroutine[Any, Any, V]) -> Iterator[asyncio.Task[V]]:
    """Runs `work` beside the body; who does not wait for it abandons it."""

    def ended(done: asyncio.Task[V]) -> None:
        _ = done.cancelled() or done.exception()  # nobody may be waiting for it any more

    task = asyncio.create_task(work)
    task.add_done_callback(ended)
    try:
        yield task
    finally:
        task.cancel()
