"""Single-flight: one task per key for all callers that want its result; it is cancelled when the last one leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SharedWork(Generic[K, V]):
    """Tasks under way, by key. Belongs to one event loop."""

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}
        self._waiting: dict[K, int] = {}

    def __contains__(self, key: K) -> bool:
        """Whether a task is under way for `key`."""
        return key in self._tasks

    async def get(self, key: K, work: Callable[[], Awaitable[V]]) -> V:
        """The result of `work`, or of the task already under way for `key`; raises what it raises.

        Cancelling abandons only this wait; the task is cancelled with its last waiter.
        """
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(_run(work))
            self._waiting[key] = 0
            task.add_done_callback(lambda done: self._ended(key, done))
        self._waiting[key] += 1
        try:
            return await asyncio.shield(task)
        finally:
            if self._tasks.get(key) is task:
                self._waiting[key] -= 1
                if not self._waiting[key]:
                    self._ended(key, task)
                    task.cancel()

    def _ended(self, key: K, task: asyncio.Task[V]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key], self._waiting[key]
        if task.done() and not task.cancelled():
            task.exception()  # marks it as retrieved: all waiters may have left


async def _run(work: Callable[[], Awaitable[V]]) -> V:
    return await work()
