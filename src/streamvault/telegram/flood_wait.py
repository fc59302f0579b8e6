"""Who waits for the end of a flood wait, and how long.

Until when Telegram refuses which methods is in `sessions/floods`. What owners send to the bot waits for the end of any
flood wait: copies into the vault in `bot/intake`, answers in `bot/outbox`, both by `FloodWaits`. Walks wait likewise,
by `indexing/retry`; where a page of a history would have to wait for the user account longer than
`history/pages.LONGEST_USER_WAIT`, the bot reads by id instead. Uploads wait for any, by `files/upload_requests`.
Viewers wait as long as START_TIMEOUT and STALL_TIMEOUT allow, by `reading/retry`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from pyrogram import errors as rpc

from streamvault.errors import SourceBusy

Sleep = Callable[[float], Awaitable[object]]


class FloodWaits:
    """The flood waits that one bot sits out; `running` while there is one."""

    def __init__(self, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep
        self._running = 0

    @property
    def running(self) -> bool:
        """Whether Telegram demands that the bot waits."""
        return self._running > 0

    async def wait(self, error: rpc.FloodWait | SourceBusy) -> None:
        """Wait as long as the error demands."""
        self._running += 1
        try:
            await self._sleep(flood_seconds(error))
        finally:
            self._running -= 1


def flood_seconds(error: rpc.FloodWait | SourceBusy) -> float:
    """The seconds that a flood wait demands."""
    return error.retry_after if isinstance(error, SourceBusy) else float(error.value)
