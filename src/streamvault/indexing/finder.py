"""From a chat and a message to the file in it: out of the catalog, else read once from Telegram."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from streamvault.catalog.base import Catalog
from streamvault.errors import CatalogError, FileGone, FileMissing
from streamvault.indexing.chats import Named, OurChats
from streamvault.indexing.messages import MessageSource
from streamvault.media.model import MediaFile, Origin

log = logging.getLogger(__name__)

NEGATIVE_SECONDS = 10.0
NEGATIVE_ENTRIES = 4096
READS_AT_ONCE = 8
KNOWN_FILES = 4096
FRESH_SECONDS = 30.0
MESSAGE_IDS = 1 << 31  # message ids are positive 32-bit integers


class FinderSettings(Protocol):
    """The settings that decide which chats are ours."""

    @property
    def channels(self) -> Iterable[Named]: ...

    @property
    def vault_channel(self) -> Named | None: ...


@dataclass(slots=True)
class _Flight:
    """One read from Telegram and how many wait for it."""

    task: asyncio.Task[MediaFile]
    waiting: int = 0


class FileFinder:
    """Finds the file behind a link. Only our chats are looked at, in the catalog and in Telegram alike.

    `clock` gives seconds that never go back. A message that is not there is remembered for
    NEGATIVE_SECONDS, so that a repeated wrong link costs Telegram nothing. The last KNOWN_FILES found are held in
    memory: for FRESH_SECONDS nobody is asked for them, and a catalog that is away is not missed.
    """

    def __init__(
        self,
        *,
        settings: FinderSettings,
        catalog: Catalog,
        messages: MessageSource,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chats = OurChats(catalog, channels=settings.channels, vault=settings.vault_channel)
        self._catalog = catalog
        self._messages = messages
        self._flights: dict[Origin, _Flight] = {}
        self._absent = _Absent(clock)
        self._known = _Known(clock)
        self._reads = asyncio.Semaphore(READS_AT_ONCE)

    async def our_chats(self) -> frozenset[int]:
        """Every chat whose files may be shown."""
        return await self.chats.all()

    async def find(self, chat_id: int, message_id: int) -> MediaFile:
        """The file that this message holds.

        Raises FileMissing (also for chats that are not ours), FileGone, SourceBusy, SourceUnavailable
        or SourceError. A failing catalog is no reason to fail; CatalogError only before our chats were ever known.
        """
        origin = Origin(chat_id, message_id)
        if not 0 < message_id < MESSAGE_IDS or not await self.chats.holds(chat_id):
            raise FileMissing("no such file here")
        return self._known.fresh(origin) or await self._from_catalog(origin) or await self._from_telegram(origin)

    def invalidate(self, origin: Origin) -> None:
        """What the catalog says of this message is new; without being told, it is seen after FRESH_SECONDS."""
        self._known.drop(origin)

    async def _from_catalog(self, origin: Origin) -> MediaFile | None:
        try:
            file = await self._catalog.get(origin)
        except CatalogError as error:
            file = self._known.any(origin)
            if file is None:
                log.warning("reading from Telegram instead of the catalog: %s", error)
        if file is not None:
            self._known.keep(file)
        return file

    async def _from_telegram(self, origin: Origin) -> MediaFile:
        """Join the read that is under way for this message, or begin one."""
        self._absent.check(origin)
        flight = self._flights.get(origin)
        if flight is None:
            flight = self._flights[origin] = _Flight(asyncio.create_task(self._read(origin)))
            flight.task.add_done_callback(lambda task: self._land(origin, task))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                # nobody waits: the next caller must not join a read that is being cancelled
                self._flights.pop(origin)
                flight.task.cancel()

    def _land(self, origin: Origin, task: asyncio.Task[MediaFile]) -> None:
        flight = self._flights.get(origin)
        if flight is not None and flight.task is task:
            del self._flights[origin]
        if not task.cancelled():
            task.exception()  # seen by every waiter; marked here in case the last one left just now

    async def _read(self, origin: Origin) -> MediaFile:
        try:
            async with self._reads:
                file = await self._messages.read(origin.chat_id, origin.message_id)
        except (FileMissing, FileGone) as error:
            self._absent.add(origin, error)
            raise
        try:
            await self._catalog.put(file)
            file = await self._catalog.get(origin) or file  # it may have been the last piece of a whole
        except CatalogError as error:
            log.warning("a file is served without being in the catalog: %s", error)
        self._known.keep(file)
        return file


class _Known:
    """The files found last, each with the time until which nobody is asked; bounded, the longest unused go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._files: OrderedDict[Origin, tuple[MediaFile, float]] = OrderedDict()

    def keep(self, file: MediaFile) -> None:
        self._files[file.origin] = (file, self._clock() + FRESH_SECONDS)
        self._files.move_to_end(file.origin)
        if len(self._files) > KNOWN_FILES:
            self._files.popitem(last=False)

    def fresh(self, origin: Origin) -> MediaFile | None:
        file, until = self._files.get(origin, (None, 0.0))
        if file is None or self._clock() >= until:
            return None
        self._files.move_to_end(origin)
        return file

    def any(self, origin: Origin) -> MediaFile | None:
        """However old; for when nobody can be asked."""
        return self._files.get(origin, (None, 0.0))[0]

    def drop(self, origin: Origin) -> None:
        self._files.pop(origin, None)


class _Absent:
    """Messages known to hold nothing, for a short while; bounded, the oldest go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: OrderedDict[Origin, tuple[float, type[FileMissing | FileGone], str]] = OrderedDict()

    def add(self, origin: Origin, error: FileMissing | FileGone) -> None:
        kind = FileGone if isinstance(error, FileGone) else FileMissing
        self._until[origin] = (self._clock() + NEGATIVE_SECONDS, kind, str(error))
        self._until.move_to_end(origin)
        if len(self._until) > NEGATIVE_ENTRIES:
            self._until.popitem(last=False)

    def check(self, origin: Origin) -> None:
        """Raise again what was found, as long as it is fresh."""
        if origin not in self._until:
            return
        until, kind, text = self._until[origin]
        if self._clock() < until:
            raise kind(text)
        del self._until[origin]
