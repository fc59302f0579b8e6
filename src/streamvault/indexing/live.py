"""Applies the bot's updates to the catalog: posts, edits, deletions, and chats that the bot enters or leaves.

This is where a deleted post leaves the catalog: `LiveIndex.apply` of a `Deleted` event. Updates may arrive twice and in
any order; applying one again, or late, changes nothing.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from streamvault.catalog.base import Catalog, Change
from streamvault.indexing.chats import OurChats
from streamvault.indexing.indexed_log import IndexedLog
from streamvault.indexing.received import ReceivedFiles
from streamvault.indexing.reconcile import OnStored, ignore_change
from streamvault.media.events import Deleted, Event, Membership, Post, SeenChat, Standing
from streamvault.media.model import MediaFile, Origin

log = logging.getLogger(__name__)

REMEMBERED_DELETIONS = 10_000


class OnMissed(Protocol):
    """Starts a walk through a chat whose updates were missed."""

    async def __call__(self, chat_id: int, *, followed: bool) -> None:
        """See LiveIndex.missed."""
        ...


async def ignore_missed(chat_id: int, *, followed: bool) -> None:
    """The default of OnMissed."""


class OnNews(Protocol):
    """Is told of messages of a chat."""

    async def __call__(self, chat_id: int, *, posted: Sequence[int], deleted: Sequence[int]) -> None:
        """See LiveIndex.on_news."""
        ...


async def _no_news(chat_id: int, *, posted: Sequence[int], deleted: Sequence[int]) -> None:
    """The default of OnNews."""


async def _nothing_lost(chat_id: int) -> None:
    """The default of LiveIndex.on_lost."""


def _nothing() -> None:
    """The default of on_membership."""


class LiveIndex:
    """Keeps the catalog equal to the indexed channels. Methods raise CatalogError when the database fails."""

    def __init__(
        self,
        catalog: Catalog,
        chats: OurChats,
        *,
        on_stored: OnStored = ignore_change,
        on_missed: OnMissed = ignore_missed,
    ) -> None:
        """`on_missed` is called for each chat that has to be walked through."""
        self._catalog = catalog
        self.received = ReceivedFiles(catalog)
        self._on_stored = on_stored
        self._on_missed = on_missed
        self.on_news: OnNews = _no_news
        """Called with the messages of a chat that were posted or edited, and deleted, before they are applied; may
        raise CatalogError."""
        self.on_lost: Callable[[int], Awaitable[None]] = _nothing_lost
        """Called with a chat that was followed, when updates of it are lost; may raise CatalogError."""
        self._chats = chats
        self._indexed = IndexedLog()
        self.on_membership: Callable[[], None] = _nothing
        """Called when the bot's rights in one of our chats may have changed."""
        # message ids of a channel are never reused, so a post with a deleted id is a late update
        self._deleted: OrderedDict[Origin, None] = OrderedDict()

    async def apply(self, *events: Event, marks: Mapping[str, str] | None = None) -> None:
        """Apply the events in order and store `marks`, in one transaction. May be repeated.

        Chats are stored before, in transactions of their own.
        """
        files: dict[Origin, MediaFile | None] = {}
        await self._tell(events)
        for event in events:
            match event:
                case Post():
                    await self._post(event, files)
                case Deleted():
                    await self._delete(event, files)
                case Membership():
                    await self._membership(event)
                case SeenChat():
                    await self._chats.note_title(event)
        put = [file for file in files.values() if file is not None]
        gone = [origin for origin, file in files.items() if file is None]
        async with self.received.lock:
            change = Change(put, gone, self.received.marks(events) | dict(marks or {}))
            if put or gone or change.marks:
                await self._catalog.apply(change)
        if put or gone:
            await self._on_stored(change)
        self._indexed.add(put)

    async def _tell(self, events: Sequence[Event]) -> None:
        """Tell of the messages that events are about, chat by chat."""
        posted, deleted = dict[int, list[int]](), dict[int, list[int]]()
        for event in events:
            match event:
                case Post():
                    posted.setdefault(event.chat.chat_id, []).append(event.message_id)
                case Deleted():
                    deleted.setdefault(event.chat_id, []).extend(event.message_ids)
        for chat_id in posted.keys() | deleted.keys():
            await self.on_news(chat_id, posted=posted.get(chat_id, ()), deleted=deleted.get(chat_id, ()))

    async def put(self, file: MediaFile, *, received: Origin | None = None) -> None:
        """Store a file that the bot itself has posted, about which Telegram sends no update; the copy of `received`."""
        if received is None:
            await self._catalog.put(file)
        else:
            await self.received.put(file, received)
        await self._on_stored(Change([file]))

    async def put_all(self, files: Sequence[MediaFile]) -> None:
        """Store the files of messages that the bot itself has posted."""
        change = Change(files)
        await self._catalog.apply(change)
        await self._on_stored(change)

    async def mark(self, name: str) -> str | None:
        """The mark that `apply` has stored under this name."""
        return await self._catalog.mark(name)

    async def followed(self) -> frozenset[int]:
        """The chats whose updates matter."""
        return await self._chats.all()

    async def standing(self, chat: SeenChat) -> Standing:
        """Whether updates of this chat matter."""
        return await self._chats.standing(chat)

    async def missed(self, chat_id: int, *, followed: bool) -> None:
        """Telegram cannot give the updates of some time in this chat; `followed`: it was followed before that."""
        if await self._chats.holds(chat_id):
            if followed:
                await self.on_lost(chat_id)
                log.info("updates of chat %d cannot be fetched any more: a walk has to find the changes", chat_id)
            await self._on_missed(chat_id, followed=followed)

    def deleted(self, origin: Origin) -> bool:
        """Whether an update has recently reported the deletion of this message."""
        return origin in self._deleted

    async def _post(self, post: Post, files: dict[Origin, MediaFile | None]) -> None:
        await self._chats.note_title(post.chat)
        origin = Origin(post.chat.chat_id, post.message_id)
        if origin not in self._deleted and await self._chats.holds(origin.chat_id):
            files[origin] = post.file

    async def _delete(self, event: Deleted, files: dict[Origin, MediaFile | None]) -> None:
        if not await self._chats.holds(event.chat_id):
            return
        for message_id in event.message_ids:
            origin = Origin(event.chat_id, message_id)
            self._deleted[origin] = None
            if len(self._deleted) > REMEMBERED_DELETIONS:
                self._deleted.popitem(last=False)
            files[origin] = None

    async def _membership(self, event: Membership) -> None:
        if event.member:
            await self._chats.joined(event)
            if await self._chats.holds(event.chat.chat_id):
                self.on_membership()
        elif await self._chats.left(event.chat.chat_id):
            log.info("the bot left chat %s", event.chat.chat_id)
            self.on_membership()
