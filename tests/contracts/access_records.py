"""The tests that every AccessRecords passes.

A test module gives an implementation its suite by subclassing AccessRecordsContract and providing the fixtures
`records` (open and empty) and `elsewhere` (the same database as another process has it open).
"""

import asyncio
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.access.store.base import MAX_LISTED, AccessRecords, Kind, Record
from tests.contracts.access_record_changes import Bounds, Changing, Deleting
from tests.contracts.access_record_values import ANNA, BERT, KINDS, ids, link
from tests.support.proof import full

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
HOSTILE = ("a.b", "$set", "$where.x", "", " ", "a\0b", "a", "\ud800", "né🎬", "_id", "%", "'; --", "x" * 900)


async def all_ids(records: AccessRecords, limit: int, person: int | None = None) -> list[str]:
    """The ids of all pages of `limit` links."""
    found: list[str] = []
    while page := await ids(records, limit=limit, person=person, after=found[-1] if found else None):
        found += page
    return found


class Finding:
    async def test_nothing_is_there_at_first(self, records: AccessRecords) -> None:
        assert await records.get("link", "a") is None
        assert await records.take("link", "a") is None
        assert not await records.delete("link", "a")
        assert not await records.change("link", "a", before={}, after={"a": 1})
        assert not await records.add_member("link", "a", "x", most=5)
        await records.count_uses({("link", "a"): 1}, last_used=5.0)
        assert await records.get("link", "a") is None
        assert await ids(records) == []

    @pytest.mark.parametrize("kind", KINDS)
    async def test_what_was_added_is_there(self, records: AccessRecords, elsewhere: AccessRecords, kind: Kind) -> None:
        record = Record(kind, "a", 1000.25, {"name": "Anna", "scopes": ["read"]}, person=ANNA, expires=2000.125)
        assert await records.add(record)
        assert await elsewhere.get(kind, "a") == record
        assert [await records.get(other, "a") for other in KINDS if other != kind] == [None] * (len(KINDS) - 1)

    async def test_a_record_is_added_once(self, records: AccessRecords) -> None:
        assert await records.add(link("a", value={"n": 1}))
        assert not await records.add(link("a", value={"n": 2}, person=ANNA))
        assert await records.add(Record("token", "a", 1000.0))
        assert await records.get("link", "a") == link("a", value={"n": 1})

    async def test_a_new_record_was_never_used(self, records: AccessRecords) -> None:
        used: dict[str, Any] = {"uses": 5, "last_used": 9.0, "members": 3}
        await records.add(link("a", **used))
        await records.put(link("b", **used))
        assert [await records.get("link", id) for id in "ab"] == [link("a"), link("b")]

    async def test_hostile_ids_are_distinct(self, records: AccessRecords) -> None:
        for number, id in enumerate(HOSTILE):
            assert await records.add(link(id, value={"n": number}))
        found = [await records.get("link", id) for id in HOSTILE]
        assert [one and (one.id, one.value["n"]) for one in found] == [(id, n) for n, id in enumerate(HOSTILE)]
        assert sorted(await all_ids(records, 4)) == sorted(HOSTILE)
        for number, id in enumerate(HOSTILE, 1):
            assert await records.delete("link", id)
            assert len(await ids(records)) == len(HOSTILE) - number

    @settings(max_examples=25 if full() else 10, deadline=None, suppress_health_check=SHARED)
    @given(value=st.dictionaries(st.text() | st.sampled_from(HOSTILE), JSON, max_size=5), id=st.text(max_size=30))
    async def test_any_json_is_stored(self, records: AccessRecords, value: dict[str, Any], id: str) -> None:
        await records.put(link(id, value=value))
        found = await records.get("link", id)
        assert found is not None
        assert json.dumps(found.value, sort_keys=True) == json.dumps(value, sort_keys=True)
        assert await records.change("link", id, before=found.value, after={"$inc": {"a.b": 1 << 80}})
        assert await records.take("link", id) == link(id, value={"$inc": {"a.b": 1 << 80}})

    async def test_what_was_given_and_got_may_be_changed(self, records: AccessRecords) -> None:
        value: dict[str, Any] = {"scopes": ["read"]}
        await records.add(link("a", value=value))
        value["scopes"].append("write")
        found = await records.get("link", "a")
        assert found is not None
        found.value["scopes"].append("write")
        assert await records.get("link", "a") == link("a", value={"scopes": ["read"]})

    async def test_expired_records_are_returned_until_they_are_purged(self, records: AccessRecords) -> None:
        await records.add(link("a", expires=1.0))
        assert await records.get("link", "a") == link("a", expires=1.0)
        assert await ids(records) == ["a"]


class Listing:
    async def test_the_latest_created_come_first(self, records: AccessRecords) -> None:
        for number, created in enumerate([5.0, 1.5, 9.0, 3.0]):
            await records.add(link(f"{number}", created=created, person=(ANNA, BERT)[number % 2], value={"n": number}))
        await records.add(Record("token", "t", 6.0, person=ANNA))
        assert await ids(records) == ["2", "0", "3", "1"]
        assert await ids(records, person=ANNA) == ["2", "0"]
        assert await ids(records, person=BERT, limit=1) == ["3"]
        assert await ids(records, person=5) == []
        assert await ids(records, limit=0) == []
        assert list(await records.listed("link", limit=1)) == [link("2", created=9.0, person=ANNA, value={"n": 2})]

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
    async def test_pages_have_each_record_once(self, records: AccessRecords, limit: int) -> None:
        for number in range(11):
            one = link(f"{number}", created=float(number // 4), person=(ANNA, BERT)[number % 2])
            await records.add(one)
            await records.add(dataclasses.replace(one, kind="token", id=f"t{number}"))
        found = await all_ids(records, limit)
        assert sorted(found) == sorted(f"{n}" for n in range(11))
        assert [int(id) // 4 for id in found] == [2] * 3 + [1] * 4 + [0] * 4
        assert await all_ids(records, limit, BERT) == [id for id in found if int(id) % 2]

    async def test_records_added_meanwhile_do_not_shift_the_pages(self, records: AccessRecords) -> None:
        for number in range(4):
            await records.add(link(f"{number}", created=float(number)))
        assert await ids(records, limit=2) == ["3", "2"]
        await records.add(link("new", created=50.0))
        assert await ids(records, limit=2, after="2") == ["1", "0"]
        await records.count_uses({("link", "2"): 1}, last_used=99.0)
        assert await ids(records, limit=2, after="2") == ["1", "0"]

    async def test_after_a_record_that_is_gone_comes_the_first_page(self, records: AccessRecords) -> None:
        """So that deleting page by page deletes all."""
        for number in range(4):
            await records.add(link(f"{number}", created=float(number)))
        await records.delete("link", "2")
        assert await ids(records, limit=2, after="2") == ["3", "1"]

    async def test_a_page_is_bounded(self, records: AccessRecords) -> None:
        for number in range(MAX_LISTED + 2):
            await records.add(link(f"{number}", created=float(number)))
        page = await ids(records, limit=10 * MAX_LISTED)
        assert page == [f"{n}" for n in range(MAX_LISTED + 1, 1, -1)]
        assert await ids(records, limit=10 * MAX_LISTED, after=page[-1]) == ["1", "0"]


class Epochs:
    async def test_the_epoch_advances_for_all(self, records: AccessRecords, elsewhere: AccessRecords) -> None:
        first = await records.epoch()
        assert await elsewhere.epoch() == first
        assert await records.advance() == first + 1
        assert await elsewhere.epoch() == first + 1
        answers = await asyncio.gather(*((records, elsewhere)[n % 2].advance() for n in range(10)))
        assert sorted(answers) == list(range(first + 2, first + 12))
        assert await records.epoch() == first + 11

    async def test_nothing_else_moves_the_epoch(self, records: AccessRecords) -> None:
        await records.advance()
        before = await records.epoch()
        await records.add(link("a", person=ANNA, expires=1.0))
        await records.put(link("b"))
        await records.purge(1e12)
        await records.delete_of(ANNA, KINDS)
        for kind in KINDS:
            await records.trim(kind, keep=0)
        assert await records.epoch() == before


class AccessRecordsContract(Finding, Changing, Bounds, Deleting, Listing, Epochs):
    """To be subclassed."""
