"""Chats with messages in memory, as leech.messages.ports sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from streamvault.errors import FileGone, SourceBusy
from streamvault.media.linked import Holds, LinkedChat, LinkedMessage
from streamvault.media.model import FileKey, Kind, MediaFile, Origin, Sent
from streamvault.media.uploads import Copy, Original
from tgemulator.world.content import synthetic_bytes

CHAT = LinkedChat(-1001960912864, "Films", public=True, forum=False, protected=False, sees_all=True)


@dataclass
class MemoryMessages:
    """One chat. `read_ids`: what was asked for; `fetched`: offsets and limits; `copied`: what was asked to be copied;
    `refuses`: ids that may not be copied; `busy`: so many reads are answered with a flood wait, after `busy_after`.
    """

    chat: LinkedChat = CHAT
    messages: dict[int, LinkedMessage] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    refuses: set[int] = field(default_factory=set)
    there: dict[str, int] = field(default_factory=dict)
    copied: list[Copy] = field(default_factory=list)
    fetched: list[tuple[int, int]] = field(default_factory=list)
    read_ids: list[int] = field(default_factory=list)
    gone: bool = False
    fails_at: int | None = None
    name = "@fetching_bot"

    def add(
        self, id: int, *, size: int = 1000, album: int | None = None, topic: int = 1, holds: Holds = "file",
        caption: str = "", protected: bool = False, kind: Kind = "document",
    ) -> None:  # fmt: skip
        name = f"{id}.mkv"
        file = MediaFile(
            FileKey(f"unique {id}"), Origin(self.chat.chat_id, id), 2, kind, name, size, "video/x-matroska", 1000,
            caption=caption, album=album, sent=Sent(kind, name, "video/x-matroska"),
        )  # fmt: skip
        held = file if holds == "file" else None
        self.messages[id] = LinkedMessage(id, holds, held, topic, protected, Original(()))

    async def find(self, chat: str | int) -> LinkedChat | None:
        return self.chat if chat in ("films", self.chat.chat_id) else None

    async def discussion(self, chat: LinkedChat) -> LinkedChat | None:
        return None

    async def read(self, chat: LinkedChat, ids: Sequence[int]) -> dict[int, LinkedMessage] | None:
        assert len(ids) <= 100
        if self.fails_at in ids:
            self.fails_at = None
            raise SourceBusy(30)
        self.read_ids += ids
        return {id: self.messages[id] for id in ids if id in self.messages}

    async def is_member(self, chat: LinkedChat, person: int) -> bool:
        return person in self.members

    async def copy(self, copy: Copy) -> Sequence[int] | None:
        self.copied.append(copy)
        return None if self.refuses.intersection(copy.ids) else [10_000 + id for id in copy.ids]

    async def known(self, chat_id: int, file: MediaFile) -> int | None:
        return self.there.get(file.key.file_unique_id)

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        if self.gone:
            raise FileGone("the message was deleted")
        self.fetched.append((offset, limit))
        return synthetic_bytes(file.origin.message_id, offset, min(limit, file.size - offset))

    async def thumbnail(self, file: MediaFile) -> bytes:
        raise FileGone("there is none")

    def replaced(self, id: int) -> None:
        """Another file is put into a message."""
        message = self.messages[id]
        assert message.file is not None
        self.messages[id] = replace(message, file=replace(message.file, key=FileKey(f"another {id}")))
