"""The tests of what changes access records: one at a time, and several processes at once."""

import asyncio
import dataclasses

import pytest

from streamvault.access.store.base import AccessRecords, Record
from tests.contracts.access_record_values import ANNA, BERT, KINDS, ids, link


class Changing:
    async def test_put_inserts_and_replaces(self, records: AccessRecords) -> None:
        await records.put(link("a", value={"n": 1}, person=ANNA, expires=50.0))
        await records.add_member("link", "a", "x", most=5)
        await records.count_uses({("link", "a"): 2}, last_used=9.0)
        await records.put(link("a", created=5000.0, value={"m": [2]}, person=BERT, uses=70, members=30))
        used = link("a", value={"m": [2]}, person=BERT, uses=2, last_used=9.0, members=1)
        assert await records.get("link", "a") == used
        assert await ids(records, person=ANNA) == []
        assert await records.purge(60.0) == 0
        await records.put(link("a", expires=40.0))
        assert await records.get("link", "a") == dataclasses.replace(used, value={}, person=None, expires=40.0)
        assert await records.purge(60.0) == 1

    async def test_puts_at_once_leave_one_record(self, records: AccessRecords, elsewhere: AccessRecords) -> None:
        new = [link("a", value={"n": number}, person=number) for number in range(10)]
        await asyncio.gather(*((records, elsewhere)[n % 2].put(one) for n, one in enumerate(new)))
        assert await records.get("link", "a") in new
        assert await ids(records) == ["a"]

    async def test_a_value_changes_if_it_is_the_expected_one(self, records: AccessRecords) -> None:
        first = {"state": "asked", "of": {"b.c": None, "a": [1, 2.5, "x"]}}
        await records.add(link("a", value=first, person=ANNA, expires=99.0))
        for other in ({}, {"state": "asked"}, {**first, "more": 1}, {**first, "state": "done"}):
            assert not await records.change("link", "a", before=other, after={"state": "lost"})
        same = dict(reversed(first.items()))
        assert await records.change("link", "a", before=same, after={"state": "done"})
        assert not await records.change("link", "a", before=first, after={"state": "lost"})
        assert await records.get("link", "a") == link("a", value={"state": "done"}, person=ANNA, expires=99.0)
        assert await records.change("link", "a", before={"state": "done"}, after={"state": "done"})

    async def test_one_of_several_changes_at_once_happens(
        self, records: AccessRecords, elsewhere: AccessRecords
    ) -> None:
        await records.add(link("a", value={"n": 0}))
        answers = await asyncio.gather(
            *((records, elsewhere)[n % 2].change("link", "a", before={"n": 0}, after={"n": n}) for n in range(1, 11))
        )
        assert sum(answers) == 1
        found = await records.get("link", "a")
        assert found is not None
        assert found.value == {"n": answers.index(True) + 1}

    async def test_uses_add_up(self, records: AccessRecords, elsewhere: AccessRecords) -> None:
        await records.add(link("a"))
        await asyncio.gather(
            *((records, elsewhere)[n % 2].count_uses({("link", "a"): n}, last_used=100.0 + n % 7) for n in range(12))
        )
        assert await records.get("link", "a") == link("a", uses=66, last_used=106.0)
        await records.count_uses({("link", "a"): 1}, last_used=50.0)
        assert await records.get("link", "a") == link("a", uses=67, last_used=106.0), "the latest use stays"


class Bounds:
    async def test_a_person_has_so_many_records_of_a_kind(self, records: AccessRecords) -> None:
        for number in range(3):
            assert await records.add(link(f"{number}", person=ANNA), most=3)
        with pytest.raises(ValueError, match="3"):
            await records.add(link("one too many", person=ANNA), most=3)
        assert await records.get("link", "one too many") is None
        assert not await records.add(link("0", person=ANNA), most=3), "it exists"
        assert await records.add(link("4", person=ANNA), most=4)
        for person in (BERT, None):
            assert await records.add(link(f"of {person}", person=person), most=1)
            with pytest.raises(ValueError, match="1"):
                await records.add(link(f"other of {person}", person=person), most=1)
        assert await records.add(Record("token", "0", 1000.0, person=ANNA), most=1)
        await records.delete("link", "1")
        assert await records.add(link("5", person=ANNA), most=4)

    async def test_records_without_a_bound_count(self, records: AccessRecords) -> None:
        await records.put(link("a", person=ANNA))
        await records.add(link("b", person=ANNA))
        await records.add(link("c", person=BERT), most=3)
        await records.put(link("c", person=ANNA))
        with pytest.raises(ValueError, match="3"):
            await records.add(link("d", person=ANNA), most=3)
        assert await records.add(link("d", person=BERT), most=1)
        await records.put(link("d", person=BERT, value={"n": 2}))
        with pytest.raises(ValueError, match="1"):
            await records.add(link("e", person=BERT), most=1)

    async def test_adding_at_once_keeps_to_the_bound(self, records: AccessRecords, elsewhere: AccessRecords) -> None:
        await records.add(link("first", person=ANNA))
        answers = await asyncio.gather(
            *((records, elsewhere)[n % 2].add(link(f"{n}", person=ANNA), most=5) for n in range(12)),
            return_exceptions=True,
        )
        assert answers.count(True) == 4
        assert [str(type(one)) for one in answers if one is not True] == [str(ValueError)] * 8
        added = {f"{n}" for n, answer in enumerate(answers) if answer is True}
        assert set(await ids(records, person=ANNA)) == {"first", *added}

    async def test_adding_the_same_at_once_adds_one(self, records: AccessRecords, elsewhere: AccessRecords) -> None:
        answers = await asyncio.gather(
            *(
                (records, elsewhere)[n % 2].add(link("a", value={"n": n}, person=ANNA), most=None if n % 3 else 50)
                for n in range(10)
            )
        )
        assert sum(answers) == 1
        assert await records.get("link", "a") == link("a", value={"n": answers.index(True)}, person=ANNA)

    async def test_members_are_distinct_and_bounded(self, records: AccessRecords) -> None:
        await records.add(link("a"))
        await records.add(link("b"))
        for member in ("x", "$y.z", "x", "\ud800\0"):
            assert await records.add_member("link", "a", member, most=3)
        assert not await records.add_member("link", "a", "w", most=3)
        assert await records.add_member("link", "a", "$y.z", most=3)
        assert await records.add_member("link", "a", "x", most=0), "it is one already"
        assert await records.get("link", "a") == link("a", members=3)
        assert await records.get("link", "b") == link("b")
        assert await records.add_member("link", "a", "w", most=4)

    async def test_members_go_with_their_record(self, records: AccessRecords) -> None:
        await records.add(link("a"))
        await records.add_member("link", "a", "x", most=1)
        await records.delete("link", "a")
        await records.add(link("a"))
        assert await records.add_member("link", "a", "y", most=1)
        assert not await records.add_member("link", "a", "x", most=1)

    async def test_members_at_once_keep_to_the_bound(self, records: AccessRecords, elsewhere: AccessRecords) -> None:
        await records.add(link("a"))
        members = [f"{n % 6}" for n in range(18)]
        answers = await asyncio.gather(
            *((records, elsewhere)[n % 2].add_member("link", "a", one, most=4) for n, one in enumerate(members))
        )
        accepted = {one for one, answer in zip(members, answers, strict=True) if answer}
        assert len(accepted) == 4
        assert [await records.add_member("link", "a", one, most=4) for one in accepted] == [True] * 4
        assert await records.get("link", "a") == link("a", members=4)


class Deleting:
    async def test_one_of_several_takers_gets_a_record(self, records: AccessRecords, elsewhere: AccessRecords) -> None:
        await records.add(link("a", value={"n": 1}, person=ANNA))
        answers = await asyncio.gather(*((records, elsewhere)[n % 2].take("link", "a") for n in range(10)))
        assert [one for one in answers if one is not None] == [link("a", value={"n": 1}, person=ANNA)]
        assert await records.get("link", "a") is None

    async def test_deleting_tells_whether_there_was_one(self, records: AccessRecords) -> None:
        await records.add(link("a"))
        await records.add(Record("token", "a", 1000.0))
        assert await records.delete("link", "a")
        assert not await records.delete("link", "a")
        assert await records.get("token", "a") is not None

    async def test_what_belongs_to_a_person_is_deleted(self, records: AccessRecords) -> None:
        for kind in KINDS:
            for person in (ANNA, BERT, None):
                await records.add(Record(kind, f"{person}", 1000.0, person=person))
        await records.add(link("other", person=ANNA))
        assert await records.delete_of(ANNA, ["link", "token", "offer"]) == 4
        assert await records.delete_of(ANNA, ["link"]) == 0
        assert await records.delete_of(ANNA, []) == 0
        left = {kind: sorted(await ids(records, kind)) for kind in KINDS}
        gone = sorted([f"{BERT}", "None"])
        assert left == {
            kind: gone if kind in ("link", "token", "offer") else sorted([f"{ANNA}", *gone]) for kind in KINDS
        }

    async def test_what_has_expired_is_purged(self, records: AccessRecords) -> None:
        for number, kind in enumerate(KINDS):
            await records.add(Record(kind, "a", 5.0, expires=100.0 + number))
            await records.add(Record(kind, "b", 5.0))
        assert await records.purge(102.0) == 2
        assert [len(await ids(records, kind)) for kind in KINDS] == [1, 1] + [2] * (len(KINDS) - 2)
        assert await records.purge(102.0) == 0
        assert await records.purge(1e12) == len(KINDS) - 2

    async def test_all_but_the_latest_are_trimmed(self, records: AccessRecords) -> None:
        times = [5.0, 1.0, 9.0, 3.0, 3.0, 3.0, 7.0]
        for number, created in enumerate(times):
            await records.add(link(f"{number}", created=created))
            await records.add(Record("audit", f"{number}", created))
        order = await ids(records)
        for keep in (9, 7, 4, 2, 0):
            await records.trim("link", keep=keep)
            assert await ids(records) == order[:keep]
        assert len(await ids(records, "audit")) == len(times)
        await records.trim("link", keep=3)
