"""A served application in a thread of its own, for tests whose own thread Playwright holds."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.support.serving import Bench, serving

T = TypeVar("T")


@dataclass
class Threaded:
    """The bench, the loop that it runs on, and the address."""

    bench: Bench
    loop: asyncio.AbstractEventLoop
    url: str

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The outcome of `work` on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextmanager
def in_thread(make: Callable[[], Bench]) -> Iterator[Threaded]:
    """The bench that `make` makes, served until the end of the block."""
    started, over = threading.Event(), asyncio.Event()
    found: list[Threaded] = []

    async def serve() -> None:
        async with serving(make()) as bench:
            host, port = bench.address
            found.append(Threaded(bench, asyncio.get_running_loop(), f"http://{host}:{port}"))
            started.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert started.wait(30)
        yield found[0]
    finally:
        found[0].loop.call_soon_threadsafe(found[0].bench.logins.end_waits)
        found[0].loop.call_soon_threadsafe(found[0].bench.events.end)
        found[0].loop.call_soon_threadsafe(over.set)
        thread.join(30)
