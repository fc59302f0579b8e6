"""The worker: takes up calls and follows each, until it ends."""

import asyncio
import logging
from typing import NoReturn

from streamvault.errors import CatalogError
from streamvault.voice.calls import Calls, LeaseLost
from streamvault.voice.following import Following
from streamvault.voice.ports import Links, Player

log = logging.getLogger(__name__)

POLL = 0.5
"""Seconds between two looks for a call."""
RELEASE_TIMEOUT = 5.0
"""Seconds that a worker that ends has to let go of its calls."""


class Worker:
    """Follows all calls that nobody else holds. `name` is unique among all workers; `node` names it for people."""

    def __init__(self, calls: Calls, player: Player, links: Links, *, name: str, node: str) -> None:
        self._calls = calls
        self._player = player
        self._links = links
        self._name = name
        self._node = node
        self._followed: dict[int, Following] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> NoReturn:
        """Until cancelled; lets go of its calls then."""
        try:
            while True:
                await self._take_up()
                await asyncio.sleep(POLL)
        finally:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=RELEASE_TIMEOUT)

    def ended(self, chat_id: int, stream: int) -> None:
        """The sound of a stream has ended."""
        if (following := self._followed.get(chat_id)) is not None:
            following.ended(stream)

    async def _take_up(self) -> None:
        try:
            while (call := await self._calls.claim(self._name, node=self._node)) is not None:
                following = Following(self._calls, call, self._player, self._links)
                self._followed[call.chat_id] = following
                task = asyncio.create_task(self._follow(call.chat_id, following), name=f"call {call.chat_id}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        except CatalogError as error:
            log.debug("no call is taken up: %s", error)

    async def _follow(self, chat_id: int, following: Following) -> None:
        try:
            await following.run()
        except asyncio.CancelledError:
            try:
                await following.release()
            except (CatalogError, LeaseLost) as error:
                log.debug("the call of %d was not let go of: %r", chat_id, error)
            raise
        except Exception:
            log.exception("the call of %d", chat_id)
        finally:
            if self._followed.get(chat_id) is following:
                del self._followed[chat_id]
