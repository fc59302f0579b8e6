"""What owners send to the bot: copied into the vault in order, one file after the other, and answered with links.

A flood wait is waited for, however long it is; what waited for it is answered together. Files that owners have sent and
that were not copied yet when the process ends are copied after the next start (`receiving`); others, those that a
message replied to, are named in the log: their owners have to ask again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pyrogram import errors as rpc

from streamvault.errors import SourceBusy, VaultError
from streamvault.media.model import MediaFile, Origin
from streamvault.telegram.flood_wait import FloodWaits, flood_seconds

log = logging.getLogger(__name__)

MAX_WAITING = 1000
"""Files that may wait."""
ANSWERED_TOGETHER = 10
"""Files that waited for a flood and are answered together, at most."""

FULL = f"I still have {MAX_WAITING} files to copy: please send it again when they are answered."
FAILED = "Something went wrong with this file on my side, the server's log says what: please send it again."

Copy = Callable[[], Awaitable[MediaFile]]
"""Makes one file available; may be called again after a flood wait.

Raises VaultError with a sentence for its owner, and pyrogram's FloodWait or SourceBusy.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to be copied; `received` is the message in which its owner has sent it, if that is so."""

    copy: Copy
    received: Origin | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was copied; `received` as in Wanted."""

    file: MediaFile
    received: Origin | None = None


@dataclass(slots=True)
class Received:
    """The files of one message or album that are still to be copied, and what came of the others."""

    chat_id: int
    message_id: int
    wanted: deque[Wanted]
    copied: list[Kept] = field(default_factory=list)
    refusals: dict[str, list[Origin]] = field(default_factory=dict)
    flooded: bool = False


class Answers(Protocol):
    """How owners are answered."""

    def links(self, chat_id: int, message_id: int, files: Sequence[Kept]) -> None:
        """Send the links of files, as a reply to that message."""
        ...

    def refusal(self, chat_id: int, message_id: int, text: str, received: Sequence[Origin]) -> None:
        """Say why the files of these messages were not kept."""
        ...


class Intake:
    """A bounded queue of received files, and the task that works it off while there are any."""

    def __init__(self, answers: Answers, floods: FloodWaits) -> None:
        self._answers = answers
        self._floods = floods
        self._waiting: deque[Received] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def empty(self) -> bool:
        """Whether everything is copied and its answer handed on."""
        return not self._waiting

    def put(self, chat_id: int, message_id: int, wanted: Iterable[Wanted]) -> None:
        """Queue the files of a message; the owner is told if there are too many."""
        received = Received(chat_id, message_id, deque(wanted))
        if self._files + len(received.wanted) > MAX_WAITING:
            log.error("%d files wait to be copied: more could not be taken", self._files)
            self._answers.refusal(chat_id, message_id, FULL, _messages(received.wanted))
            return
        self._waiting.append(received)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop, and say what was not copied and will not be."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for received in self._waiting:
            where, again = (received.chat_id, received.message_id), _messages(received.wanted)
            if again:
                log.info("%d files of message %d/%d are copied after the next start", len(again), *where)
            if len(received.wanted) > len(again):
                lost = len(received.wanted) - len(again)
                log.warning("%d files of message %d/%d were not copied: send it again", lost, *where)

    @property
    def _files(self) -> int:
        return sum(len(received.wanted) for received in self._waiting)

    async def _run(self) -> None:
        while self._waiting:
            received = self._waiting[0]
            if received.wanted:
                await self._copy(received)
            else:
                self._waiting.popleft()
                self._answer(received)

    async def _copy(self, received: Received) -> None:
        """Copy the next file; after a flood wait it is still the next one."""
        wanted = received.wanted[0]
        try:
            received.copied.append(Kept(await wanted.copy(), wanted.received))
        except (rpc.FloodWait, SourceBusy) as error:
            log.warning("copies wait %.0f s, as Telegram demands: %d of them", flood_seconds(error), self._files)
            await self._floods.wait(error)
            for one in self._waiting:
                one.flooded = True
            return
        except VaultError as error:
            self._refuse(received, wanted, str(error))
        except Exception:  # the files behind it must not be lost with it
            log.exception("message %d/%d could not be copied", received.chat_id, received.message_id)
            self._refuse(received, wanted, FAILED)
        received.wanted.popleft()

    def _refuse(self, received: Received, wanted: Wanted, text: str) -> None:
        """Each reason is told once for all files of an album."""
        received.refusals.setdefault(text, []).extend(_messages([wanted]))

    def _answer(self, received: Received) -> None:
        """Send links and refusals; links that waited for a flood go on to the next message of the same chat."""
        after = self._waiting[0] if self._waiting else None
        few = len(received.copied) + (len(after.wanted) if after else 0) <= ANSWERED_TOGETHER
        together = after is not None and after.chat_id == received.chat_id and received.flooded and after.flooded
        if after is not None and together and few and not received.refusals:
            after.copied[:0] = received.copied
            return
        if received.copied:
            self._answers.links(received.chat_id, received.message_id, received.copied)
        for text, messages in received.refusals.items():
            self._answers.refusal(received.chat_id, received.message_id, text, messages)


def _messages(wanted: Iterable[Wanted]) -> list[Origin]:
    return [one.received for one in wanted if one.received is not None]
