"""The messages that a link means, as an account sees them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from streamvault.errors import SourceRefused
from streamvault.leech.message_links import MessageLink
from streamvault.leech.messages.ports import Messages
from streamvault.media.linked import Holds, LinkedChat, LinkedMessage

MOST_ALBUM = 10
"""Files of an album."""
_HOLDS: dict[Holds, str] = {
    "text": "This message holds no file.",
    "paid": "The file of this message is to be paid for, and cannot be leeched.",
    "once": "The file of this message can be seen once, and cannot be leeched.",
    "nothing": "This message holds no file, or one that has expired.",
}


class Finding:
    """`messages`: of the leech bot."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def chat(self, link: MessageLink) -> LinkedChat:
        """Raises SourceRefused, which says who has to be added, where the account does not see it."""
        chat = await self._messages.find(link.chat)
        if chat is not None:
            return chat
        if isinstance(link.chat, str):
            raise SourceRefused(f"There is no channel or group @{link.chat}, or the leech bot cannot see it.")
        raise self.no_access()

    async def commented(self, chat: LinkedChat, link: MessageLink) -> tuple[LinkedChat, MessageLink]:
        """Where the message itself is: that of a comment is in another chat. Raises SourceRefused."""
        if link.comment is None:
            return chat, link
        group = await self._messages.discussion(chat)
        if group is None:
            raise SourceRefused(
                f"This channel has no group for comments that {self._bot} can see: add it to that group."
            )
        return group, replace(link, chat=group.chat_id, first=link.comment, last=link.comment, comment=None, topic=None)

    async def read(self, chat: LinkedChat, ids: Sequence[int]) -> dict[int, LinkedMessage]:
        """Those of up to BATCH messages that exist. Raises SourceRefused where the account does not see the chat."""
        found = await self._messages.read(chat, [one for one in ids if one > 0])
        if found is None:
            raise self.no_access()
        return found

    async def one(self, chat: LinkedChat, id: int) -> LinkedMessage:
        """A message with a file. Raises SourceRefused."""
        return self._with_file((await self.read(chat, [id])).get(id), chat, id)

    async def together(self, chat: LinkedChat, link: MessageLink) -> list[LinkedMessage] | None:
        """The one message of a link, or the files of an album; None for a range that holds others. Raises
        SourceRefused.
        """
        if link.is_range:
            if link.last - link.first >= MOST_ALBUM:
                return None
            found = wanted((await self.read(chat, range(link.first, link.last + 1))).values(), link)
            return found if is_album(found) else None
        if link.alone:
            return [await self.one(chat, link.first)]
        near = await self.read(chat, range(link.first - MOST_ALBUM + 1, link.first + MOST_ALBUM))
        named = self._with_file(near.get(link.first), chat, link.first)
        return members(near.values(), named)

    def no_access(self) -> SourceRefused:
        """Why nothing of the chat can be read."""
        return SourceRefused(
            f"{self._bot[0].upper()}{self._bot[1:]} cannot see this chat: add it there as an administrator."
        )

    @property
    def _bot(self) -> str:
        return f"the leech bot {self._messages.name}".strip()

    def _with_file(self, message: LinkedMessage | None, chat: LinkedChat, id: int) -> LinkedMessage:
        if message is None:
            unseen = "" if chat.sees_all else f", or {self._bot} may not see it: make it an administrator there"
            raise SourceRefused(f"There is no message {id} in this chat{unseen}.")
        if message.file is None:
            raise SourceRefused(_HOLDS[message.holds])
        return message


def wanted(found: Iterable[LinkedMessage], link: MessageLink) -> list[LinkedMessage]:
    """Those of a range with a file, of the link's topic only, in order."""
    chosen = (one for one in found if one.file is not None and link.topic in (None, one.topic, one.id))
    return sorted(chosen, key=lambda one: one.id)


def members(found: Iterable[LinkedMessage], named: LinkedMessage) -> list[LinkedMessage]:
    """The files of the album that a message belongs to; that message alone where it belongs to none."""
    album = album_of(named)
    same = [one for one in found if album_of(one) == album] if album is not None else [named]
    return sorted(same, key=lambda one: one.id)


def is_album(found: Collection[LinkedMessage]) -> bool:
    """Whether these are files of one album, or one file."""
    albums = {album_of(one) for one in found}
    return len(found) == 1 or (len(albums) == 1 and None not in albums)


def album_of(message: LinkedMessage) -> int | None:
    """The number of the album that its file belongs to."""
    return None if message.file is None else message.file.album
