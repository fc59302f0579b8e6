"""Finds the file of a message by chat and message id: in the catalog, else by one read from Telegram."""

import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from streamvault.catalog.base import Catalog, Change
from streamvault.errors import CatalogError, FileMissing
from streamvault.indexing.chats import Named, OurChats
from streamvault.indexing.messages import MessageSource
from streamvault.indexing.unknown import UnknownMessages
from streamvault.media.model import MediaFile, Origin

log = logging.getLogger(__name__)

KNOWN_FILES = 4096
FRESH_SECONDS = 30.0

MESSAGE_IDS = 1 << 31  # message ids are positive 32-bit integers


class FinderSettings(Protocol):
    """The settings that decide which chats are ours."""

    @property
    def channels(self) -> Iterable[Named]: ...

    @property
    def vault_channel(self) -> Named | None: ...

    @property
    def leech_channel(self) -> Named | None: ...

    @property
    def owner_ids(self) -> Iterable[int]: ...


class FileFinder:
    """Finds the file behind a link, in our chats only.

    `clock` gives monotonic seconds. How messages that the catalog does not know are read: unknown.py. The KNOWN_FILES
    files found last are held in memory: for FRESH_SECONDS they are returned without a look into the catalog, and also
    later while the catalog is unavailable. A file whose message was deleted since it was found is given from another
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
            catalog, channels=settings.channels, vault=settings.vault_channel, leech=settings.leech_channel,
            owners=settings.owner_ids,
        )  # fmt: skip
        self.copies: Callable[[Origin], Awaitable[Sequence[MediaFile]]] = _no_copies
        """Finds the copies that mirrors have made of a message. Raises CatalogError."""
        self._catalog = catalog
        self._unknown = UnknownMessages(messages, self._store, clock=clock)
        self._known = _RecentFiles(clock)

    async def our_chats(self) -> frozenset[int]:
        """Every chat whose files may be shown."""
        return await self.chats.all()

    async def find(self, chat_id: int, message_id: int, *, viewer: str = "", budgeted: bool = True) -> MediaFile:
        """The file that this message holds; of a chat that was mirrored and is not ours any more, the copy of it.

        Raises FileMissing (also for other chats than ours), SourceBusy, SourceUnavailable or SourceError; SourceBusy
        also when `viewer`, or all viewers, want too many unknown messages, unless the call is not `budgeted`.
        With a failing catalog it reads from Telegram; it raises CatalogError only before our chats were loaded once.
        """
        origin = Origin(chat_id, message_id)
        if not 0 < message_id < MESSAGE_IDS:
            raise FileMissing("no such file here")
        if not await self.chats.holds(chat_id):
            return await self._of_lost_chat(origin)
        file = self._known.fresh(origin)
        if file is None:
            file, available = await self._from_catalog(origin)
            file = file or await self._from_elsewhere(origin)
            file = file or await self._from_telegram(origin, viewer if budgeted and available else None)
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
            return next(iter(await self.copies(origin)), None)
        except CatalogError as error:
            log.warning("the other messages of a file cannot be looked up: %s", error)
        return None

    async def _of_lost_chat(self, origin: Origin) -> MediaFile:
        """The copy that a mirror has made of a message whose chat is not ours any more. Raises FileMissing."""
        copies: Sequence[MediaFile] = ()
        with contextlib.suppress(CatalogError):
            copies = await self.copies(origin)
        if not copies:
            raise FileMissing("no such file here")
        return copies[0]

    async def _from_telegram(self, origin: Origin, viewer: str | None) -> MediaFile:
        """The file as its message holds it now; nobody pays for it with `viewer` None."""
        newest = 0
        if viewer is not None:
            try:
                newest = await self._catalog.newest(origin.chat_id)
            except CatalogError as error:
                log.debug("the newest known message cannot be looked up: %s", error)
        return await self._unknown.read(origin, newest=newest, viewer=viewer)

    async def _store(self, files: list[MediaFile]) -> Mapping[int, MediaFile]:
        """Store files that were read, and return them by message: wholes, if these were their last pieces."""
        found = {file.origin.message_id: file for file in files}
        try:
            await self._catalog.apply(Change(put=files))
            for file in files:
                found[file.origin.message_id] = await self._catalog.get(file.origin) or file
        except CatalogError as error:
            log.debug("serving files that could not be stored in the catalog: %s", error)
        for file in found.values():
            self._known.keep(file)
        return found


async def _no_copies(_: Origin) -> Sequence[MediaFile]:
    """The default of FileFinder.copies."""
    return ()


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
