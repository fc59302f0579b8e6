"""The people of this server, as the bot asks for them (telegram/bot/desk), over access."""

import contextlib
from collections.abc import Sequence

from streamvault.access.identity import Person, Role
from streamvault.access.people import IsOwner, NoSuchPerson
from streamvault.access.service import Access
from streamvault.errors import SourceError


class PeopleDesk:
    """See telegram.bot.desk.Desk."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def role_of(self, person: Person) -> Role:
        """See Desk."""
        return (await self._access.standing(person.id)).role

    async def admit(self, person: Person, *, by: Person) -> bool:
        """See Desk."""
        with contextlib.suppress(SourceError):  # whether a channel lets the person in does not matter then
            if (await self._access.people.standing(person.id)).role != "none":
                return False
        try:
            await self._access.people.invite(person.id, person.name)
        except NoSuchPerson:
            return False
        await self._access.revoked()
        self._access.audit.note("invited", person=by.id, detail=str(person.id), address="bot")
        return True

    async def remove(self, person_id: int, *, by: Person) -> bool:
        """See Desk."""
        try:
            await self._access.remove(person_id)
        except (NoSuchPerson, IsOwner):
            return False
        self._access.audit.note("removed", person=by.id, detail=str(person_id), address="bot")
        return True

    async def members(self) -> Sequence[Person]:
        """See Desk."""
        return [one.person for one in await self._access.people.listed() if one.role == "member"]
