"""A chat's history and a catalog's rows in memory, with named faults, for walks."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from streamvault.catalog.base import Catalog, Change, Counts, Entry
from streamvault.errors import CatalogError, FileMissing, StreamVaultError
from streamvault.media.history import BATCH, FoundChat, Messages, Page
from streamvault.media.model import MediaFile, Origin
from tests.support.files import CHANNEL, media_file


class Killed(BaseException):
    """The process ends here, as far as a walk can tell."""


class ScriptedHistory:
    """One channel (a HistorySource): `there` by message id, None where a message holds no file.

    `anywhere`: every chat holds the same. `unknown` ids are neither shown nor said to be gone. Each read takes an
    error of `errors` first, if there is one; each of a chat in `failing` raises the error there. `during` is called
    with the ids while a read is under way. `reads` are the ids of those that were answered. So many `pages` may be
    read; `tops` are where they began.
    """

    def __init__(self, there: Mapping[int, MediaFile | None] | None = None, *, chat_id: int = CHANNEL) -> None:
        self.there = dict(there or {})
        self.chat = FoundChat(chat_id, "Films")
        self.errors: list[StreamVaultError] = []
        self.failing: dict[int, StreamVaultError] = {}
        self.anywhere = False
        self.unknown: frozenset[int] = frozenset()
        self.during: Callable[[Sequence[int]], None] = lambda _: None
        self.gate = asyncio.Event()
        self.gate.set()
        self.reads: list[tuple[int, ...]] = []
        self.pages = 0
        self.tops: list[int] = []
        self.under_way = self.most_under_way = self.tries = 0

    async def find(self, chat: int | str) -> FoundChat:
        if chat not in (self.chat.chat_id, "@films"):
            raise FileMissing("no such chat")
        return self.chat

    async def newest(self, chat_id: int) -> int:
        await asyncio.sleep(0)
        self._check(chat_id)
        return max(self.there, default=0)

    async def messages(self, chat_id: int, ids: Sequence[int]) -> Messages:
        assert 0 < len(ids) <= BATCH
        self.tries += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(0)
            self._check(chat_id)
            told = self._messages(ids)
            self.during(ids)
            await self.gate.wait()
        finally:
            self.under_way -= 1
        self.reads.append(tuple(ids))
        return told

    async def page(self, chat_id: int, *, top: int, floor: int) -> Page | None:
        if not self.pages:
            return None
        await asyncio.sleep(0)
        self._check(chat_id)
        self.pages -= 1
        self.tops.append(top)
        shown = sorted(number for number in self.there if floor < number <= top and number not in self.unknown)[-BATCH:]
        page = Page(shown[0] if shown else floor + 1, {number: self.there[number] for number in shown})
        self.during(shown)
        return page

    def _messages(self, ids: Sequence[int]) -> Messages:
        known = [number for number in ids if number not in self.unknown]
        return Messages(
            {number: self.there[number] for number in known if number in self.there},
            frozenset(number for number in known if number not in self.there),
        )

    def _check(self, chat_id: int) -> None:
        if self.errors:
            raise self.errors.pop(0)
        if chat_id in self.failing:
            raise self.failing[chat_id]
        if chat_id != self.chat.chat_id and not self.anywhere:
            raise FileMissing("the bot is not in this chat")


class Rows:
    """What walks need of a catalog. `away`: so many calls fail; `kill_after`: applies until the process is killed;
    `applied` is called after each change.
    """

    def __init__(self, files: Iterable[MediaFile] = (), *, chats: Iterable[int] = ()) -> None:
        self.files = {file.origin: file for file in files}
        self.marks: dict[str, str] = {}
        self.known_chats = dict.fromkeys(chats, "Films")
        self.away = 0
        self.kill_after: int | None = None
        self.applied: Callable[[], object] = lambda: None
        self.changes: list[Change] = []

    @property
    def catalog(self) -> Catalog:
        """The same as what walks ask for; they use no more than there is."""
        return cast(Catalog, self)

    async def get(self, origin: Origin) -> MediaFile | None:
        await self._called()
        return self.files.get(origin)

    async def apply(self, change: Change) -> None:
        await self._called()
        if self.kill_after is not None:
            if self.kill_after == 0:
                raise Killed
            self.kill_after -= 1
        self.changes.append(change)
        for file in change.put:
            known = self.files.get(file.origin)
            if known is None or (known.edit_date or 0) <= (file.edit_date or 0):
                self.files[file.origin] = file
        for origin in change.gone:
            self.files.pop(origin, None)
        for name, value in change.marks.items():
            self.marks.pop(name, None)
            if value is not None:
                self.marks[name] = value
        self.applied()

    async def mark(self, name: str) -> str | None:
        await self._called()
        return self.marks.get(name)

    async def messages(self, chat_id: int, *, first: int, last: int) -> tuple[int, ...]:
        await self._called()
        mine = (origin.message_id for origin in self.files if origin.chat_id == chat_id)
        return tuple(sorted(number for number in mine if first <= number <= last))

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        await self._called()
        place = (after.chat_id, after.message_id) if after is not None else (-(1 << 63), 0)
        ordered = sorted(self.files.items(), key=lambda item: (item[0].chat_id, item[0].message_id))
        found = [Entry(file) for origin, file in ordered if (origin.chat_id, origin.message_id) > place]
        return tuple(found[:limit])

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        await self._called()
        return Counts(sum(chat_ids is None or origin.chat_id in chat_ids for origin in self.files))

    async def chats(self) -> dict[int, str]:
        await self._called()
        return dict(self.known_chats)

    async def remember_chat(self, chat_id: int, title: str) -> None:
        await self._called()
        self.known_chats[chat_id] = title

    async def _called(self) -> None:
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise CatalogError("the database is away")


def channel(top: int, *, every: int = 2, chat_id: int = CHANNEL) -> dict[int, MediaFile | None]:
    """Messages 1 to `top`; each `every`th one holds a file."""
    return {
        number: media_file(number, chat_id=chat_id, views=10) if number % every == 0 else None
        for number in range(1, top + 1)
    }


def files_of(history: ScriptedHistory) -> dict[Origin, MediaFile]:
    """What a catalog should hold of a history."""
    return {file.origin: file for file in history.there.values() if file is not None}


def edited(file: MediaFile, **changes: object) -> MediaFile:
    """A later version of a file's message."""
    return dataclasses.replace(file, edit_date=(file.edit_date or file.date) + 60, **changes)  # type: ignore[arg-type]
