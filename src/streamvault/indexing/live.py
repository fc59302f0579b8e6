"""What the bot's updates do to the catalog: posts, edits, deletions, and the bot coming and going.

Updates may come twice and in any order; applying one again, or late, changes nothing.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from streamvault.catalog.base import Catalog
from streamvault.indexing.chats import OurChats
from streamvault.media.model import MediaFile, Origin

log = logging.getLogger(__name__)

REMEMBERED_DELETIONS = 10_000


@dataclass(frozen=True, slots=True)
class SeenChat:
    """A channel or supergroup as an update shows it; `usernames` without the at sign."""

    chat_id: int
    title: str
    usernames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A message is there, new or edited; `file` is None when it holds none (any more)."""

    chat: SeenChat
    message_id: int
    file: MediaFile | None


@dataclass(frozen=True, slots=True)
class Deleted:
    """These messages of a channel are gone."""

    chat_id: int
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """The bot has come into a chat, or left it."""

    chat: SeenChat
    member: bool


class LiveIndex:
    """Keeps the catalog like our channels. Methods raise CatalogError when the database fails."""

    def __init__(
        self, catalog: Catalog, chats: OurChats, *, indexed: Callable[[MediaFile], None] = lambda _: None
    ) -> None:
        """`indexed` is told of each file that was stored."""
        self._catalog = catalog
        self._indexed = indexed
        self._chats = chats
        # message ids of a channel are never used again, so a late post of a deleted one is stale
        self._deleted: OrderedDict[Origin, None] = OrderedDict()

    async def apply(self, event: Post | Deleted | Membership) -> None:
        """Do what this event asks for."""
        match event:
            case Post():
                await self._post(event)
            case Deleted():
                await self._delete(event)
            case Membership():
                await self._membership(event)

    async def put(self, file: MediaFile) -> None:
        """Store a file that the bot itself has posted; Telegram sends no update about that."""
        await self._catalog.put(file)
        self._indexed(file)

    async def _post(self, post: Post) -> None:
        await self._meet(post.chat)
        origin = Origin(post.chat.chat_id, post.message_id)
        if origin in self._deleted or not await self._chats.holds(origin.chat_id):
            return
        if post.file is None:
            await self._catalog.remove(origin)
        else:
            await self._catalog.put(post.file)
            self._indexed(post.file)
            log.info("indexed %s/%s", origin.chat_id, origin.message_id)

    async def _delete(self, event: Deleted) -> None:
        for message_id in event.message_ids:
            origin = Origin(event.chat_id, message_id)
            self._deleted[origin] = None
            if len(self._deleted) > REMEMBERED_DELETIONS:
                self._deleted.popitem(last=False)
            await self._catalog.remove(origin)

    async def _membership(self, event: Membership) -> None:
        if event.member:
            await self._meet(event.chat)
        else:
            await self._chats.forget(event.chat.chat_id)
            log.info("the bot left chat %s", event.chat.chat_id)

    async def _meet(self, chat: SeenChat) -> None:
        for username in chat.usernames:
            self._chats.resolve(username, chat.chat_id)
        await self._chats.remember(chat.chat_id, chat.title)
