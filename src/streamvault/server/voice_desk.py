"""Calls, people and the library, as the bot's commands for calls ask for them (telegram/bot/voice/desk)."""

from collections.abc import Callable, Sequence

from streamvault.access.identity import Person
from streamvault.access.service import Access
from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.errors import FileGone, FileMissing
from streamvault.indexing.finder import FileFinder
from streamvault.media.model import MediaFile, Origin
from streamvault.voice.calls import Calls
from streamvault.voice.files import is_playable
from streamvault.voice.rights import Control

LOOKED_AT = 50
"""Files that a search gives, of which those are taken that can be played."""


class PeopleVoice:
    """Implements telegram.bot.voice.desk.VoiceDesk."""

    def __init__(
        self, calls: Calls, access: Access, catalog: Catalog, finder: FileFinder, *, control: Control,
        missing: Callable[[], str],
    ) -> None:  # fmt: skip
        self.calls = calls
        self.control = control
        self.missing = missing
        self._access = access
        self._catalog = catalog
        self._finder = finder

    async def is_granted(self, person: Person) -> bool:
        """See VoiceDesk."""
        return "voice" in (await self._access.standing(person.id)).can

    async def chats(self, person: Person) -> frozenset[int]:
        """See VoiceDesk."""
        standing = await self._access.standing(person.id)
        if "read" not in standing.can:
            return frozenset()
        ours = await self._finder.our_chats()
        return ours if standing.chats is None else ours & standing.chats

    async def search(self, words: str, chats: frozenset[int], *, limit: int) -> Sequence[MediaFile]:
        """See VoiceDesk."""
        page = await self._catalog.page(CatalogQuery(words, chat_ids=chats, limit=LOOKED_AT))
        return [one.file for one in page.items if is_playable(one.file)][:limit]

    async def file(self, origin: Origin) -> MediaFile | None:
        """See VoiceDesk."""
        try:
            file = await self._finder.find(origin.chat_id, origin.message_id, budgeted=False)
        except (FileMissing, FileGone):
            return None
        return file if is_playable(file) else None
