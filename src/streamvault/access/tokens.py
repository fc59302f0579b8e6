"""API tokens: named secrets of a person for scripts and players, with some of the person's rights.

A token is PREFIX and 43 URL-safe characters. Stored is its digest; the first 63 bits of that are its id, by which it is
found, listed and revoked.
"""

import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from streamvault.access.identity import Right
from streamvault.access.secrets import digest, is_secret_of, new_secret
from streamvault.access.store.base import AccessRecords, Record

PREFIX = "sv_"
MAX_TOKENS = 100
"""API tokens of one person."""
MAX_NAME = 100
_TOKEN = re.compile(r"sv_[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is listed, without its secret; times in Unix seconds, None for never.

    `person` None: made at the terminal, by whoever runs the server.
    """

    id: str
    name: str
    person: int | None
    can: frozenset[str]
    created: float
    expires: float | None
    last_used: float | None
    uses: int


class ApiTokens:
    """`clock` gives Unix seconds. Methods raise CatalogError."""

    def __init__(self, records: AccessRecords, *, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock

    async def create(
        self, person: int | None, name: str, *, can: Collection[Right], expires_in: float | None = None
    ) -> tuple[ApiToken, str]:
        """A new token and its text, which cannot be shown again.

        Raises ValueError for a name that is empty or too long, without rights, and beyond MAX_TOKENS.
        """
        if not name.strip() or len(name) > MAX_NAME:
            raise ValueError(f"a token has a name of 1 to {MAX_NAME} characters")
        if not can:
            raise ValueError("a token needs at least one right")
        text, now = PREFIX + new_secret(), self._clock()
        value = {"name": name.strip(), "can": sorted(can), "hash": digest(text)}
        expires = None if expires_in is None else now + expires_in
        record = Record("token", id_of(text), now, value, person=person, expires=expires)
        await self._records.add(record, most=MAX_TOKENS)
        return _listed(record), text

    async def read(self, text: str) -> Record | None:
        """The record of a token that is valid now."""
        record = await self.of(id_of(text))
        return record if record is not None and is_secret_of(text, record.value.get("hash")) else None

    async def of(self, id: str) -> Record | None:
        """The record of the token with this id, if it is valid now."""
        record = await self._records.get("token", id)
        return record if record is not None and not self._ended(record) else None

    async def listed(
        self, person: int | None, *, after: str | None = None, limit: int = 100
    ) -> tuple[list[ApiToken], str | None]:
        """A page of the tokens of a person (None: of all), the latest first, and `after` of the next one or None.

        Expired tokens are left out, so that a page may have fewer than `limit` and not be the last.
        """
        rows = await self._records.listed("token", person=person, limit=limit, after=after)
        return [_listed(row) for row in rows if not self._ended(row)], rows[-1].id if len(rows) == limit else None

    async def revoke(self, id: str, *, person: int | None) -> bool:
        """End a token, of this person (None: of anybody); whether there was one."""
        record = await self._records.get("token", id)
        if record is None or (person is not None and record.person != person):
            return False
        return await self._records.delete("token", id)

    def _ended(self, record: Record) -> bool:
        return record.expires is not None and record.expires <= self._clock()


def is_api_token(text: str) -> bool:
    """Whether a text has the form of an API token."""
    return _TOKEN.fullmatch(text) is not None


def id_of(text: str) -> str:
    """The id of a token: 63 bits in hexadecimal, 16 digits."""
    return f"{int(digest(text)[:16], 16) >> 1:016x}"


def _listed(row: Record) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=str(row.value.get("name", "")),
        person=row.person,
        can=frozenset(map(str, row.value.get("can", ()))),
        created=row.created,
        expires=row.expires,
        last_used=row.last_used,
        uses=row.uses,
    )
