"""The people of a server, and all that lets them in by the bot, over records in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from streamvault.access.identity import Person, Role
from streamvault.access.login import Logins, Started
from streamvault.access.once import invitations, once_links
from streamvault.errors import CatalogError, FileMissing
from streamvault.indexing.offers import Offers
from streamvault.telegram.bot.desk import BotAccess
from tests.support.access_records import MemoryAccessRecords


class MemoryDesk:
    """A Desk in memory. `failing`, `failing_methods`: it raises CatalogError; `asked` counts the questions for roles.

    These are answered while `answers` is set.
    """

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.answers.set()
        self.failing = False
        self.failing_methods: set[str] = set()
        self.asked = 0
        self.held: dict[int, Person] = {}
        self.done: list[tuple[str, int, int]] = []

    async def role_of(self, person: Person) -> Role:
        self._check("role_of")
        self.asked += 1
        await self.answers.wait()
        return "member" if person.id in self.held else "none"

    async def admit(self, person: Person, *, by: Person) -> bool:
        self._check("admit")
        if person.id in self.held:
            return False
        self.held[person.id] = person
        self.done.append(("admit", person.id, by.id))
        return True

    async def remove(self, person_id: int, *, by: Person) -> bool:
        self._check("remove")
        self.done.append(("remove", person_id, by.id))
        return self.held.pop(person_id, None) is not None

    async def members(self) -> Sequence[Person]:
        self._check("members")
        return list(reversed(self.held.values()))

    def _check(self, method: str) -> None:
        if self.failing or method in self.failing_methods:
            raise CatalogError("the database is away")


@dataclass
class Door:
    """What the bot uses to let people in, a clock that the test sets, and the chats that it had served."""

    now: float = 1_000_000.0
    records: MemoryAccessRecords = field(default_factory=MemoryAccessRecords)
    desk: MemoryDesk = field(default_factory=MemoryDesk)
    served: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    access: BotAccess = field(init=False)

    def __post_init__(self) -> None:
        self.access = BotAccess(
            self.desk,
            Logins(self.records, self.time, poll=0.01),
            once_links(self.records, self.time),
            invitations(self.records, self.time),
            Offers(self.records, self.time),
            self.serve,
        )

    def time(self) -> float:
        return self.now

    async def serve(self, chat_id: int) -> None:
        if chat_id in self.left:
            raise FileMissing("the bot is not in this chat")
        self.served.append(chat_id)

    async def start(self, address: str = "192.0.2.7") -> Started:
        """A browser that waits."""
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        return await self.access.logins.start(user_agent=agent, address=address)
