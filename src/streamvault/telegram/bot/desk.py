"""What the bot needs to know of people, and what it changes about them."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyrogram.types import Message

from streamvault.access.identity import Person, Role
from streamvault.access.login import Logins
from streamvault.access.once import OnceTokens
from streamvault.errors import CatalogError, SourceError
from streamvault.indexing.offers import Offers

log = logging.getLogger(__name__)


class RoleDesk(Protocol):
    """Says what people are."""

    async def role_of(self, person: Person) -> Role:
        """What a person is. Asked for messages of anybody, so it has to be cheap. Raises CatalogError, SourceError."""
        ...


class Desk(RoleDesk, Protocol):
    """The people of this server. Every method raises CatalogError."""

    async def admit(self, person: Person, *, by: Person) -> bool:
        """Make a person a member; False for one who is a member or an owner already."""
        ...

    async def remove(self, person_id: int, *, by: Person) -> bool:
        """End a membership and what belongs to it; False if there is none."""
        ...

    async def members(self) -> Sequence[Person]:
        """Everybody who was made a member, the latest first."""
        ...


@dataclass(frozen=True, slots=True)
class BotAccess:
    """What the bot uses to let people in. `offers`: None where CHANNELS says what is served.

    `serve` has a chat served and walked through; it raises FileMissing, SourceError and CatalogError.
    """

    desk: Desk
    logins: Logins
    links: OnceTokens
    invitations: OnceTokens
    offers: Offers | None = None
    serve: Callable[[int], Awaitable[object]] | None = None


class Roles:
    """Who may do what in the bot: `owners` (user ids) always, others as the desk says."""

    def __init__(self, owners: frozenset[int], desk: RoleDesk | None) -> None:
        self._owners = owners
        self._desk = desk

    def is_owner(self, person: Person | None) -> bool:
        """Whether a person is an owner, which has to be asked of nobody."""
        return person is not None and person.id in self._owners

    async def of(self, person: Person | None) -> Role | None:
        """The role of a person; None if it cannot be told now."""
        if person is None:
            return "none"
        if self.is_owner(person):
            return "owner"
        if self._desk is None:
            return "none"
        try:
            return await self._desk.role_of(person)
        except (CatalogError, SourceError) as error:
            log.warning("it cannot be told now what person %d may do: %s", person.id, error)
            return None


def sender(message: Message) -> Person | None:
    """Who wrote a message; None for one in the name of a chat."""
    return None if message.from_user is None else person_of(message.from_user)


def person_of(user: Any) -> Person:
    """A Kurigram or raw user."""
    return Person(int(user.id), " ".join(filter(None, (user.first_name, user.last_name))))
