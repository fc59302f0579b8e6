"""Chats that somebody else than an owner added the bot to: an owner may choose to have them served.

Anybody can add the bot to any number of chats: of each person's chats, and of all, only so many are remembered.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from streamvault.access.store.base import AccessRecords, Record
from streamvault.media.events import Person, SeenChat

MOST, MOST_OF_PERSON = 200, 20


@dataclass(frozen=True, slots=True)
class Offer:
    """A chat that is not served; `by`: who added the bot, None if Telegram does not say; `added` in Unix seconds."""

    chat_id: int
    title: str
    by: Person | None
    added: float


async def _ignore(_: Offer) -> None:
    """The default of on_new."""


class Offers:
    """`clock` gives Unix seconds; `on_new` is called with each offer once. Every method raises CatalogError."""

    def __init__(self, records: AccessRecords, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock
        self.on_new: Callable[[Offer], Awaitable[None]] = _ignore

    async def add(self, chat: SeenChat, by: Iterable[Person]) -> None:
        """The bot is in this chat. Without effect for a known one, and while too many of the same person are known."""
        person = next(iter(by), None)
        record = Record(
            "offer", str(chat.chat_id), self._clock(),
            {"title": chat.title, "name": "" if person is None else person.name},
            person=None if person is None else person.user_id,
        )  # fmt: skip
        try:
            added = await self._records.add(record, most=MOST_OF_PERSON)
        except ValueError:
            return
        if added:
            await self._records.trim("offer", keep=MOST)
            await self.on_new(_offer(record))

    async def remove(self, chat_id: int) -> None:
        """The chat is served now, or the bot is not in it any more."""
        await self._records.delete("offer", str(chat_id))

    async def listed(self) -> Sequence[Offer]:
        """All of them, the latest first."""
        return [_offer(record) for record in await self._records.listed("offer", limit=MOST)]


def _offer(record: Record) -> Offer:
    by = None if record.person is None else Person(record.person, str(record.value["name"]))
    return Offer(int(record.id), str(record.value["title"]), by, record.created)
