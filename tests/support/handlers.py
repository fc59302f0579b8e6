"""Handlers of a test's own, registered for as long as the test runs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tgemulator.services.registry import METHODS, Call, Handler, method


@contextmanager
def handling(function: type[Any], handler: Handler, **options: bool) -> Iterator[None]:
    """`handler` answers `function` inside this block; `options` as for registry.method."""
    before = METHODS.get(function.ID)
    method(function, **options)(handler)
    try:
        yield
    finally:
        if before is None:
            del METHODS[function.ID]
        else:
            METHODS[function.ID] = before


class Slow:
    """A handler that answers once `go` is set; `calls` counts its executions."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls = 0
        self.started = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, call: Call, query: Any) -> Any:
        self.calls += 1
        self.started.set()
        await self.go.wait()
        return self.answer
