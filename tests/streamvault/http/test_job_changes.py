"""Changes of leech jobs for those who listen: of this process, and those that workers of others write."""

from dataclasses import replace

import pytest

from streamvault.http import job_changes
from streamvault.http.event_hub import EventHub
from streamvault.http.job_changes import OVERLAP, JobChange, JobChanges
from streamvault.http.job_items import job_item
from streamvault.leech.model import Job, State
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from tests.support.job_store import MemoryJobs


class Bench:
    def __init__(self) -> None:
        self.now = 1000.0
        self.store, self.hub = MemoryJobs(), EventHub(kept=5000)
        self.changes = JobChanges(Queue(self.store, Sealing(b"secret")), self.hub, clock=lambda: self.now)

    async def write(self, id: str, **fields: object) -> Job:
        """As a worker elsewhere does."""
        job = Job(id, f"https://host/{id}", -1, 900.0, updated=self.now)
        known = await self.store.get(id)
        if known is None:
            await self.store.add(replace(job, **fields))  # type: ignore[arg-type]
        else:
            await self.store.replace(replace(known, updated=self.now, **fields))  # type: ignore[arg-type]
        found = await self.store.get(id)
        assert found is not None
        return found

    async def told(self) -> list[tuple[str, int]]:
        """What is published by one look."""
        before = self.hub.number("jobs")
        await self.changes.ask()
        found = self.hub.since("jobs", before) or []
        return [(one.item.id, one.item.bytes_done) for one in found if isinstance(one, JobChange)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_what_others_write_is_told_once(bench: Bench) -> None:
    await bench.write("a", bytes_done=1)
    assert await bench.told() == [("a", 1)]
    assert await bench.told() == []
    bench.now += 100
    await bench.write("b", bytes_done=2)
    await bench.write("a", bytes_done=3)
    assert await bench.told() == [("a", 3), ("b", 2)]
    bench.now += 100
    assert await bench.told() == []


async def test_a_renewed_lease_is_no_change(bench: Bench) -> None:
    await bench.write("a")
    await bench.told()
    await bench.write("a", fence=5)
    assert await bench.told() == []


async def test_clocks_of_workers_may_differ(bench: Bench) -> None:
    await bench.told()
    bench.now += 500
    await bench.told()
    await bench.write("a", bytes_done=1)
    slow = await bench.store.get("a")
    assert slow is not None
    await bench.store.replace(replace(slow, updated=bench.now - OVERLAP + 1))
    assert await bench.told() == [("a", 1)]


async def test_what_this_process_writes_is_told_at_once_and_not_again(bench: Bench) -> None:
    job = await bench.write("a", person=5)
    bench.changes.tell(job)
    assert bench.hub.since("jobs", 0) == [JobChange(5, job_item(job))]
    assert await bench.told() == []


async def test_what_was_read_before_is_not_told_after(bench: Bench) -> None:
    old = await bench.write("a", state=State.READING)
    new = await bench.write("a", state=State.DONE)
    bench.changes.tell(new)
    bench.changes.tell(old)
    assert bench.hub.number("jobs") == 1


async def test_many_changes_are_told_by_pages(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_changes, "MAX_LISTED", 10)
    for number in range(64):
        bench.now += 0.25
        await bench.write(f"{number}")
    found = await bench.told()
    while more := await bench.told():
        found += more
    assert sorted(found) == sorted((f"{n}", 0) for n in range(64))


async def test_of_the_same_time_too_many(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on, and does not ask for ever."""
    monkeypatch.setattr(job_changes, "MAX_LISTED", 10)
    for number in range(30):
        await bench.write(f"{number}")
    assert len(await bench.told()) == 10
    bench.now += 2 * OVERLAP
    await bench.told()
    await bench.write("later")
    assert await bench.told() == [("later", 0)]


async def test_a_database_that_fails_is_asked_again(bench: Bench) -> None:
    await bench.write("a")
    bench.store.failing = True
    assert await bench.told() == []
    bench.store.failing = False
    assert await bench.told() == [("a", 0)]
