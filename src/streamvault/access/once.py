"""Tokens that open something once: the log-in links of the bot, and invitations.

A token is 32 random bytes; only its SHA-256 is stored.
"""

import re
import time
from collections.abc import Callable

from streamvault.access.identity import Person
from streamvault.access.secrets import digest, new_secret
from streamvault.access.store.base import AccessRecords, Record
from streamvault.errors import TooManyTries

ONCE_SECONDS = 300.0
"""How long a log-in link of the bot is valid."""
INVITATION_SECONDS = 86_400.0
MOST_OF_PERSON = 20
"""Tokens of one person that may be unused at a time."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class OnceTokens:
    """Single-use tokens of one `purpose` (part of the record's id), each made for a person.

    `clock` gives Unix seconds. Every method raises CatalogError.
    """

    def __init__(
        self, records: AccessRecords, *, purpose: str, seconds: float, clock: Callable[[], float] = time.time,
        secret: Callable[[], str] = new_secret,
    ) -> None:  # fmt: skip
        self._records = records
        self._purpose = purpose
        self._seconds = seconds
        self._clock = clock
        self._secret = secret

    async def new(self, person: Person) -> str:
        """A token of this person. Raises TooManyTries while MOST_OF_PERSON of theirs are unused."""
        token, now = self._secret(), self._clock()
        record = Record(
            "login", self._id(token), now, {"name": person.name}, person=person.id, expires=now + self._seconds
        )
        for purged in (False, True):
            try:
                await self._records.add(record, most=MOST_OF_PERSON)
            except ValueError:
                if purged:
                    raise TooManyTries(self._seconds) from None
                await self._records.purge(now)
            else:
                break
        return token

    async def peek(self, token: str) -> Person | None:
        """Whose valid token this is; it stays valid."""
        if _TOKEN.fullmatch(token) is None:
            return None
        return self._person(await self._records.get("login", self._id(token)))

    async def redeem(self, token: str) -> Person | None:
        """Whose valid token this is, once: of several callers one gets it."""
        if _TOKEN.fullmatch(token) is None:
            return None
        return self._person(await self._records.take("login", self._id(token)))

    def _id(self, token: str) -> str:
        return f"{self._purpose}:{digest(token)}"

    def _person(self, record: Record | None) -> Person | None:
        if record is None or record.person is None or (record.expires or 0.0) <= self._clock():
            return None
        return Person(record.person, str(record.value["name"]))


def once_links(records: AccessRecords, clock: Callable[[], float] = time.time) -> OnceTokens:
    """The log-in links that the bot sends."""
    return OnceTokens(records, purpose="once", seconds=ONCE_SECONDS, clock=clock)


def invitations(records: AccessRecords, clock: Callable[[], float] = time.time) -> OnceTokens:
    """Invitations, which make who opens them a member; each is its inviter's."""
    return OnceTokens(records, purpose="invite", seconds=INVITATION_SECONDS, clock=clock)
