"""The interface of the access records: small JSON documents of a few kinds, each with an id, and an epoch.

Other processes write the same database (other nodes, the command line). Whoever takes rights away advances the epoch
after the write; a process that sees another epoch forgets what it holds in memory about people and credentials.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Kind = Literal[
    "person", "session", "token", "link", "login", "invitation", "audit", "offer", "mirror_request", "call_chats"
]

MAX_LISTED = 500
"""Records of one page of `listed`."""


@dataclass(frozen=True, slots=True)
class Record:
    """One document. `value` holds what JSON can express; times are in Unix seconds.

    `person`: the Telegram user id that it belongs to, None for nobody. `expires`: when it ends by itself, None never.
    `uses` and `last_used` are changed by `count_uses` alone, `members` by `add_member` alone; a new record starts
    without any, whatever it says.
    """

    kind: Kind
    id: str
    created: float
    value: Mapping[str, Any] = field(default_factory=dict)
    person: int | None = None
    expires: float | None = None
    uses: int = 0
    last_used: float | None = None
    members: int = 0


def check_most(kind: Kind, count: int, most: int) -> None:
    """Raise ValueError when somebody with `count` records of a kind may not have another one."""
    if count >= most:
        raise ValueError(f"there are {most} records of the kind {kind} already: delete one of them first")


class AccessRecords(Protocol):
    """Every method raises CatalogError when the database fails. Expired records are still returned until `purge`."""

    async def get(self, kind: Kind, id: str) -> Record | None:
        """The record, or None."""
        ...

    async def add(self, record: Record, *, most: int | None = None) -> bool:
        """Insert a record unless there is one with its kind and id; whether it was inserted.

        Otherwise raises ValueError when its person (nobody counts as one) has `most` records of this kind already.
        """
        ...

    async def put(self, record: Record) -> None:
        """Insert a record, or replace value, person and expiry of the one with its kind and id."""
        ...

    async def change(self, kind: Kind, id: str, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Replace the value if it still equals `before`; whether it did."""
        ...

    async def take(self, kind: Kind, id: str) -> Record | None:
        """Delete a record and return it; of several callers at once one gets it, the others None."""
        ...

    async def delete(self, kind: Kind, id: str) -> bool:
        """Delete a record; whether it existed."""
        ...

    async def delete_of(self, person: int, kinds: Collection[Kind]) -> int:
        """Delete all records of these kinds that belong to a person; how many."""
        ...

    async def listed(
        self, kind: Kind, *, person: int | None = None, limit: int, after: str | None = None
    ) -> Sequence[Record]:
        """Up to `limit` (at most MAX_LISTED) records of a kind, of `person` or (None) of all, the latest created first.

        `after`: the id of the last record of the page before; where that has been deleted, the first page is given.
        """
        ...

    async def add_member(self, kind: Kind, id: str, member: str, *, most: int) -> bool:
        """Add `member` to the distinct members of a record; whether it is one now: False where `most` others are, or
        the record does not exist."""
        ...

    async def count_uses(self, uses: Mapping[tuple[Kind, str], int], *, last_used: float) -> None:
        """Add to the uses of records, by kind and id; their last use is the latest one given. Those that do not exist
        are left out.
        """
        ...

    async def trim(self, kind: Kind, *, keep: int) -> None:
        """Delete all records of a kind but the `keep` latest created."""
        ...

    async def purge(self, now: float) -> int:
        """Delete the records that expired before `now`; how many."""
        ...

    async def epoch(self) -> int:
        """The epoch."""
        ...

    async def advance(self) -> int:
        """Add 1 to the epoch; the new one."""
        ...
