"""Work for a client ends when the client leaves, whichever phase it is in."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.types import Receive


async def until_gone(work: Coroutine[Any, Any, None], receive: Receive) -> bool:
    """Run `work` to its end, or cancel it as soon as the client is gone; True if it ended by itself.

    Raises what `work` raises. Nothing runs any more when this returns, or when it is cancelled.
    """
    worker = asyncio.ensure_future(work)
    watcher = asyncio.ensure_future(_gone(receive))
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


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
