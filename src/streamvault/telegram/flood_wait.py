"""Waits out one short flood wait; a second one, or a long one, is raised to the caller.

Until when Telegram refuses which methods is in `sessions/floods`; `bot/outbox` waits for the end of any flood wait,
walks by `indexing/retry`, and viewers as long as START_TIMEOUT and STALL_TIMEOUT allow, by `reading/retry`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pyrogram import errors as rpc

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[object]]

MAX_FLOOD_WAIT = 20
"""Seconds; the longest flood wait that `with_flood_wait` waits for."""


async def with_flood_wait(call: Callable[[], Awaitable[T]], *, sleep: Sleep = asyncio.sleep) -> T:
    """The result of `call`, repeated once after the wait that Telegram demands, if that is at most MAX_FLOOD_WAIT."""
    try:
        return await call()
    except rpc.FloodWait as error:
        seconds = int(error.value)
        if seconds > MAX_FLOOD_WAIT:
            raise
    await sleep(seconds)
    return await call()
