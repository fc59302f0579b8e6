"""One call while a worker holds it: what plays is made to follow what is stored, and what happens is stored."""

import asyncio
import logging
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from streamvault.errors import CallInterrupted, CallRefused, CatalogError
from streamvault.voice import transitions
from streamvault.voice.calls import Calls, Change, LeaseLost
from streamvault.voice.command import Picture, Source, picture_command, sound_command
from streamvault.voice.model import Call, Item, Status
from streamvault.voice.ports import Links, Player

log = logging.getLogger(__name__)

LOOK = 0.25
"""Seconds between two looks at what people wish."""
BEAT = 1.0
"""Seconds between two writes of the position; each renews the lease."""
CHECK, COUNT = 4.0, 8.0
"""Seconds between two checks that the call hears us, and between two counts of who listens."""
MUTED = "An admin of the chat has muted the account that plays: allow it to speak."


class Following:
    """Follows the call of one chat until it is idle or has failed, or is taken from this worker."""

    def __init__(self, calls: Calls, call: Call, player: Player, links: Links) -> None:
        self._calls = calls
        self._call = call
        self._player = player
        self._links = links
        self._open = ExitStack()
        self._stream = 0
        self._sounding = False
        self._generation = player.generation
        self._ended: int | None = None
        self._news = asyncio.Event()
        self._beat_at = self._check_at = self._count_at = 0.0

    def ended(self, stream: int) -> None:
        """The sound of a stream has ended."""
        self._ended = stream
        self._news.set()

    async def run(self) -> None:
        """See the class. While the database does not answer, what plays goes on."""
        chat_id = self._call.chat_id
        try:
            while await self._step_on():
                await self._wait()
        except LeaseLost:
            log.warning("the call of %d was taken from this worker", chat_id)
        finally:
            self._open.close()
            await asyncio.shield(self._leave())

    async def release(self) -> None:
        """Let go of it at the end of the worker, so that the next one goes on at once."""
        await self._store(_released)

    async def _step_on(self) -> bool:
        """Whether there is more to do."""
        try:
            await self._read()
            if not self._call.active:
                await self._store(_released)
                return False
            await self._follow()
        except CatalogError as error:
            log.debug("the call of %d is not followed now: %s", self._call.chat_id, error)
        return True

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    async def _read(self) -> None:
        """What people wish, and what has happened. Raises LeaseLost."""
        now = asyncio.get_running_loop().time()
        if self._ended is not None:
            stream = self._ended
            await self._store(lambda call, at: transitions.ended(call, stream, now=at))
            self._ended = None
        if now >= self._beat_at:
            await self._store(lambda call, at: transitions.beaten(call, now=at))
            self._beat_at = now + BEAT
        else:
            await self._store(lambda call, _: call)

    async def _follow(self) -> None:
        if self._player.generation != self._generation:
            await self._restart()
            return
        call, now = self._call, self._calls.clock()
        if call.status is Status.PAUSED:
            await self._silence()
        elif call.status in (Status.JOINING, Status.RECONNECTING) and call.due <= now:
            await self._play(call)
        elif call.status is Status.PLAYING and call.stream != self._stream:
            await self._interrupted("What played before is not known here.")
        if self._stream:
            await self._check()

    async def _restart(self) -> None:
        """The process that plays has ended, and with it what it played."""
        self._generation, self._sounding, self._stream = self._player.generation, False, 0
        if self._call.status is Status.PLAYING:
            await self._interrupted("The process that plays has ended.")

    async def _play(self, call: Call) -> None:
        assert call.item is not None
        old, self._open = self._open, ExitStack()
        address = self._open.enter_context(self._links.link(call.item.chat_id, call.item.message_id))
        source = Source(address, call.position, call.item.track, call.volume)
        try:
            await self._player.play(call.chat_id, call.stream, sound_command(source), _picture(call.item, source))
        except CallRefused as error:
            await self._gone(partial(transitions.failed, reason=str(error)))
        except CallInterrupted as error:
            await self._interrupted(str(error))
        else:
            self._stream, self._sounding = call.stream, True
            await self._store(lambda stored, at: transitions.begun(stored, call.stream, now=at))
            self._check_at = asyncio.get_running_loop().time() + CHECK
        finally:
            old.close()

    async def _silence(self) -> None:
        if self._sounding:
            try:
                await self._player.pause(self._call.chat_id)
            except CallInterrupted as error:
                await self._interrupted(str(error))
            self._sounding = False

    async def _check(self) -> None:
        now = asyncio.get_running_loop().time()
        try:
            if now >= self._check_at:
                self._check_at = now + CHECK
                await self._player.check(self._call.chat_id)
            if now >= self._count_at:
                self._count_at = now + COUNT
                await self._count()
        except CallRefused as error:
            await self._gone(partial(transitions.failed, reason=str(error)))
        except CallInterrupted as error:
            await self._interrupted(str(error))

    async def _count(self) -> None:
        audience = await self._player.heard(self._call.chat_id)

        def heard(call: Call, at: float) -> Call:
            call = transitions.heard(call, audience.listeners, now=at)
            if call.status is not Status.PLAYING:
                return call
            return replace(call, reason=MUTED if audience.muted else None)

        await self._store(heard)

    async def _interrupted(self, reason: str) -> None:
        log.info("the call of %d: %s", self._call.chat_id, reason)
        await self._gone(partial(transitions.interrupted, reason=reason))

    async def _gone(self, change: partial[Call]) -> None:
        """The call is left, and the change stored."""
        await self._leave()
        await self._store(lambda call, at: change(call, now=at))

    async def _leave(self) -> None:
        self._stream, self._sounding = 0, False
        try:
            await self._player.leave(self._call.chat_id)
        except (CallInterrupted, CallRefused) as error:
            log.debug("the call of %d is not left: %s", self._call.chat_id, error)

    async def _store(self, change: Change) -> None:
        """Raises LeaseLost, CatalogError."""
        self._call = await self._calls.change_held(self._call, change)


def _released(call: Call, now: float) -> Call:
    """See transitions.released."""
    return transitions.released(call, now=now)


def _picture(item: Item, source: Source) -> tuple[str, Picture] | None:
    if not item.video:
        return None
    picture = Picture()
    return picture_command(source, picture), picture
