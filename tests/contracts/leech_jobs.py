"""The tests that every JobStore passes.

A test module gives an implementation its suite by subclassing JobStoreContract and providing the fixtures `jobs` (open
and empty) and `elsewhere` (the same database as another process has it open).
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.errors import CatalogError
from streamvault.leech import transitions
from streamvault.leech.model import ENDED, Lease, Options, State, Transfer
from streamvault.leech.store.base import MAX_LISTED, MAX_SAME, JobStore
from tests.contracts.leech_job_values import ANNA, BERT, NAMES, add_all, due_ids, ids, job, stored, whole
from tests.support.proof import full

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WAITING = [state for state in State if state not in ENDED and state is not State.PAUSED]


class Values:
    async def test_nothing_is_there_at_first(self, jobs: JobStore) -> None:
        assert await jobs.get("a") is None
        assert not await jobs.replace(job("a", version=1))
        assert await ids(jobs) == []
        assert await due_ids(jobs, 1e12) == []
        assert not await jobs.held(0.0)
        assert not await jobs.same("")
        assert not await jobs.changed(0.0, limit=5)
        assert await jobs.open_by(None) == await jobs.delete_ended(1e12, limit=5) == 0
        assert await jobs.counts() == {}

    @pytest.mark.parametrize("pieces", [0, 1, 4000])
    async def test_all_of_a_job_comes_back(self, jobs: JobStore, elsewhere: JobStore, pieces: int) -> None:
        """Up to a transfer of 8 TB."""
        one = whole("a", pieces)
        assert await jobs.add(one)
        assert await elsewhere.get("a") == stored(one)
        more = replace(one, version=1, bytes_done=one.bytes_done + 1, lease=None, state=State.PAUSED)
        assert await elsewhere.replace(more)
        assert await jobs.get("a") == stored(more, 2)

    async def test_a_job_is_added_once(self, jobs: JobStore) -> None:
        assert await jobs.add(job("a", priority=1))
        assert not await jobs.add(job("a", priority=2))
        assert await jobs.get("a") == stored(job("a", priority=1))

    async def test_names_of_every_script(self, jobs: JobStore) -> None:
        for number, name in enumerate(NAMES):
            one = whole(f"{number}", 1, source=f"https://host/{name}", reason=name, options=Options(name=name))
            described = replace(one.transfer.described, name=name)  # type: ignore[type-var]
            one = replace(one, transfer=Transfer(described, source={name: name}), fingerprint=name)
            assert await jobs.add(one)
            assert await jobs.get(f"{number}") == stored(one)
            assert list(await jobs.same(name)) == [stored(one)]

    async def test_hostile_ids_are_distinct(self, jobs: JobStore) -> None:
        await add_all(jobs, [job(name, priority=number) for number, name in enumerate(NAMES)])
        found = [await jobs.get(name) for name in NAMES]
        assert [one and (one.id, one.priority) for one in found] == [(name, n) for n, name in enumerate(NAMES)]
        assert sorted(await ids(jobs)) == sorted(await due_ids(jobs, 0.0)) == sorted(NAMES)
        assert len(await ids(jobs, limit=5, after=(await ids(jobs, limit=5))[-1])) == 5

    @settings(max_examples=25 if full() else 10, deadline=None, suppress_health_check=SHARED)
    @given(source=st.dictionaries(st.text(), JSON, max_size=5), id=st.text(max_size=30), text=st.text())
    async def test_any_json_of_a_source_is_stored(
        self, jobs: JobStore, source: dict[str, Any], id: str, text: str
    ) -> None:
        one = job(id, transfer=Transfer(source=source), source=text, reason=text, options=Options(name=text))
        known = await jobs.get(id)
        if known is None:
            assert await jobs.add(one)
        else:
            assert await jobs.replace(replace(one, version=known.version))
        assert await jobs.get(id) == stored(one, 1 if known is None else known.version + 1)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    async def test_what_is_no_number_is_refused(self, jobs: JobStore, value: float) -> None:
        with pytest.raises(CatalogError, match="cannot be stored"):
            await jobs.add(job("a", rate=value))
        await jobs.add(job("a"))
        with pytest.raises(CatalogError, match="cannot be stored"):
            await jobs.replace(job("a", version=1, transfer=Transfer(source={"x": value})))
        assert await jobs.get("a") == stored(job("a"))

    async def test_what_was_given_and_got_may_be_changed(self, jobs: JobStore) -> None:
        source: dict[str, Any] = {"seen": [1]}
        await jobs.add(job("a", transfer=Transfer(source=source)))
        source["seen"].append(2)
        found = await jobs.get("a")
        assert found is not None
        found.transfer.source["seen"].append(3)
        assert await jobs.get("a") == stored(job("a", transfer=Transfer(source={"seen": [1]})))


class Comparing:
    async def test_a_job_is_replaced_by_who_read_it(self, jobs: JobStore, elsewhere: JobStore) -> None:
        await jobs.add(job("a"))
        mine, theirs = await jobs.get("a"), await elsewhere.get("a")
        assert mine is not None
        assert theirs is not None
        assert await elsewhere.replace(replace(theirs, wish="cancel"))
        assert not await jobs.replace(replace(mine, priority=5))
        assert await jobs.get("a") == stored(job("a", wish="cancel"), 2)

    async def test_of_many_at_once_one_replaces_it(self, jobs: JobStore, elsewhere: JobStore) -> None:
        await jobs.add(job("a"))
        for version in range(1, 6):
            tries = [(jobs, elsewhere)[n % 2].replace(job("a", version=version, priority=n)) for n in range(10)]
            assert sum(await asyncio.gather(*tries)) == 1
        found = await jobs.get("a")
        assert found is not None
        assert found.version == 6

    async def test_others_stay_as_they_are(self, jobs: JobStore) -> None:
        await add_all(jobs, [job("a"), job("b"), job("ab")])
        assert await jobs.replace(job("b", version=1, priority=9))
        assert [await jobs.get(id) for id in ("a", "ab")] == [stored(job("a")), stored(job("ab"))]
        assert not await jobs.replace(job("a", version=0))
        assert not await jobs.replace(job("a", version=2))

    async def test_twenty_workers_claim_fifty_jobs_each_once(self, jobs: JobStore, elsewhere: JobStore) -> None:
        await add_all(jobs, [job(f"{n}", created=float(n), person=(ANNA, BERT, None)[n % 3]) for n in range(50)])
        taken: dict[str, list[str]] = {}

        async def work(name: str, store: JobStore) -> None:
            while found := await store.due(100.0, each=50):
                for due in found:
                    one = await store.get(due.id)
                    if one is None or not transitions.claimable(one, 100.0):
                        continue
                    if await store.replace(transitions.claim(one, name, now=100.0)):
                        taken.setdefault(due.id, []).append(name)
                        break

        await asyncio.gather(*(work(f"w{n}", (jobs, elsewhere)[n % 2]) for n in range(20)))
        assert sorted(taken) == sorted(f"{n}" for n in range(50))
        assert {id: names for id, names in taken.items() if len(names) != 1} == {}
        found = [await jobs.get(id) for id in taken]
        assert {one.id: [one.lease.worker] for one in found if one and one.lease} == taken


class Due:
    async def test_the_highest_priority_first_then_the_earliest_created(self, jobs: JobStore) -> None:
        order = [("b", 1, 7.0), ("a", 0, 5.0), ("d", 0, 6.0), ("e", 0, 6.0), ("c", -1, 1.0)]
        await add_all(jobs, [job(id, priority=high, created=created) for id, high, created in reversed(order)])
        assert await due_ids(jobs, 0.0) == [id for id, _, _ in order]
        first = (await jobs.due(0.0, each=1))[0]
        assert (first.id, first.person, first.priority, first.created) == ("b", None, 1, 7.0)

    async def test_neither_ended_nor_paused(self, jobs: JobStore) -> None:
        await add_all(jobs, [job(state.value, state=state) for state in State])
        assert sorted(await due_ids(jobs, 0.0)) == sorted(state.value for state in WAITING)

    async def test_at_its_time_and_when_nobody_holds_it(self, jobs: JobStore) -> None:
        lease = Lease("w", until=100.0, fence=1)
        await add_all(jobs, [job("a", due=100.0, state=State.WAITING), job("b", lease=lease, state=State.READING)])
        assert await due_ids(jobs, 99.75) == []
        assert await due_ids(jobs, 100.0) == ["a", "b"]
        assert [one.id for one in await jobs.held(99.75)] == ["b"]
        assert list(await jobs.held(100.0)) == []

    async def test_a_replaced_job_is_due_by_what_it_is_now(self, jobs: JobStore) -> None:
        await jobs.add(job("a"))
        lease = Lease("w", until=100.0, fence=1)
        for version, (change, now, expected) in enumerate([
            ({"due": 50.0}, 49.0, []), ({"due": 1.0}, 49.0, ["a"]), ({"state": State.PAUSED}, 49.0, []),
            ({"lease": lease}, 99.0, []), ({"state": State.READING}, 99.0, ["a"]),
        ], 1):  # fmt: skip
            assert await jobs.replace(job("a", version=version, **change))  # type: ignore[arg-type]
            assert await due_ids(jobs, now) == expected

    async def test_of_each_person_so_many(self, jobs: JobStore) -> None:
        """However many one has queued before the others, they are among those that are due."""
        many = [job(f"{n:04}", created=float(n), person=ANNA, priority=n % 2) for n in range(300)]
        await add_all(jobs, [*many, job("b", created=500.0, person=BERT), job("c", created=600.0)])
        assert await due_ids(jobs, 0.0, each=2) == ["0001", "0003", "b", "c"]
        assert [one.person for one in await jobs.due(0.0, each=1)] == [ANNA, BERT, None]
        assert len(await due_ids(jobs, 0.0, each=250)) == 252
        assert await due_ids(jobs, 0.0, each=0) == []

    async def test_what_is_held_and_whose_it_is(self, jobs: JobStore) -> None:
        for id, until in (("c", 99.0), ("a", 99.0), ("b", 50.0)):
            await jobs.add(job(id, person=None if id == "c" else ANNA, lease=Lease("w", until=until, fence=1)))
        assert [(one.id, one.person) for one in await jobs.held(50.0)] == [("a", ANNA), ("c", None)]


class Listing:
    async def test_the_latest_created_come_first(self, jobs: JobStore) -> None:
        states = [State.QUEUED, State.DONE, State.DONE, State.FAILED]
        for number, created in enumerate([5.0, 1.5, 9.0, 3.0]):
            await jobs.add(job(f"{number}", created=created, person=(ANNA, BERT)[number % 2], state=states[number]))
        await jobs.add(job("n", created=6.0))
        assert await ids(jobs) == ["2", "n", "0", "3", "1"]
        assert await ids(jobs, person=ANNA) == ["2", "0"]
        assert await ids(jobs, states=[State.DONE]) == ["2", "1"]
        assert await ids(jobs, states=[State.DONE, State.FAILED], person=BERT) == ["3", "1"]
        assert await ids(jobs, states=[]) == await ids(jobs, person=5) == await ids(jobs, limit=0) == []
        assert await jobs.counts() == {State.QUEUED: 2, State.DONE: 2, State.FAILED: 1}

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
    async def test_pages_have_each_job_once(self, jobs: JobStore, limit: int) -> None:
        await add_all(jobs, [job(f"{n}", created=float(n // 4), person=(ANNA, BERT)[n % 2]) for n in range(11)])
        found: list[str] = []
        while page := await ids(jobs, limit=limit, after=found[-1] if found else None):
            found += page
            await jobs.add(job(f"new{len(found)}", created=50.0))
        assert sorted(found) == sorted(f"{n}" for n in range(11))
        assert [int(id) // 4 for id in found] == [2] * 3 + [1] * 4 + [0] * 4

    async def test_after_a_job_that_is_gone_comes_the_first_page(self, jobs: JobStore) -> None:
        await add_all(jobs, [job(f"{n}", created=float(n)) for n in range(3)])
        assert await ids(jobs, limit=2, after="gone") == ["2", "1"]

    async def test_a_page_is_bounded(self, jobs: JobStore) -> None:
        await add_all(jobs, [job(f"{n}", created=float(n), updated=float(n)) for n in range(MAX_LISTED + 2)])
        page = await ids(jobs, limit=10 * MAX_LISTED)
        assert page == [f"{n}" for n in range(MAX_LISTED + 1, 1, -1)]
        assert await ids(jobs, limit=10 * MAX_LISTED, after=page[-1]) == ["1", "0"]
        assert len(await jobs.changed(0.0, limit=10 * MAX_LISTED)) == MAX_LISTED

    async def test_what_changed_since(self, jobs: JobStore) -> None:
        await add_all(jobs, [job(f"{n}", updated=float(10 - n)) for n in range(5)])
        assert [one.id for one in await jobs.changed(8.0, limit=9)] == ["2", "1", "0"]
        assert await jobs.replace(job("4", version=1, updated=20.0))
        assert [one.id for one in await jobs.changed(9.0, limit=9)] == ["1", "0", "4"]
        assert [one.id for one in await jobs.changed(0.0, limit=2)] == ["3", "2"]
        assert list(await jobs.changed(0.0, limit=0)) == []

    async def test_the_same_source(self, jobs: JobStore) -> None:
        await add_all(jobs, [job(state.value, state=state, fingerprint="f", created=float(n))
                             for n, state in enumerate(State)])  # fmt: skip
        await jobs.add(job("other", fingerprint="g"))
        found = [one.state for one in await jobs.same("f")]
        assert found == [state for state in reversed(State) if state not in (State.FAILED, State.CANCELLED)]
        await add_all(jobs, [job(f"{n}", fingerprint="g", created=float(n)) for n in range(MAX_SAME + 5)])
        assert len(await jobs.same("g")) == MAX_SAME

    async def test_how_many_somebody_has(self, jobs: JobStore) -> None:
        for person in (ANNA, None):
            await add_all(jobs, [job(f"{person} {state}", state=state, person=person) for state in State])
        assert await jobs.open_by(ANNA) == await jobs.open_by(None) == len(State) - len(ENDED)
        assert await jobs.open_by(BERT) == 0


class Deleting:
    async def test_what_ended_before(self, jobs: JobStore) -> None:
        await add_all(jobs, [job(f"{state}", state=state, updated=10.0) for state in State])
        await jobs.add(job("new", state=State.DONE, updated=20.0))
        assert await jobs.delete_ended(10.0, limit=50) == await jobs.delete_ended(20.0, limit=0) == 0
        assert await jobs.delete_ended(20.0, limit=2) == 2
        assert await jobs.delete_ended(20.0, limit=50) == len(ENDED) - 2
        assert set(await ids(jobs)) == {*(f"{state}" for state in State if state not in ENDED), "new"}


class JobStoreContract(Values, Comparing, Due, Listing, Deleting):
    """All tests of stored jobs."""
