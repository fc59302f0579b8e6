"""One flood wait is waited out if it is short; a second one, or a long one, is the caller's to tell."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pyrogram import errors as rpc

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[object]]

MAX_FLOOD_WAIT = 20


async def with_flood_wait(call: Callable[[], Awaitable[T]], *, sleep: Sleep = asyncio.sleep) -> T:
    """`call`, repeated once after exactly the wait that Telegram demands, if that is at most MAX_FLOOD_WAIT seconds."""
    try:
        return await call()
    except rpc.FloodWait as error:
        seconds = int(error.value)
        if seconds > MAX_FLOOD_WAIT:
            raise
    await sleep(seconds)
    return await call()
