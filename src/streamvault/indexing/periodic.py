"""Repeats work in the background: periodically, and after something was posted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from streamvault.errors import CatalogError

log = logging.getLogger(__name__)

PERIOD = 600.0
"""Seconds after which what failed is tried again."""


async def repeat(
    work: Callable[[], Awaitable[None]], *, posted: asyncio.Event, name: str, pause: float = PERIOD
) -> None:
    """Do `work` at once, whenever `posted` is set, and every `pause` seconds; until cancelled.

    While the catalog fails, the work waits for the next period.
    """
    while True:
        posted.clear()
        try:
            await work()
        except CatalogError as error:
            log.debug("%s wait for the catalog: %s", name, error)
        try:
            async with asyncio.timeout(pause):
                await posted.wait()
        except TimeoutError:
            continue
