"""Reads messages that the catalog does not know, in few requests to Telegram, and so that no viewer takes all of them.

A flood wait for messages would hit everybody who watches something. Therefore what is wanted of one chat at the same
time is one request, and requests have a budget in all and one for each viewer. Whoever has asked for a message far
beyond the newest known one, which did not exist, gets no later one for a moment: most of them do not exist either.
"""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from streamvault.errors import FileMissing, SourceBusy, SourceUnavailable
from streamvault.indexing.messages import MessageSource
from streamvault.media.history import BATCH
from streamvault.media.model import MediaFile, Origin
from streamvault.reading.shared_work import SharedWork

NEGATIVE_SECONDS = 10.0
NEGATIVE_ENTRIES = 4096
READS_AT_ONCE = 8
READS_IN_RESERVE, READ_INTERVAL = 20, 2.0
"""Requests for all viewers together: so many without a pause, and one more in so many seconds."""
VIEWER_RESERVE, VIEWER_INTERVAL = 10, 5.0
"""The same for those of one viewer. The interval leaves most requests to the others."""
REMEMBERED_VIEWERS = 4096

BEYOND = 100
"""Messages that may have been posted since the newest known one: texts, and posts whose updates are on their way."""
BEYOND_SECONDS = 5.0
"""For so long after one farther beyond it did not exist, those after that one are missing for the same viewer."""

Store = Callable[[list[MediaFile]], Awaitable[Mapping[int, MediaFile]]]


@dataclass(eq=False, slots=True)
class _Batch:
    """The messages of one request, and the viewer who pays for it, None for nobody.

    `sent`: Telegram was asked. A request that was not sent is paid back.
    """

    chat_id: int
    viewer: str | None
    ids: set[int] = field(default_factory=set)
    sent: bool = False


class UnknownMessages:
    """Reads unknown messages; `store` keeps the files that were read and returns them by message id.

    A message without a file is remembered for NEGATIVE_SECONDS, so that a repeated wrong link causes no request. A
    request is abandoned when nobody waits for any of its messages. `clock` gives monotonic seconds.
    """

    def __init__(
        self, messages: MessageSource, store: Store, *, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._messages, self._store, self._clock = messages, store, clock
        self._absent = _NegativeCache(clock)
        self._budgets = _Budgets(clock)
        self._beyond = _Beyond(clock)
        self._requests: SharedWork[_Batch, Mapping[int, MediaFile]] = SharedWork()
        self._wanted: dict[Origin, _Batch] = {}
        self._open: dict[int, _Batch] = {}
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slots = asyncio.Semaphore(READS_AT_ONCE)

    async def read(self, origin: Origin, *, newest: int = 0, viewer: str | None = None) -> MediaFile:
        """The file that this message holds. `newest`: the newest known message of the chat, 0 if none is known.

        `viewer`: who pays for it; None for nobody. Raises FileMissing, SourceBusy (also when too much was asked for),
        SourceUnavailable or SourceError.
        """
        self._absent.check(origin)
        beyond = viewer is not None and bool(newest) and origin.message_id > newest + BEYOND
        if viewer is not None and beyond:
            self._beyond.check(origin, viewer)
        batch = self._wanted.get(origin) or self._admit(origin, viewer)
        try:
            files = await self._requests.get(batch, lambda: self._request(batch))
        finally:
            if batch not in self._requests:
                self._forget(batch)
        if origin.message_id not in files:
            if viewer is not None and beyond:
                self._beyond.add(origin, viewer)
            raise FileMissing("there is no such message, or no file in it")
        return files[origin.message_id]

    def _admit(self, origin: Origin, viewer: str | None) -> _Batch:
        """The batch that will hold this message: one that waits, which costs nothing more, or a new one."""
        batch = self._open.get(origin.chat_id)
        if batch is None or len(batch.ids) >= BATCH:
            if viewer is not None:
                self._budgets.spend(viewer)
            batch = self._open[origin.chat_id] = _Batch(origin.chat_id, viewer)
        batch.ids.add(origin.message_id)
        self._wanted[origin] = batch
        return batch

    async def _request(self, batch: _Batch) -> Mapping[int, MediaFile]:
        try:
            async with self._turns[batch.chat_id], self._slots:
                self._close(batch)
                files = await self._ask(batch)
            return await self._store(files) if files else {}
        finally:
            self._forget(batch)

    async def _ask(self, batch: _Batch) -> list[MediaFile]:
        batch.sent = True
        try:
            found = await self._messages.read(batch.chat_id, sorted(batch.ids))
        except FileMissing:
            found = {}
        except (SourceBusy, SourceUnavailable):
            batch.sent = False
            raise
        self._absent.add(batch.chat_id, batch.ids - found.keys())
        return list(found.values())

    def _close(self, batch: _Batch) -> None:
        """No further messages are added to it."""
        if self._open.get(batch.chat_id) is batch:
            del self._open[batch.chat_id]

    def _forget(self, batch: _Batch) -> None:
        """It has ended, or was abandoned, perhaps before it began."""
        self._close(batch)
        if batch.viewer is not None and not batch.sent:
            self._budgets.pay_back(batch.viewer)
        batch.viewer = None
        for message_id in batch.ids:
            if self._wanted.get(origin := Origin(batch.chat_id, message_id)) is batch:
                del self._wanted[origin]


class _Budget:
    """So many without a pause, and one more in `interval` seconds."""

    def __init__(self, most: int, interval: float, *, now: float) -> None:
        self._most, self._interval = float(most), interval
        self._left, self._counted_at = self._most, now

    def wait(self, now: float) -> float:
        """0, or the seconds until there is one."""
        self._left = min(self._most, self._left + (now - self._counted_at) / self._interval)
        self._counted_at = now
        return max(0.0, (1.0 - self._left) * self._interval)

    def add(self, count: int) -> None:
        self._left = min(self._most, self._left + count)


class _Budgets:
    """Budgets of requests: one for all together, and one for each of REMEMBERED_VIEWERS viewers."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all = _Budget(READS_IN_RESERVE, READ_INTERVAL, now=clock())
        self._viewers: OrderedDict[str, _Budget] = OrderedDict()

    def spend(self, viewer: str) -> None:
        """Count a request of this viewer. Raises SourceBusy with the seconds to wait."""
        now = self._clock()
        own = self._viewers.get(viewer) or _Budget(VIEWER_RESERVE, VIEWER_INTERVAL, now=now)
        self._viewers[viewer] = own
        self._viewers.move_to_end(viewer)
        if len(self._viewers) > REMEMBERED_VIEWERS:
            self._viewers.popitem(last=False)
        if wait := max(own.wait(now), self._all.wait(now)):
            raise SourceBusy(wait)
        for budget in (own, self._all):
            budget.add(-1)

    def pay_back(self, viewer: str) -> None:
        """The last request was not sent."""
        for budget in filter(None, (self._viewers.get(viewer), self._all)):
            budget.add(1)


class _Beyond:
    """The message beyond the newest known one that did not exist when a viewer asked for it, for BEYOND_SECONDS.

    Bounded, the oldest first out.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: OrderedDict[tuple[int, str], tuple[int, float]] = OrderedDict()

    def add(self, origin: Origin, viewer: str) -> None:
        key = origin.chat_id, viewer
        self._last[key] = origin.message_id, self._clock() + BEYOND_SECONDS
        self._last.move_to_end(key)
        if len(self._last) > REMEMBERED_VIEWERS:
            self._last.popitem(last=False)

    def check(self, origin: Origin, viewer: str) -> None:
        """FileMissing if this message is that one or a later one."""
        first, until = self._last.get((origin.chat_id, viewer), (0, float("-inf")))
        if self._clock() < until and origin.message_id >= first:
            raise FileMissing("no message of this chat has such a number yet")


class _NegativeCache:
    """Messages that are known to hold no file, for NEGATIVE_SECONDS; bounded, the oldest first out."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: OrderedDict[Origin, float] = OrderedDict()

    def add(self, chat_id: int, message_ids: Iterable[int]) -> None:
        for origin in (Origin(chat_id, message_id) for message_id in sorted(message_ids)):
            self._until[origin] = self._clock() + NEGATIVE_SECONDS
            self._until.move_to_end(origin)
        while len(self._until) > NEGATIVE_ENTRIES:
            self._until.popitem(last=False)

    def check(self, origin: Origin) -> None:
        """FileMissing, as long as it is remembered."""
        if self._clock() < self._until.get(origin, float("-inf")):
            raise FileMissing("there is no such message, or no file in it")
