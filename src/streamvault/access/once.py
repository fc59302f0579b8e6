"""Tokens that open something once: the log-in links of the bot, and invitations.

A token is 32 random bytes; only its SHA-256 is stored.
"""

import re
import time
from collections.abc import Callable

from streamvault.access.identity import Person
from streamvault.access.secrets import digest, new_secret
from streamvault.access.store.base import AccessRecords, Kind, Record
from streamvault.errors import TooManyTries

ONCE_SECONDS = 300.0
"""How long a log-in link of the bot is valid."""
INVITATION_SECONDS = 86_400.0
MOST_OF_PERSON = 20
"""Tokens of one kind and person that may be unused at a time."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class OnceTokens:
    """Single-use tokens, each made for a person; records of `kind` whose ids begin with `purpose`.

    `clock` gives Unix seconds. Every method raises CatalogError.
    """

    def __init__(
        self, records: AccessRecords, *, kind: Kind, purpose: str, seconds: float,
        clock: Callable[[], float] = time.time, secret: Callable[[], str] = new_secret,
    ) -> None:  # fmt: skip
        self._records = records
        self._kind: Kind = kind
        self._purpose = purpose
        self._seconds = seconds
        self._clock = clock
        self._secret = secret

    async def new(self, person: Person) -> str:
        """A token of this person. Raises TooManyTries while MOST_OF_PERSON of theirs are unused."""
        token, now = self._secret(), self._clock()
        record = Record(
            self._kind, self._id(token), now, {"name": person.name}, person=person.id, expires=now + self._seconds
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
        return self._person(await self._records.get(self._kind, self._id(token)))

    async def claim(self, token: str, claimant: int) -> Person | None:
        """Whose valid token this is, which is the claimant's from then on until it is redeemed: of several people one
        gets it, and gets it again when what it was for has failed."""
        while _TOKEN.fullmatch(token) is not None:
            record = await self._records.get(self._kind, self._id(token))
            person = self._person(record)
            if record is None or person is None:
                return None
            holder = record.value.get("claimed")
            if holder is not None:
                return person if holder == claimant else None
            claimed = {**record.value, "claimed": claimant}
            if await self._records.change(self._kind, record.id, before=record.value, after=claimed):
                return person
        return None

    async def redeem(self, token: str) -> Person | None:
        """Whose valid token this is, once: of several callers one gets it."""
        if _TOKEN.fullmatch(token) is None:
            return None
        return self._person(await self._records.take(self._kind, self._id(token)))

    def _id(self, token: str) -> str:
        return f"{self._purpose}:{digest(token)}"

    def _person(self, record: Record | None) -> Person | None:
        if record is None or record.person is None or (record.expires or 0.0) <= self._clock():
            return None
        return Person(record.person, str(record.value["name"]))


def once_links(records: AccessRecords, clock: Callable[[], float] = time.time) -> OnceTokens:
    """The log-in links that the bot sends."""
    return OnceTokens(records, kind="login", purpose="once", seconds=ONCE_SECONDS, clock=clock)


def invitations(records: AccessRecords, clock: Callable[[], float] = time.time) -> OnceTokens:
    """Invitations, which make who opens them a member; each is its inviter's."""
    return OnceTokens(records, kind="invitation", purpose="invite", seconds=INVITATION_SECONDS, clock=clock)
