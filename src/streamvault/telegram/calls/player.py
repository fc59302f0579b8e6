"""Plays in calls by PyTgCalls. Every step has a bound: the library waits 40 s for a server that is silent."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from ntgcalls import MediaSource
from ntgcalls import TelegramServerError as ServerSilent
from pytgcalls.exceptions import NoActiveGroupCall, NotInCallError
from pytgcalls.types import GroupCallConfig, StreamEnded
from pytgcalls.types.raw import AudioParameters, AudioStream, Stream, VideoParameters, VideoStream

from streamvault.errors import CallInterrupted, VoiceError
from streamvault.telegram.calls.bridge import open_pytgcalls
from streamvault.telegram.calls.group_calls import GroupCalls, Heard

log = logging.getLogger(__name__)

JOIN_TIMEOUT, STEP_TIMEOUT = 12.0, 5.0
"""Seconds for joining a call, and for any other step."""
RATE, CHANNELS = 48_000, 2

Ended = Callable[[int, int], None]
"""Called with a chat and the number of the stream whose sound has ended."""


class Player:
    """Plays one stream in each of several calls. Methods raise CallRefused and CallInterrupted."""

    def __init__(self, calls: GroupCalls, on_ended: Ended) -> None:
        self._calls = calls
        self._on_ended = on_ended
        self._library: Any = None
        self._streams: dict[int, int] = {}
        self._paused: set[int] = set()

    async def start(self, me: int) -> None:
        """Start the library; `me` is the account's user id."""
        self._library = await open_pytgcalls(self._calls, me)
        self._library.add_handler(self._handle)

    async def chats(self) -> list[dict[str, Any]]:
        """See GroupCalls."""
        return await self._calls.chats()

    async def play(self, chat_id: int, stream: int, sound: str, picture: tuple[str, int, int, int] | None) -> None:
        """Send what these commands for a shell write: s16le, and yuv420p with (command, width, height, rate). The call
        is joined where it is not, and then what played before is replaced.
        """
        try:
            async with asyncio.timeout(JOIN_TIMEOUT):
                if chat_id not in self._streams:
                    await self._calls.find(chat_id)
                self._streams[chat_id] = stream
                await self._library.play(chat_id, _stream(sound, picture), GroupCallConfig(auto_start=False))
                if chat_id in self._paused:
                    self._paused.discard(chat_id)
                    await self._library.resume(chat_id)
        except TimeoutError as error:
            await self._drop(chat_id)
            raise CallInterrupted(f"The server of the call did not answer within {JOIN_TIMEOUT:.0f} s.") from error
        except ServerSilent as error:
            await self._drop(chat_id)
            raise CallInterrupted("The server of the call cannot be reached.") from error
        except NoActiveGroupCall as error:
            await self._drop(chat_id)
            raise CallInterrupted("The call of this chat has just ended.") from error
        except VoiceError:
            await self._drop(chat_id)
            raise

    async def pause(self, chat_id: int) -> None:
        """Send silence until `play`."""
        await self._step(self._library.pause(chat_id))
        self._paused.add(chat_id)

    async def check(self, chat_id: int) -> None:
        """Return if the call hears us."""
        await self._calls.check(chat_id)

    async def heard(self, chat_id: int) -> Heard:
        """Who hears us."""
        return await self._calls.heard(chat_id)

    async def leave(self, chat_id: int) -> None:
        """Leave the call; nothing happens where the account is in none."""
        if self._streams.pop(chat_id, None) is None:
            return
        self._paused.discard(chat_id)
        try:
            await self._step(self._library.leave_call(chat_id))
        except VoiceError as error:
            log.info("the call of %d is left without a word: %s", chat_id, error)
            await self._drop(chat_id)

    async def close(self) -> None:
        """Leave all calls."""
        await asyncio.gather(*(self.leave(chat_id) for chat_id in list(self._streams)))

    async def _step(self, step: Any) -> None:
        try:
            async with asyncio.timeout(STEP_TIMEOUT):
                await step
        except (TimeoutError, NotInCallError, NoActiveGroupCall) as error:
            raise CallInterrupted("The account that plays is no longer in the call.") from error

    async def _drop(self, chat_id: int) -> None:
        """End what the library has of a call, whatever state that is in, and tell Telegram."""
        self._streams.pop(chat_id, None)
        self._paused.discard(chat_id)
        with contextlib.suppress(Exception):  # the library has nothing left of it
            async with asyncio.timeout(STEP_TIMEOUT):
                await self._library._binding.stop(chat_id)
        self._library._clear_cache(chat_id)
        try:
            async with asyncio.timeout(STEP_TIMEOUT):
                await self._calls.leave(chat_id)
        except (TimeoutError, VoiceError) as error:
            log.debug("the call of %d was not left: %s", chat_id, error)

    async def _handle(self, _: Any, update: Any) -> None:
        if isinstance(update, StreamEnded) and update.stream_type == StreamEnded.Type.AUDIO:
            stream = self._streams.get(update.chat_id)
            if stream is not None:
                self._on_ended(update.chat_id, stream)


def _stream(sound: str, picture: tuple[str, int, int, int] | None) -> Any:
    microphone = AudioStream(MediaSource.SHELL, sound, AudioParameters(RATE, CHANNELS))
    if picture is None:
        return Stream(microphone=microphone)
    command, width, height, rate = picture
    camera = VideoStream(MediaSource.SHELL, command, VideoParameters(width, height, rate))
    return Stream(microphone=microphone, camera=camera)
