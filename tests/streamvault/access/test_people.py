"""People whose membership depends on a channel, and the list of all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from streamvault.access.people import People
from streamvault.access.store.base import MAX_LISTED
from streamvault.errors import SourceBusy
from tests.support.access_records import MemoryAccessRecords

OWNER, NAMED, INVITED, VISITOR, STRANGER = 1, 2, 3, 4, 5


@dataclass
class Channel:
    """A channel whose members may log in; `members` None: Telegram does not say. `asked`: about whom."""

    members: set[int] | None = field(default_factory=set)
    asked: list[int] = field(default_factory=list)

    async def holds(self, person: int) -> bool | None:
        self.asked.append(person)
        return None if self.members is None else person in self.members


def people_of(records: MemoryAccessRecords, channel: Channel | None) -> People:
    return People(records, owners=[OWNER], members=[NAMED], membership=channel)


async def test_where_telegram_does_not_say_it_nobody_is_taken_for_a_stranger() -> None:
    channel, records = Channel(None), MemoryAccessRecords()
    people = people_of(records, channel)
    asks: list[Callable[[], Awaitable[object]]] = [
        lambda: people.standing(VISITOR),
        lambda: people.remove(VISITOR),
    ]
    for ask in asks:
        with pytest.raises(SourceBusy):
            await ask()
    assert (await people.invite(INVITED)).role == "member"
    assert [(await people.standing(one)).role for one in (OWNER, NAMED, INVITED)] == ["owner", "member", "member"]
    channel.members = {VISITOR}
    assert (await people.standing(VISITOR)).role == "member"
    channel.members = None
    assert (await people.standing(VISITOR)).role == "member", "the last answer stands"


async def test_a_process_that_asks_nobody_goes_by_what_is_stored_and_changes_nothing() -> None:
    channel, records = Channel({VISITOR}), MemoryAccessRecords()
    assert (await people_of(records, channel).standing(VISITOR)).role == "member"
    stored = dict(records.stored)
    alone = people_of(records, None)
    assert (await alone.standing(VISITOR)).role == "member"
    assert (await alone.standing(STRANGER)).role == "none"
    assert records.stored == stored


async def test_the_list_asks_telegram_nothing_and_the_database_once_per_page() -> None:
    channel, records = Channel({VISITOR}), MemoryAccessRecords()
    people = people_of(records, channel)
    await people.standing(VISITOR)
    await people.seen(STRANGER, "Eve")
    await people.seen(OWNER, "Olga")
    members = range(100, 100 + MAX_LISTED)
    for person in members:
        await people.invite(person)
    await people.remove(members[0])
    channel.members, channel.asked = None, []
    records.calls.clear()
    listed = await people.listed()
    assert [(one.person.id, one.role) for one in listed[:3]] == [
        (OWNER, "owner"), (NAMED, "member"), (VISITOR, "member"),
    ]  # fmt: skip
    assert [one.person.id for one in listed[3:]] == list(members[1:])
    assert listed[0].person.name == "Olga"
    assert channel.asked == []
    assert dict(records.calls) == {"listed": 3}, "two pages, and the end"
