"""The slow walk that never ends: reads again what there is, and mends the catalog where it disagrees.

It fills gaps, follows changes and forgets what was deleted, none of which a bot is reliably told of. What cannot be
read says nothing: only a message that Telegram shows as empty, in a chat that it shows, is forgotten.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from streamvault.catalog.base import Catalog, Change
from streamvault.errors import FileMissing, SourceError
from streamvault.indexing.batches import (
    DeletedRecently,
    OnStored,
    Span,
    difference,
    ignore_change,
    read_batch,
    spans,
    upper_end,
)
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.retry import RetryPolicy
from streamvault.media.history import BATCH
from streamvault.media.model import Origin
from streamvault.reading.retry import Clock, LoopClock

log = logging.getLogger(__name__)

DAY = 86_400.0
PAUSE = DAY / (1_000_000 / BATCH)
"""Seconds between two batches of one chat, so that a million messages take a day."""

LEAST_PAUSE = 1.0
"""Seconds between two batches of all chats together."""

SETTLING = 60.0
"""Seconds after the start that belong to viewers and to what was missed."""

SUSPECTS = 100
"""Messages that may wait to be looked at."""

REST = 6 * 3600.0
"""Seconds from the beginning of one walk through a chat to that of the next one, at least."""


def mark_name(chat_id: int) -> str:
    """Under which name the catalog keeps the place of a chat's repair."""
    return f"repair/{chat_id}"


@dataclass(frozen=True, slots=True)
class RepairPass:
    """One walk through a chat, begun at `began` (Unix seconds); `next` is read next, 0 at its end."""

    began: float = 0.0
    next: int = 0

    def encode(self) -> str:
        """As it is kept in the catalog."""
        return json.dumps([self.began, self.next])

    @classmethod
    def decode(cls, text: str | None) -> "RepairPass":
        """What `encode` gave; anything else is one that ended long ago."""
        try:
            match json.loads(text or "null"):
                case [int() | float() as began, int(next_)]:
                    return cls(float(began), next_)
                case _:
                    return cls()
        except ValueError:
            return cls()


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a walk has changed: files stored anew or differently, and messages forgotten."""

    put: int = 0
    gone: int = 0


class Repair:
    """Mends the chats of `chats()`, one batch of each in turn, but not those that `busy` says are walked anyway.

    `wall` gives Unix seconds.
    """

    def __init__(
        self, catalog: Catalog, history: HistorySource, *, chats: Callable[[], Awaitable[frozenset[int]]],
        deleted_recently: DeletedRecently = lambda _: False, on_stored: OnStored = ignore_change,
        busy: Callable[[int], bool] = lambda _: False, clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.deleted_recently = deleted_recently
        self.on_stored = on_stored
        self._catalog = catalog
        self._history = history
        self._chats = chats
        self._busy = busy
        self._clock = clock or LoopClock()
        self._wall = wall
        self._retry = RetryPolicy(clock=self._clock)
        self._passes: dict[int, RepairPass] = {}
        self._suspects: asyncio.Queue[Origin] = asyncio.Queue(SUSPECTS)

    def suspect(self, origin: Origin) -> None:
        """A read found that this message does not hold its file any more; `run_suspects` looks at it soon."""
        if not self._suspects.full():  # the walk comes by anyway
            self._suspects.put_nowait(origin)

    async def run_suspects(self) -> None:
        """Mend what is suspected, for ever."""
        while True:
            origin = await self._suspects.get()
            try:
                await self._mend(origin.chat_id, Span(origin.message_id, origin.message_id), marks={})
            except (FileMissing, SourceError) as error:
                log.info("chat %d cannot be read, so nothing in it is mended: %s", origin.chat_id, error)

    async def walk(self, chat_id: int, *, floor: int = 0) -> Repaired:
        """Go through a chat at once, from its newest message down to above `floor`.

        Raises FileMissing (the bot is not in the chat: nothing is changed then), SourceError.
        """
        top = await upper_end(self._catalog, self._history, self._retry, chat_id=chat_id)
        put = gone = 0
        for span in spans(top, floor):
            change = await self._mend(chat_id, span, marks={})
            put, gone = put + len(change.put), gone + len(change.gone)
        return Repaired(put, gone)

    def restart(self, chat_id: int) -> None:
        """Something was missed in this chat: its next round begins now, at its newest message."""
        self._passes[chat_id] = RepairPass()

    async def run(self) -> None:
        """Mend for ever, slowly."""
        await self._clock.sleep(SETTLING)
        while True:
            due = [chat_id for chat_id in await self._ours() if await self._is_due(chat_id)]
            for chat_id in due:
                if not self._busy(chat_id):
                    await self._step(chat_id)
                await self._clock.sleep(max(LEAST_PAUSE, PAUSE / len(due)))
            if not due:
                await self._clock.sleep(PAUSE)

    async def _ours(self) -> list[int]:
        chats = await self._retry.run(self._chats)
        self._passes = {chat_id: one for chat_id, one in self._passes.items() if chat_id in chats}
        return sorted(chats)

    async def _is_due(self, chat_id: int) -> bool:
        """Whether there is a batch to read: of a round under way, or of the next one."""
        if chat_id not in self._passes:
            kept = await self._retry.run(lambda: self._catalog.mark(mark_name(chat_id)))
            self._passes[chat_id] = RepairPass.decode(kept)
        one = self._passes[chat_id]
        return one.next > 0 or not one.began <= self._wall() < one.began + REST

    async def _step(self, chat_id: int) -> None:
        """One batch of one chat. A chat that cannot be read is left alone until its next round."""
        begun = one = self._passes[chat_id]
        try:
            if one.next <= 0:
                top = await upper_end(self._catalog, self._history, self._retry, chat_id=chat_id)
                one = RepairPass(self._wall(), top)
            if one.next > 0:
                span = next(spans(one.next, 0))
                one = RepairPass(one.began, span.first - 1)
                await self._mend(chat_id, span, marks={mark_name(chat_id): one.encode()})
        except (FileMissing, SourceError) as error:
            log.warning("chat %d cannot be read, so nothing in it is mended: %s", chat_id, error)
            one = RepairPass(self._wall(), 0)
        if self._passes.get(chat_id) is begun:  # nobody has hastened it meanwhile
            self._passes[chat_id] = one

    async def _mend(self, chat_id: int, span: Span, *, marks: Mapping[str, str | None]) -> Change:
        """Make the catalog equal to the messages of one span."""
        batch = await read_batch(self._catalog, self._history, self._retry, chat_id=chat_id, span=span)

        async def store() -> Change:
            change = difference(batch, deleted=self.deleted_recently)
            change = Change(put=change.put, gone=change.gone, marks=marks)
            if change.put or change.gone or change.marks:
                await self._catalog.apply(change)
            return change

        change = await self._retry.run(store)
        if change.put or change.gone:
            log.info("chat %d: %d mended, %d forgotten", chat_id, len(change.put), len(change.gone))
            await self._retry.run(lambda: self.on_stored(change))
        return change
