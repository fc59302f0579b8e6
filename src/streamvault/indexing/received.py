"""The files that owners have sent to the bot and that are not answered yet, so that no restart loses one.

Each is a mark: stored in the transaction of the update state that lies behind its message, changed in that of the row
of its copy, and deleted once its owner is answered. Where a database has no transactions the marks are written in the
order that leaves one too many, never one too few.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from streamvault.catalog.base import Catalog, Change
from streamvault.media.events import Event, Received
from streamvault.media.model import MediaFile, Origin

log = logging.getLogger(__name__)

PREFIX = "intake/"
MAX_MARKS = 2000
"""Files that may be marked: more than can wait to be copied."""
REMEMBERED = 10_000
"""Answered messages that are not marked again by a late update."""


def mark_name(origin: Origin) -> str:
    """The name of the mark of a message.

    Its value is the message of the copy, "" before there is one. Behind it, after a space, is the first of the messages
    that are answered together with this one, if that was about to be done.
    """
    return f"{PREFIX}{_text(origin)}"


class ReceivedFiles:
    """The marks. Methods that store something raise CatalogError when the database fails."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.lock = asyncio.Lock()
        """To be held from `marks` until they are stored."""
        self._copies: dict[Origin, str] = {}  # of the messages that are marked, or about to be
        self._answered: OrderedDict[Origin, None] = OrderedDict()

    def marks(self, events: Iterable[Event]) -> dict[str, str]:
        """The marks to be stored for the messages among `events`, none for those that are answered."""
        found = {}
        for event in events:
            if not isinstance(event, Received) or event.origin in self._answered:
                continue
            if len(self._copies) >= MAX_MARKS and event.origin not in self._copies:
                log.error("%d files wait to be answered: a restart may lose more of them", MAX_MARKS)
                continue
            found[mark_name(event.origin)] = self._copies.setdefault(event.origin, "")
        return found

    async def unanswered(self) -> dict[Origin, Origin | None]:
        """The messages that are marked and not answered, in order, and the copy of each whose row is stored."""
        async with self.lock:
            for name, copy in (await self._catalog.marks()).items():
                if name.startswith(PREFIX):
                    self._copies.setdefault(_origin(name.removeprefix(PREFIX)), copy)
        left = [one for one in self._copies if one not in self._answered]
        left.sort(key=lambda one: (one.chat_id, one.message_id))
        copies = {one: self._copies[one].partition(" ")[0] for one in left}
        return {one: _origin(copy) if copy else None for one, copy in copies.items()}

    def group(self, message: Origin) -> Origin:
        """The first of the messages that are answered together with this one: itself if it is alone."""
        first = self._copies.get(message, "").partition(" ")[2]
        return _origin(first) if first else message

    async def together(self, messages: Sequence[Origin]) -> None:
        """Store that the links of the copies of these messages are sent in one message."""
        async with self.lock:
            left = [one for one in messages if one in self._copies and one not in self._answered]
            values = {one: f"{self._copies[one].partition(' ')[0]} {_text(messages[0])}" for one in left}
            await self._catalog.apply(Change(marks={mark_name(one): value for one, value in values.items()}))
            self._copies.update(values)

    async def put(self, file: MediaFile, received: Origin) -> None:
        """Store the row of a copy, and that it is the copy of the file in `received`."""
        async with self.lock:
            copy = _text(file.origin)
            await self._catalog.apply(Change(put=[file], marks={mark_name(received): copy}))
            self._copies[received] = copy

    async def answered(self, messages: Iterable[Origin]) -> None:
        """Delete the marks of messages whose owner is answered, or that are gone."""
        for one in messages:
            self._answered[one] = None
            self._copies.setdefault(one, "")
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        async with self.lock:
            done = [one for one in self._copies if one in self._answered]  # and those that could not be deleted before
            await self._catalog.apply(Change(marks={mark_name(one): None for one in done}))
            for one in done:
                self._copies.pop(one, None)

    async def kept(self, file_unique_id: str, chat_id: int) -> MediaFile | None:
        """The row of this file in a chat, if there is one."""
        for origin in await self._catalog.origins(file_unique_id):
            if origin.chat_id == chat_id and (file := await self._catalog.get(origin)) is not None:
                return file
        return None

    async def file(self, origin: Origin) -> MediaFile | None:
        """The row of this message."""
        return await self._catalog.get(origin)


def _text(origin: Origin) -> str:
    return f"{origin.chat_id}/{origin.message_id}"


def _origin(text: str) -> Origin:
    chat_id, _, message_id = text.partition("/")
    return Origin(int(chat_id), int(message_id))
