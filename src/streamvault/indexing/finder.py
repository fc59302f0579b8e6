"""Finds the file of a message by chat and message id: in the catalog, else by one read from Telegram."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Protocol

from streamvault.catalog.base import Catalog
from streamvault.errors import CatalogError, FileGone, FileMissing, SourceBusy
from streamvault.indexing.chats import Named, OurChats
from streamvault.indexing.messages import MessageSource
from streamvault.media.model import MediaFile, Origin
from streamvault.reading.shared_work import SharedWork

log = logging.getLogger(__name__)

NEGATIVE_SECONDS = 10.0
NEGATIVE_ENTRIES = 4096
READS_AT_ONCE = 8
KNOWN_FILES = 4096
FRESH_SECONDS = 30.0
READS_IN_RESERVE, READ_INTERVAL = 20, 2.0
"""Reads of messages that the catalog does not know: so many without a pause, and one more in so many seconds. A flood
wait for messages would hit everybody who watches something."""

MESSAGE_IDS = 1 << 31  # message ids are positive 32-bit integers


class FinderSettings(Protocol):
    """The settings that decide which chats are ours."""

    @property
    def channels(self) -> Iterable[Named]: ...

    @property
    def vault_channel(self) -> Named | None: ...

    @property
    def owner_ids(self) -> Iterable[int]: ...


class FileFinder:
    """Finds the file behind a link, in our chats only.

    `clock` gives monotonic seconds. A missing message is remembered for NEGATIVE_SECONDS, so that a repeated wrong link
    causes no request to Telegram. The KNOWN_FILES files found last are held in memory: for FRESH_SECONDS they are
    returned without a look into the catalog, and also later while the catalog is unavailable. Several callers that
    look for the same message share one read. A file whose message was deleted since it was found is given from another
    message, if the catalog has one, so that who is playing it goes on.
    """

    def __init__(
        self,
        *,
        settings: FinderSettings,
        catalog: Catalog,
        messages: MessageSource,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chats = OurChats(
            catalog, channels=settings.channels, vault=settings.vault_channel, owners=settings.owner_ids
        )
        self._catalog = catalog
        self._messages = messages
        self._shared_reads: SharedWork[Origin, MediaFile] = SharedWork()
        self._absent = _NegativeCache(clock)
        self._known = _RecentFiles(clock)
        self._slots = asyncio.Semaphore(READS_AT_ONCE)
        self._budget = _Budget(clock)

    async def our_chats(self) -> frozenset[int]:
        """Every chat whose files may be shown."""
        return await self.chats.all()

    async def find(self, chat_id: int, message_id: int, *, budgeted: bool = True) -> MediaFile:
        """The file that this message holds.

        Raises FileMissing (also for other chats than ours), FileGone, SourceBusy, SourceUnavailable or SourceError;
        SourceBusy also when too many unknown messages were asked for, unless the call is not `budgeted`.
        With a failing catalog it reads from Telegram; it raises CatalogError only before our chats were loaded once.
        """
        origin = Origin(chat_id, message_id)
        if not 0 < message_id < MESSAGE_IDS or not await self.chats.holds(chat_id):
            raise FileMissing("no such file here")
        file = self._known.fresh(origin)
        if file is None:
            file, available = await self._from_catalog(origin)
            file = file or await self._from_elsewhere(origin)
            file = file or await self._from_telegram(origin, budgeted and available)
        return file

    def invalidate(self, origin: Origin) -> None:
        """The catalog's row of this message has changed; without this call it is read after FRESH_SECONDS."""
        self._known.drop(origin)

    async def _from_catalog(self, origin: Origin) -> tuple[MediaFile | None, bool]:
        """The file, and whether the catalog could be read."""
        available = True
        try:
            file = await self._catalog.get(origin)
        except CatalogError as error:
            file, available = self._known.any(origin), False
            if file is None:
                log.debug("reading from Telegram instead of the catalog: %s", error)
        if file is not None:
            self._known.keep(file)
        return file, available

    async def _from_elsewhere(self, origin: Origin) -> MediaFile | None:
        """The file that this message held, in another message of our chats."""
        unique_id = self._known.held(origin)
        try:
            for other in () if unique_id is None else await self._catalog.origins(unique_id):
                if other != origin and await self.chats.holds(other.chat_id):
                    return await self._catalog.get(other)
        except CatalogError as error:
            log.warning("the other messages of a file cannot be looked up: %s", error)
        return None

    async def _from_telegram(self, origin: Origin, budgeted: bool) -> MediaFile:
        self._absent.check(origin)
        return await self._shared_reads.get(origin, lambda: self._read(origin, budgeted))

    async def _read(self, origin: Origin, budgeted: bool) -> MediaFile:
        if budgeted:
            self._budget.spend()
        try:
            async with self._slots:
                file = await self._messages.read(origin.chat_id, origin.message_id)
        except (FileMissing, FileGone) as error:
            self._absent.add(origin, error)
            raise
        try:
            await self._catalog.put(file)
            file = await self._catalog.get(origin) or file  # a whole, if this was its last piece
        except CatalogError as error:
            log.debug("serving a file that could not be stored in the catalog: %s", error)
        self._known.keep(file)
        return file


class _Budget:
    """Reads of unknown messages: READS_IN_RESERVE, refilled by one every READ_INTERVAL seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = float(READS_IN_RESERVE)
        self._counted_at = clock()

    def spend(self) -> None:
        """Take one. SourceBusy with the seconds until there is one."""
        now = self._clock()
        self._left = min(READS_IN_RESERVE, self._left + (now - self._counted_at) / READ_INTERVAL)
        self._counted_at = now
        if self._left < 1.0:
            raise SourceBusy((1.0 - self._left) * READ_INTERVAL)
        self._left -= 1.0


class _RecentFiles:
    """The files found last, each with the time until which it is fresh; bounded, least recently used first out.

    Of those that were dropped, what they held is still known.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._files: OrderedDict[Origin, tuple[MediaFile, float]] = OrderedDict()
        self._dropped: OrderedDict[Origin, str] = OrderedDict()

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
        """The file, however old."""
        return self._files.get(origin, (None, 0.0))[0]

    def held(self, origin: Origin) -> str | None:
        """The unique id of the file that a dropped message held."""
        return self._dropped.get(origin)

    def drop(self, origin: Origin) -> None:
        file, _ = self._files.pop(origin, (None, 0.0))
        if file is not None:
            self._dropped[origin] = file.key.file_unique_id
            if len(self._dropped) > KNOWN_FILES:
                self._dropped.popitem(last=False)


class _NegativeCache:
    """Messages that are known to hold no file, for NEGATIVE_SECONDS; bounded, the oldest first out."""

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
        """Raise the remembered error, as long as it is fresh."""
        if origin not in self._until:
            return
        until, kind, text = self._until[origin]
        if self._clock() < until:
            raise kind(text)
        del self._until[origin]
