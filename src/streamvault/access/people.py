"""People and their roles: owners (OWNER_IDS), members (invited, in MEMBERS, or in the channel that it names)."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from streamvault.access.identity import GRANTED_RIGHTS, MEMBER_RIGHTS, OWNER_RIGHTS, Person, Right, Role
from streamvault.access.store.base import MAX_LISTED, AccessRecords, Kind, Record
from streamvault.errors import SourceBusy

MAX_NAME = 128
CREDENTIALS: tuple[Kind, ...] = ("session", "token", "link", "login", "invitation")
"""What a person who is removed loses."""
RECHECK = 3600.0
"""Seconds after which it is asked again whether somebody is in the channel of MEMBERS ..."""
ASK_AGAIN = 5.0
"""... and after which it may be asked again where Telegram did not say it."""


class Membership(Protocol):
    """Says whether people are in the channel that MEMBERS names."""

    async def holds(self, person: int) -> bool | None:
        """Whether this user is in it, False where no channel is named; None where Telegram does not say now."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may do. `chats`: the only channels whose files may be seen, None for all. `removals`: how often the
    person was removed, so that what was signed before a removal does not count after another invitation.
    """

    person: Person
    role: Role
    can: frozenset[Right] = frozenset()
    chats: frozenset[int] | None = None
    since: float = 0.0
    removals: int = 0


class Unchanged(Enum):
    """Says that something of a member stays as it is; of a new one it is all."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


class NoSuchPerson(ValueError):
    """Nobody of this id is stored."""


class IsOwner(ValueError):
    """The person is an owner by OWNER_IDS, which only that setting can change."""


class People:
    """Reads and changes what is stored of people. `clock` gives Unix seconds. Methods raise CatalogError.

    Without `membership` Telegram is not asked: who was in the channel of MEMBERS, when that was asked last, still is.
    """

    def __init__(
        self, records: AccessRecords, *, owners: Collection[int], members: Collection[int] = (),
        membership: Membership | None = None, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._records = records
        self._owners = frozenset(owners)
        self._members = frozenset(members)
        self.membership = membership
        self._clock = clock

    async def standing(self, person: int) -> Standing:
        """What this person may do now. Raises SourceBusy where that depends on the channel of MEMBERS, and neither
        Telegram nor what is stored tells whether the person is in it."""
        while True:
            record = await self._records.get("person", str(person))
            value: dict[str, Any] = dict(record.value) if record else {}
            belongs = self._belongs(person, value)
            if belongs is None:
                belongs = await self._in_channel(person, record)
            if belongs is not None:
                return self._standing(person, record, belongs=belongs)

    def _belongs(self, person: int, value: Mapping[str, Any]) -> bool | None:
        """Whether the person is an owner or a member; None where that depends on the channel of MEMBERS."""
        if person in self._owners:
            return True
        if value.get("removed"):
            return False
        return True if value.get("invited") or person in self._members else None

    def _standing(self, person: int, record: Record | None, *, belongs: bool) -> Standing:
        value: Mapping[str, Any] = record.value if record else {}
        who = Person(person, str(value.get("name", "")))
        since, removals = record.created if record else 0.0, _removals(record)
        if person in self._owners:
            return Standing(who, "owner", OWNER_RIGHTS, since=since, removals=removals)
        if not belongs:
            return Standing(who, "none", removals=removals)
        chats, can = value.get("chats"), value.get("can")
        return Standing(
            who, "member", MEMBER_RIGHTS if can is None else frozenset(can) & GRANTED_RIGHTS,
            None if chats is None else frozenset(chats), since, removals,
        )  # fmt: skip

    async def _in_channel(self, person: int, record: Record | None) -> bool | None:
        """Whether the person is in the channel of MEMBERS; that one is, is kept for RECHECK seconds, and longer while
        Telegram says nothing. Raises SourceBusy where nothing is known at all. None if what is stored of the person has
        changed meanwhile: a removal stays one."""
        value: dict[str, Any] = dict(record.value) if record else {}
        known, checked = bool(value.get("in_channel")), float(value.get("checked", 0))
        now = self._clock()
        if self.membership is None or (known and now - checked < RECHECK):
            return known
        found = await self.membership.holds(person)
        if found is None:
            if not known:
                raise SourceBusy(ASK_AGAIN)
            return True
        if (found or known) and not await self._replace(person, record, {**value, "in_channel": found, "checked": now}):
            return None
        return found

    async def seen(self, person: int, name: str) -> None:
        """Store the name of a person who logs in."""
        while True:
            record = await self._records.get("person", str(person))
            value = dict(record.value) if record else {}
            if value.get("name") == name[:MAX_NAME]:
                return
            if await self._replace(person, record, {**value, "name": name[:MAX_NAME]}):
                return

    async def invite(
        self, person: int, name: str = "", *, chats: Iterable[int] | Unchanged | None = UNCHANGED,
        can: Iterable[Right] | Unchanged | None = UNCHANGED,
    ) -> Standing:  # fmt: skip
        """Make somebody a member, or change what a member may see and do (None: all channels, MEMBER_RIGHTS); also
        somebody who was removed before, of whom the name alone is known then.

        Raises ValueError for rights that a member cannot have, NoSuchPerson if the person is removed meanwhile.
        """
        given: dict[str, Any] = {"name": name[:MAX_NAME]} if name else {}
        if not isinstance(chats, Unchanged):
            given["chats"] = None if chats is None else sorted(chats)
        if not isinstance(can, Unchanged):
            given["can"] = None if can is None else _rights(can)
        first: int | None = None
        while True:
            record = await self._records.get("person", str(person))
            value: dict[str, Any] = dict(record.value) if record else {}
            removals = _removals(record)
            first = removals if first is None else first
            if removals != first:
                raise NoSuchPerson("the member was removed at the same time: invite the person again")
            if value.get("removed"):
                await self._records.delete_of(person, CREDENTIALS)  # what was made while the person was being removed
            kept = {key: value.get(key) for key in ("chats", "can")}
            new = {"removals": removals, "name": value.get("name", ""), "invited": True, **kept, **given}
            if await self._replace(person, record, new):
                return await self.standing(person)

    async def remove(self, person: int) -> None:
        """Take all rights away, also where MEMBERS would give them. Raises NoSuchPerson, IsOwner."""
        if person in self._owners:
            raise IsOwner("owners are named by OWNER_IDS: take the id out of that setting, and start the server again")
        while True:
            if (await self.standing(person)).role == "none":
                raise NoSuchPerson("there is no such member")
            record = await self._records.get("person", str(person))
            name = record.value.get("name", "") if record else ""
            if await self._replace(person, record, {"name": name, "removed": True, "removals": _removals(record) + 1}):
                return

    async def listed(self) -> list[Standing]:
        """Owners first, then members by id; without those who were removed.

        Telegram is not asked: who was in the channel of MEMBERS when that was asked last is a member here.
        """
        stored = await self._stored()
        found = []
        for person in dict.fromkeys(sorted(self._owners) + sorted(self._members) + sorted(stored)):
            record = stored.get(person)
            value: Mapping[str, Any] = record.value if record else {}
            belongs = self._belongs(person, value)
            if belongs is None:
                belongs = bool(value.get("in_channel"))
            found.append(self._standing(person, record, belongs=belongs))
        return [one for one in found if one.role != "none"]

    async def _stored(self) -> dict[int, Record]:
        found: dict[int, Record] = {}
        after: str | None = None
        while rows := await self._records.listed("person", limit=MAX_LISTED, after=after):
            found.update((int(row.id), row) for row in rows)
            after = rows[-1].id
        return found

    async def _replace(self, person: int, record: Record | None, value: dict[str, Any]) -> bool:
        """Store `value` if what is stored is still `record`; whether it was."""
        if record is not None:
            return await self._records.change("person", record.id, before=record.value, after=value)
        return await self._records.add(Record("person", str(person), self._clock(), value, person=person))


def _rights(can: Iterable[Right]) -> list[Right]:
    """Sorted. Raises ValueError for those that a member cannot have."""
    rights = frozenset(can)
    if not rights <= GRANTED_RIGHTS:
        raise ValueError(f"a member can have these rights: {', '.join(sorted(GRANTED_RIGHTS))}")
    return sorted(rights)


def _removals(record: Record | None) -> int:
    return int(record.value.get("removals", 0)) if record else 0
