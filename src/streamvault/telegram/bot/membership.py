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
_FAILURES = (rpc.RPCError, SourceError, OSError, KeyError, ValueError)


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
        self._failing: set[int | str] = set()
        self._closed_until = self._next_at = clock()

    async def holds(self, person: int) -> bool | None:
        """Whether a user is in one of the channels; None where Telegram does not say now."""
        if not self._channels:
            return False
        if self._waiting >= MOST_WAITING:
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
        except _FAILURES as error:
            self._keep_off(error)
            log.debug("whether person %d is in a channel of MEMBERS cannot be told now: %s", person, error)
            return None
        found: bool | None = False
        for channel in self._channels:
            told = await self._says(client, channel, user)
            if told:
                return True
            found = None if told is None else found
        return found

    async def _says(self, client: Any, channel: int | str, user: Any) -> bool | None:
        """Whether a user is in one channel; None where that cannot be told now."""
        if self._clock() < self._closed_until:
            return None
        try:
            found = await _is_in(client, await client.resolve_peer(channel), user)
        except _FAILURES as error:
            if not self._keep_off(error):
                self._report(channel, error)
            return None
        self._failing.discard(channel)
        return found

    def _keep_off(self, error: Exception) -> bool:
        """Ask nothing until a flood wait is over; whether the error is one."""
        if not isinstance(error, rpc.FloodWait):
            return False
        self._closed_until = self._clock() + flood_seconds(error)
        return True

    def _report(self, channel: int | str, error: Exception) -> None:
        """Log why a channel does not answer: as a warning once, until it has answered."""
        level = logging.DEBUG if channel in self._failing else logging.WARNING
        self._failing.add(channel)
        log.log(level, "who is in %s, which MEMBERS names, cannot be told now: %s", channel, error)


async def _is_in(client: Any, channel: Any, user: Any) -> bool:
    query = raw.functions.channels.GetParticipant(channel=channel, participant=user)
    try:
        participant = (await client.invoke(query, sleep_threshold=0)).participant
    except (rpc.UserNotParticipant, rpc.ParticipantIdInvalid):
        return False
    if isinstance(participant, raw.types.ChannelParticipantBanned):  # also who may read, but not write
        return not participant.left and not participant.banned_rights.view_messages
    return not isinstance(participant, raw.types.ChannelParticipantLeft)
