"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")
TURNS, PAUSE = 200, 0.002
LOOKS, LONGEST_PAUSE = 10, 0.05


@overload
async def until(condition: Callable[[], Awaitable[T | None]], *, timeout: float = 10.0, pause: float = 0.0) -> T: ...
@overload
async def until(condition: Callable[[], T], *, timeout: float = 10.0, pause: float = 0.0) -> T: ...
async def until(condition: Callable[[], object], *, timeout: float = 10.0, pause: float = 0.0) -> object:
    """What `condition` returns, as soon as it is true; asked again every `pause` seconds. Raises TimeoutError.

    Without a pause it is asked each turn of the loop for the first TURNS, and then every PAUSE seconds: whoever is
    waited for needs the processor too. One that is awaited asks a database or a server, which takes more of it: it is
    asked LOOKS times, then after PAUSE, and each time after a longer one, up to LONGEST_PAUSE.
    """
    turns, grows = TURNS, 1.0
    async with asyncio.timeout(timeout):
        turn = 0
        while True:
            found = condition()
            if inspect.isawaitable(found):
                turns, grows = LOOKS, 1.25
                found = await found
            if found:
                return found
            await asyncio.sleep(pause if pause or turn < turns else min(PAUSE * grows ** (turn - turns), LONGEST_PAUSE))
            turn += 1
