"""Cancels the work for a client as soon as the client disconnects, whichever phase it is in."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.types import Receive


async def until_disconnected(work: Coroutine[Any, Any, None], receive: Receive) -> bool:
    """Run `work` to its end, or cancel it when the client disconnects; True if it ended by itself.

    Raises what `work` raises. Nothing is left running when this returns or is cancelled.
    """
    worker = asyncio.ensure_future(work)
    watcher = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((worker, watcher), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = worker.done()
        worker.cancel()
        watcher.cancel()
        await asyncio.wait((worker, watcher))
    failure = None if watcher.cancelled() else watcher.exception()
    if failure is not None and not ended:
        raise failure
    if worker.cancelled() and not ended:
        return False
    worker.result()
    return True


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
