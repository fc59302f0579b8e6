"""Stored links: each opens one file, a collection or a search, to watch or to download, until it ends or is revoked.

The link's token is signed and names the link by its id; what it opens stands in the record. A link may be bound to a
number of distinct viewers: whoever comes first is one of them, and stays one.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from streamvault.access.identity import GUEST_RIGHTS, Media, Right, Target
from streamvault.access.secrets import new_id
from streamvault.access.store.base import AccessRecords, Record
from streamvault.media.model import Origin

MAX_LINKS = 2_000
"""Links of one person that have not ended."""
MAX_VIEWERS = 1_000
LONGEST = 100 * 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link as it is listed; times in Unix seconds, None for never. `most`: distinct viewers, None without a bound.
    `can`: the rights of its holders, which its maker had.
    """

    id: str
    person: int | None
    target: Target
    media: Media
    created: float
    expires: float | None
    most: int | None
    viewers: int
    uses: int
    last_used: float | None
    can: frozenset[Right] = GUEST_RIGHTS


class StoredLinks:
    """`clock` gives Unix seconds. Methods raise CatalogError."""

    def __init__(self, records: AccessRecords, *, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock

    async def create(
        self, person: int | None, target: Target, *, media: Media = "both", expires_in: float | None = None,
        viewers: int | None = None, can: Collection[Right] = GUEST_RIGHTS,
    ) -> StoredLink:  # fmt: skip
        """A new link. `person` None: made at the terminal. `can`: the rights of its maker.

        Raises ValueError for numbers out of range, and beyond MAX_LINKS.
        """
        if viewers is not None and not 1 <= viewers <= MAX_VIEWERS:
            raise ValueError(f"a link is for 1 to {MAX_VIEWERS} viewers, or for any number")
        if expires_in is not None and not 0 < expires_in <= LONGEST:
            raise ValueError("a link lasts for more than 0 seconds and at most a hundred years")
        now = self._clock()
        rights = sorted(GUEST_RIGHTS.intersection(can))
        value = {"target": _packed(target), "media": media, "viewers": viewers, "can": rights}
        record = Record(
            "link", new_id(), now, value, person=person, expires=None if expires_in is None else now + expires_in
        )
        await self._records.add(record, most=MAX_LINKS)
        return link_of(record)

    async def of(self, id: str) -> StoredLink | None:
        """The link with this id; also one that has expired and is not purged yet."""
        record = await self._records.get("link", id)
        return None if record is None else link_of(record)

    async def admit(self, link: StoredLink, viewer: str) -> bool:
        """Whether this viewer may use the link: it has no bound, or the viewer is one of the first."""
        return link.most is None or await self._records.add_member("link", link.id, viewer, most=link.most)

    def ended(self, link: StoredLink) -> bool:
        """Whether it has expired."""
        return link.expires is not None and link.expires <= self._clock()

    async def listed(self, person: int | None, *, after: str | None = None, limit: int = 100) -> list[StoredLink]:
        """The links of a person (None: of all), the latest first."""
        rows = await self._records.listed("link", person=person, limit=limit, after=after)
        return [link_of(row) for row in rows]

    async def revoke(self, id: str, *, person: int | None) -> bool:
        """End a link, of this person (None: of anybody); whether there was one."""
        record = await self._records.get("link", id)
        if record is None or (person is not None and record.person != person):
            return False
        return await self._records.delete("link", id)


def link_of(row: Record) -> StoredLink:
    """The link in a record."""
    value = row.value
    return StoredLink(
        id=row.id,
        person=row.person,
        target=_unpacked(value.get("target", {})),
        media=value.get("media", "both"),
        created=row.created,
        expires=row.expires,
        most=value.get("viewers"),
        viewers=row.members,
        uses=row.uses,
        last_used=row.last_used,
        can=GUEST_RIGHTS.intersection(value.get("can", GUEST_RIGHTS)),
    )


def _packed(target: Target) -> dict[str, Any]:
    origin = target.origin
    return {
        "origin": None if origin is None else [origin.chat_id, origin.message_id],
        "collection": target.collection,
        "query": target.query,
    }


def _unpacked(value: dict[str, Any]) -> Target:
    origin = value.get("origin")
    return Target(None if origin is None else Origin(*origin), value.get("collection"), value.get("query"))
