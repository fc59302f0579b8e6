"""Repair: a slow walk without end that reads all chats again and corrects the catalog where it differs from Telegram.

It fills gaps, applies edits and removes deleted messages, since a bot does not reliably get updates about them. A
message is removed only if Telegram shows it as empty in a chat that can be read (see reconcile.py).
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from streamvault.catalog.base import Catalog, Change
from streamvault.errors import FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.indexing.batches import Batch, DeletedRecently, Span, spans
from streamvault.indexing.messages import HistorySource
from streamvault.indexing.reconcile import OnStored, Reconciler, ignore_change
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

START_DELAY = 60.0
"""Seconds after the start before the first batch; the time is left to viewers and to missed updates."""

SUSPECTS = 100
"""Suspected messages that may wait to be checked."""

PATIENCE = 30.0
"""Seconds for which a batch waits for Telegram; then the other chats go on."""

UNAVAILABLE_PAUSE = 300.0
"""Seconds for which a chat is left alone that Telegram could not give within PATIENCE."""

LEAST_PERIOD = 6 * 3600.0
"""Seconds from the beginning of one pass through a chat to that of the next one, at least."""


def mark_name(chat_id: int) -> str:
    """The name of the mark under which the catalog stores the position of a chat's repair."""
    return f"repair/{chat_id}"


@dataclass(frozen=True, slots=True)
class RepairPass:
    """One pass through a chat, begun at `began` (Unix seconds); message id `next` is read next, 0 at the end."""

    began: float = 0.0
    next: int = 0

    def encode(self) -> str:
        """The text that the catalog stores."""
        return json.dumps([self.began, self.next])

    @classmethod
    def decode(cls, text: str | None) -> "RepairPass":
        """The pass that `encode` made `text` of; for any other text a pass that ended long ago."""
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
    """Totals of a walk: files stored or changed, and messages removed."""

    put: int = 0
    gone: int = 0


class Repair:
    """Repairs the chats of `chats()`, one batch of each in turn, except those that `busy` says are being walked.

    `wall` gives Unix seconds.
    """

    def __init__(
        self, catalog: Catalog, history: HistorySource, *, chats: Callable[[], Awaitable[frozenset[int]]],
        deleted_recently: DeletedRecently = lambda _: False, on_stored: OnStored = ignore_change,
        busy: Callable[[int], bool] = lambda _: False, clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._catalog = catalog
        self._chats = chats
        self._busy = busy
        self._clock = clock or LoopClock()
        self._wall = wall
        self._retry = RetryPolicy(clock=self._clock, patience=PATIENCE)
        self._reconciler = Reconciler(
            catalog, history, self._retry, deleted_recently=deleted_recently, on_stored=on_stored
        )
        self._passes: dict[int, RepairPass] = {}
        self._paused_until: dict[int, float] = {}
        self._suspects: asyncio.Queue[Origin] = asyncio.Queue(SUSPECTS)

    def suspect(self, origin: Origin) -> None:
        """A read found that this message does not hold its file any more; `run_suspects` checks it soon."""
        if not self._suspects.full():  # a message that does not fit is checked by the next pass
            self._suspects.put_nowait(origin)

    async def run_suspects(self) -> None:
        """Check suspected messages until cancelled."""
        while True:
            origin = await self._suspects.get()
            try:
                await self._repair(origin.chat_id, Span(origin.message_id, origin.message_id), marks={})
            except (FileMissing, SourceError) as error:
                log.debug("chat %d cannot be read, so nothing in it is repaired: %s", origin.chat_id, error)

    async def check(self, chat_id: int, numbers: Sequence[int]) -> Change:
        """Repair these messages, at most BATCH, with one request. Raises FileMissing, SourceError at once."""
        return await self._store(await self._reconciler.read_some(chat_id, numbers), marks={})

    async def walk(self, chat_id: int, *, floor: int = 0) -> Repaired:
        """Repair a chat at once, from its newest message down to above `floor`.

        Raises FileMissing (the bot is not in the chat: nothing is changed then), SourceError (after PATIENCE).
        """
        top = await self._reconciler.newest_id(chat_id)
        put = gone = 0
        for span in spans(top, floor):
            change = await self._repair(chat_id, span, marks={})
            put, gone = put + len(change.put), gone + len(change.gone)
        return Repaired(put, gone)

    def restart(self, chat_id: int) -> None:
        """Updates of this chat were missed: begin its next pass now, at its newest message."""
        self._paused_until.pop(chat_id, None)
        self._passes[chat_id] = RepairPass()

    async def run(self) -> None:
        """Repair all chats in turn, until cancelled."""
        await self._clock.sleep(START_DELAY)
        while True:
            due = [chat_id for chat_id in await self._shown_chats() if await self._is_due(chat_id)]
            for chat_id in due:
                if not self._busy(chat_id):
                    await self._step(chat_id)
                await self._clock.sleep(max(LEAST_PAUSE, PAUSE / len(due)))
            if not due:
                await self._clock.sleep(PAUSE)

    async def _shown_chats(self) -> list[int]:
        chats = await self._retry.run(self._chats)
        self._passes = {chat_id: one for chat_id, one in self._passes.items() if chat_id in chats}
        self._paused_until = {chat_id: end for chat_id, end in self._paused_until.items() if chat_id in chats}
        return sorted(chats)

    async def _is_due(self, chat_id: int) -> bool:
        """Whether there is a batch to read now: of a pass under way, or of the next one."""
        if self._clock.time() < self._paused_until.get(chat_id, 0.0):
            return False
        if chat_id not in self._passes:
            kept = await self._retry.run(lambda: self._catalog.mark(mark_name(chat_id)))
            self._passes[chat_id] = RepairPass.decode(kept)
        one = self._passes[chat_id]
        return one.next > 0 or not one.began <= self._wall() < one.began + LEAST_PERIOD

    async def _step(self, chat_id: int) -> None:
        """Repair one batch of one chat. A chat that cannot be read is skipped until its next pass; one that Telegram
        does not give at the moment is tried again later, so that it delays no other.
        """
        begun = one = self._passes[chat_id]
        try:
            if one.next <= 0:
                top = await self._reconciler.newest_id(chat_id)
                one = RepairPass(self._wall(), top)
            if one.next > 0:
                span = next(spans(one.next, 0))
                one = RepairPass(one.began, span.first - 1)
                await self._repair(chat_id, span, marks={mark_name(chat_id): one.encode()})
        except (SourceBusy, SourceUnavailable) as error:
            pause = error.retry_after if isinstance(error, SourceBusy) else UNAVAILABLE_PAUSE
            log.debug("chat %d is repaired later, in %.0f s: %s", chat_id, pause, error)
            self._paused_until[chat_id] = self._clock.time() + pause
            one = begun
        except (FileMissing, SourceError) as error:
            log.debug("chat %d cannot be read, so nothing in it is repaired: %s", chat_id, error)
            one = RepairPass(self._wall(), 0)
        if self._passes.get(chat_id) is begun:  # `restart` was not called meanwhile
            self._passes[chat_id] = one

    async def _repair(self, chat_id: int, span: Span, *, marks: Mapping[str, str | None]) -> Change:
        """Make the catalog equal to the messages of one span."""
        return await self._store(await self._reconciler.read_ids(chat_id, span), marks=marks)

    async def _store(self, batch: Batch, *, marks: Mapping[str, str | None]) -> Change:
        change = await self._reconciler.store(batch, marks=marks)
        if change.put or change.gone:
            log.info("chat %d: %d stored, %d removed", batch.chat_id, len(change.put), len(change.gone))
            await self._reconciler.notify(change)
        return change
