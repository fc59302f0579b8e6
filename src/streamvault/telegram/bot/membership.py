"""Asks Telegram whether people are in the channels that MEMBERS names.

Anybody can have it asked, by writing to the bot: questions are PAUSE seconds apart, and few may wait.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from pyrogram import errors as rpc
from pyrogram import raw

from streamvault.errors import SourceError
from streamvault.telegram.flood_wait import Sleep, flood_seconds

log = logging.getLogger(__name__)

PAUSE = 1.0
MOST_WAITING = 5
_OUT = (raw.types.ChannelParticipantLeft, raw.types.ChannelParticipantBanned)


class ChannelMembership:
    """`client` gives the bot's Client, or None while it is not connected. `channels`: numbers or @usernames.

    `clock` gives seconds that never go back.
    """

    def __init__(
        self, channels: Sequence[int | str], client: Callable[[], Any], *, sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._channels = tuple(channels)
        self._client = client
        self._sleep = sleep
        self._clock = clock
        self._lock = asyncio.Lock()
        self._waiting = 0
        self._closed_until = self._next_at = clock()

    async def holds(self, person: int) -> bool | None:
        """Whether a user is in one of the channels; None where Telegram does not say now, or there are none."""
        if not self._channels or self._waiting >= MOST_WAITING:
            return None
        self._waiting += 1
        try:
            async with self._lock:
                if self._clock() < self._next_at:
                    await self._sleep(self._next_at - self._clock())
                try:
                    return await self._ask(person)
                finally:
                    self._next_at = self._clock() + PAUSE
        finally:
            self._waiting -= 1

    async def _ask(self, person: int) -> bool | None:
        client = self._client()
        if client is None or self._clock() < self._closed_until:
            return None
        try:
            user = await client.resolve_peer(person)
            found = [await self._is_in(client, channel, user) for channel in self._channels]
        except rpc.FloodWait as error:
            self._closed_until = self._clock() + flood_seconds(error)
            return None
        except (rpc.RPCError, SourceError, OSError, KeyError, ValueError) as error:
            log.debug("whether person %d is in a channel of MEMBERS cannot be told now: %s", person, error)
            return None
        return any(found)

    async def _is_in(self, client: Any, channel: int | str, user: Any) -> bool:
        query = raw.functions.channels.GetParticipant(channel=await client.resolve_peer(channel), participant=user)
        try:
            answer = await client.invoke(query, sleep_threshold=0)
        except (rpc.UserNotParticipant, rpc.ParticipantIdInvalid):
            return False
        return not isinstance(answer.participant, _OUT)
