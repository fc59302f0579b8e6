"""Shares one task between all callers that need the same result at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from streamvault.errors import SourceUnavailable

K = TypeVar("K")
V = TypeVar("V")


class SingleFlight(Generic[K, V]):
    """Runs at most one task per key; every caller that waits for it gets its result or its error.

    The task does not depend on its callers: cancelling a caller does not cancel the task.
    """

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}

    async def run(self, key: K, work: Callable[[], Awaitable[V]]) -> V:
        """The result of `work`, or of the task for `key` that is already running."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.create_task(_await(work))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        await asyncio.wait((task,))
        if task.cancelled():
            raise SourceUnavailable("the account was closed meanwhile")
        return task.result()

    async def close(self) -> None:
        """Cancel the running tasks and wait for their end."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, key: K, task: asyncio.Task[V]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        _ = task.cancelled() or task.exception()  # retrieved, as nobody may be waiting for it any more


async def _await(work: Callable[[], Awaitable[Any]]) -> Any:
    return await work()


@contextmanager
def background_task(work: Coroutine[Any, Any, V]) -> Iterator[asyncio.Task[V]]:
    """Run `work` concurrently with the body; at the end of the body it is cancelled if it is still running."""

    def ended(done: asyncio.Task[V]) -> None:
        _ = done.cancelled() or done.exception()  # retrieved, as nobody may be waiting for it any more

    task = asyncio.create_task(work)
    task.add_done_callback(ended)
    try:
        yield task
    finally:
        task.cancel()
