"""The queue of leech jobs."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from streamvault.errors import CatalogError, JobConflict, JobMissing, QuotaExceeded, SourceRefused
from streamvault.leech import transitions
from streamvault.leech.claiming import Bounds
from streamvault.leech.model import Asked, Job, Options, State
from streamvault.leech.queue import KEPT, Queue, Wanted
from streamvault.leech.sealing import Sealing
from streamvault.leech.store.base import JobStore
from streamvault.leech.store.sqlite import SqliteJobs
from tests.support.job_store import MemoryJobs

ANNA, BERT, CARL = 11, 22, 33
CHAT = -1001
SECRET = b"a secret key of many bytes"


class Bench:
    """Queues over one store and one clock, as processes have them."""

    def __init__(self, store: JobStore | None = None, **bounds: int) -> None:
        self.memory = MemoryJobs()
        self.store: JobStore = store or self.memory
        self.now = 1000.0
        self.bounds = Bounds(**{"each": 2, "held": 3, **bounds})
        self.changes: list[Job] = []
        self.queue = self.another()

    def another(self) -> Queue:
        queue = Queue(self.store, Sealing(SECRET), bounds=self.bounds, clock=lambda: self.now)
        queue.on_change = self.changes.append
        return queue

    async def add(self, source: str, person: int | None = ANNA, **more: object) -> Job:
        self.now += 1
        wanted = Wanted(source if ":" in source else f"https://host/{source}", CHAT, person, **more)  # type: ignore[arg-type]
        added = await self.queue.add(wanted)
        assert added.new
        return added.job


@pytest.fixture
def bench() -> Bench:
    return Bench()


class TestAdding:
    async def test_a_job_is_queued(self, bench: Bench) -> None:
        job = await bench.add("film.mkv", options=Options("Film", zip=True))
        assert (job.source, job.chat_id, job.person, job.state) == ("https://host/film.mkv", CHAT, ANNA, State.QUEUED)
        assert (job.options, job.created, job.version) == (Options("Film", zip=True), bench.now, 1)
        assert await bench.queue.get(job.id) == job
        assert bench.changes == [job]

    async def test_credentials_are_stored_encrypted(self, bench: Bench) -> None:
        """H15."""
        job = await bench.add("https://user:p%40ss@host/x.mkv")
        assert "p%40ss" not in repr(bench.memory.stored)
        assert "user" not in repr(bench.memory.stored)
        assert job.source == "https://host/x.mkv"
        assert bench.queue.address(job) == "https://user:p%40ss@host/x.mkv"
        assert bench.queue.address(await bench.add("y.mkv")) == "https://host/y.mkv"

    async def test_of_another_job_or_under_another_key_they_are_not_readable(self, bench: Bench) -> None:
        job, other = await bench.add("https://u:p@host/x"), await bench.add("https://u:p@host/y")
        rotated = Queue(bench.store, Sealing(b"the next secret key", old=(SECRET,)))
        assert rotated.address(job) == "https://u:p@host/x"
        moved = replace(job, sealed=other.sealed)
        for queue, one in ((Queue(bench.store, Sealing(b"another secret key")), job), (bench.queue, moved)):
            with pytest.raises(SourceRefused, match="another SECRET_KEY"):
                queue.address(one)
        with pytest.raises(SourceRefused, match="another SECRET_KEY"):
            bench.queue.address(replace(job, sealed="no base64"))

    @pytest.mark.parametrize(
        ("first", "again"),
        [("https://host/x", "HTTPS://host:443/x#a"), ("https://u:p@host/x", "https://u:p@HOST/x"),
         ("ftp://host/%7Ea", "ftp://host/~a")],
    )  # fmt: skip
    async def test_the_same_source_is_the_same_job(self, bench: Bench, first: str, again: str) -> None:
        job = await bench.add(first)
        added = await bench.queue.add(Wanted(again, CHAT, BERT))
        assert (added.new, added.job) == (False, job)
        assert len(bench.memory.stored) == 1

    async def test_another_wish_is_another_job(self, bench: Bench) -> None:
        await bench.add("https://host/x")
        for wanted in (
            Wanted("https://host/x", CHAT - 1, ANNA), Wanted("https://host/x", CHAT, ANNA, Options(zip=True)),
            Wanted("https://host/x?a", CHAT, ANNA), Wanted("https://u:p@host/x", CHAT, ANNA),
            Wanted("https://u:other@host/x", CHAT, ANNA),
        ):  # fmt: skip
            assert (await bench.queue.add(wanted)).new

    @pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
    async def test_what_came_to_nothing_is_no_duplicate(self, bench: Bench, state: State) -> None:
        job = await bench.add("x")
        await bench.store.replace(replace(job, state=state))
        await bench.add("x")

    async def test_what_is_done_is_one_as_long_as_it_is_there(self, bench: Bench) -> None:
        job, there = await bench.add("x"), [True]

        async def still_there(asked: Job) -> bool:
            assert asked.id == job.id
            return there[0]

        bench.queue.still_there = still_there
        await bench.store.replace(replace(job, state=State.DONE))
        assert not (await bench.queue.add(Wanted("https://host/x", CHAT, BERT))).new
        there[0] = False
        assert (await bench.queue.add(Wanted("https://host/x", CHAT, BERT))).new

    async def test_of_many_at_once_one_is_added(self, tmp_path: Path) -> None:
        async with SqliteJobs(tmp_path / "jobs.db") as store:
            bench = Bench(store)
            added = await asyncio.gather(*(bench.queue.add(Wanted("https://host/x", CHAT, ANNA)) for _ in range(20)))
            assert Counter(one.new for one in added) == {True: 1, False: 19}
            assert len({one.job.id for one in added}) == 1

    async def test_nobody_queues_more_than_so_many(self) -> None:
        bench = Bench(open=3)
        jobs = [await bench.add(f"{n}") for n in range(3)]
        wanted = Wanted("https://host/more", CHAT, ANNA)
        with pytest.raises(QuotaExceeded, match="3 jobs that have not ended"):
            await bench.queue.add(wanted)
        await bench.add("more", BERT)
        await bench.add("other", None)
        await bench.queue.cancel(jobs[0].id)
        assert not (await bench.queue.add(wanted)).new
        await bench.add("last")
        with pytest.raises(QuotaExceeded):
            await bench.queue.retry(jobs[0].id)
        assert (await bench.queue.retry(jobs[1].id)) == jobs[1]

    async def test_what_is_no_address_is_refused(self, bench: Bench) -> None:
        with pytest.raises(SourceRefused, match="begin with one of"):
            await bench.queue.add(Wanted("file:///etc/passwd", CHAT))
        assert bench.memory.stored == {}


class TestAsking:
    async def test_everything_that_people_do(self, bench: Bench) -> None:
        job = await bench.add("x")
        queue = bench.queue
        expected = [(queue.pause, State.PAUSED), (queue.resume, State.QUEUED), (queue.cancel, State.CANCELLED),
                    (queue.retry, State.QUEUED)]  # fmt: skip
        for number, (ask, state) in enumerate(expected, 2):
            changed = await ask(job.id, person=ANNA)
            assert (changed.state, changed.version) == (state, number)
            assert await queue.get(job.id) == changed == bench.changes[-1]

    async def test_what_cannot_be_done_says_why(self, bench: Bench) -> None:
        job = await bench.add("x")
        await bench.store.replace(replace(job, state=State.DONE))
        for ask in (bench.queue.pause, bench.queue.resume, bench.queue.cancel, bench.queue.retry):
            with pytest.raises(JobConflict, match="done"):
                await ask(job.id)

    async def test_jobs_of_others_are_none(self, bench: Bench) -> None:
        job, nobodys = await bench.add("x", ANNA), await bench.add("y", None)
        asks = [bench.queue.get, bench.queue.pause, bench.queue.resume, bench.queue.cancel, bench.queue.retry]
        for ask in asks:
            for id in (job.id, nobodys.id, "none", "\ud800"):
                with pytest.raises(JobMissing):
                    await ask(id, person=BERT)
        assert [one.id for one in await bench.queue.listed(person=ANNA, limit=9)] == [job.id]
        assert [one.id for one in await bench.queue.listed(limit=9)] == [nobodys.id, job.id]

    async def test_what_is_already_so_is_not_written(self, bench: Bench) -> None:
        job = await bench.add("x")
        paused = await bench.queue.pause(job.id)
        assert await bench.queue.pause(job.id) == paused
        assert len(bench.changes) == 2

    async def test_all_at_once(self, tmp_path: Path) -> None:
        """People and a worker change one job at the same time: nothing is lost."""
        async with SqliteJobs(tmp_path / "jobs.db") as store:
            bench = Bench(store)
            job = await bench.add("x")
            held = await bench.queue.claim("w")
            assert held is not None
            renewed, *_ = await asyncio.gather(
                bench.queue.renew(held), *(bench.another().cancel(job.id) for _ in range(5)), bench.queue.renew(held)
            )
            assert renewed is not None
            found = await bench.queue.get(job.id)
            assert (found.wish, found.lease) == ("cancel", renewed.lease)

    async def test_the_database_fails(self, bench: Bench) -> None:
        job = await bench.add("x")
        bench.memory.failing = True
        with pytest.raises(CatalogError):
            await bench.queue.pause(job.id)


class TestClaiming:
    async def take(self, bench: Bench, count: int) -> list[str]:
        """The sources that are taken up one after another."""
        found = [await bench.queue.claim("w") for _ in range(count)]
        return ["" if one is None else one.source.rpartition("/")[2] for one in found]

    async def test_the_highest_priority_then_the_earliest(self) -> None:
        bench = Bench(each=9, held=9)
        for name, priority in (("a", 0), ("b", 1), ("c", 0), ("d", 1)):
            await bench.add(name, priority=priority)
        assert await self.take(bench, 5) == ["b", "d", "a", "c", ""]

    async def test_whoever_has_the_fewest_is_next(self) -> None:
        bench = Bench(each=9, held=9)
        for name, person in (("a1", ANNA), ("a2", ANNA), ("a3", ANNA), ("b1", BERT), ("b2", BERT), ("c1", None)):
            await bench.add(name, person)
        assert await self.take(bench, 6) == ["a1", "b1", "c1", "a2", "b2", "a3"]

    async def test_nobody_waits_behind_hundreds_of_another(self) -> None:
        bench = Bench(each=2, held=3)
        for number in range(200):
            await bench.add(f"a{number}", ANNA)
        await bench.add("b", BERT)
        assert await self.take(bench, 4) == ["a0", "b", "a1", ""]

    async def test_bounds_of_each_and_of_all(self) -> None:
        bench = Bench(each=1, held=2)
        for name, person in (("a1", ANNA), ("a2", ANNA), ("b1", BERT), ("c1", CARL)):
            await bench.add(name, person)
        assert await self.take(bench, 3) == ["a1", "b1", ""]
        held = await bench.queue.get(next(one.id for one in bench.memory.stored.values() if one.source.endswith("b1")))
        await bench.queue.save(held, lambda job: transitions.done(job, now=bench.now))
        assert await self.take(bench, 2) == ["c1", ""]

    async def test_who_is_alone_may_have_all_places_until_somebody_comes(self) -> None:
        bench = Bench(each=1, held=2)
        for name in ("a1", "a2", "a3"):
            await bench.add(name, ANNA)
        assert await self.take(bench, 3) == ["a1", "a2", ""]
        await bench.add("b1", BERT)
        held = await bench.queue.get(next(one.id for one in bench.memory.stored.values() if one.source.endswith("a1")))
        await bench.queue.save(held, lambda job: transitions.done(job, now=bench.now))
        assert await self.take(bench, 2) == ["b1", ""]

    async def test_a_lease_that_ended_makes_room(self) -> None:
        bench = Bench(each=1, held=1)
        await bench.add("a")
        assert await self.take(bench, 2) == ["a", ""]
        bench.now += transitions.LEASE
        assert await self.take(bench, 2) == ["a", ""]

    async def test_what_is_wished_of_a_worker_that_ended(self, bench: Bench) -> None:
        job, other = await bench.add("a"), await bench.add("b")
        held = await bench.queue.claim("w")
        assert held is not None
        await bench.queue.cancel(job.id)
        bench.now += transitions.LEASE
        assert await self.take(bench, 2) == ["b", ""]
        assert (await bench.queue.get(job.id)).state is State.CANCELLED
        assert (await bench.queue.get(other.id)).state is State.READING

    async def test_twenty_processes_take_up_fifty_jobs_each_once(self, tmp_path: Path) -> None:
        async with AsyncExitStack() as stack:
            stores = [await stack.enter_async_context(SqliteJobs(tmp_path / "jobs.db")) for _ in range(2)]
            bench = Bench(stores[0], each=50, held=50)
            for number in range(50):
                await bench.add(f"{number}", (ANNA, BERT, None)[number % 3])
            taken = Counter[str]()

            async def work(name: str, store: JobStore) -> None:
                queue = Queue(store, Sealing(SECRET), bounds=bench.bounds, clock=lambda: bench.now)
                while job := await queue.claim(name):
                    assert job.lease is not None
                    assert job.lease.worker == name
                    taken[job.id] += 1

            await asyncio.gather(*(work(f"w{n}", stores[n % 2]) for n in range(20)))
            assert len(taken) == 50
            assert set(taken.values()) == {1}

    async def test_processes_that_claim_at_once_hold_no_more_than_may_be(self, tmp_path: Path) -> None:
        async with SqliteJobs(tmp_path / "jobs.db") as store:
            bench = Bench(store, each=2, held=3)
            for number in range(30):
                await bench.add(f"{number}", (ANNA, BERT)[number % 2])
            queues = [bench.another() for _ in range(10)]
            found = await asyncio.gather(*(queue.claim(f"w{n}") for n, queue in enumerate(queues)))
            held = await store.held(bench.now)
            assert sorted(one.id for one in held) == sorted(one.id for one in found if one is not None)
            assert len(held) <= 3
            assert max(Counter(one.person for one in held).values(), default=0) <= 2


class TestSaving:
    async def test_a_wish_that_came_meanwhile_is_kept_and_known(self, bench: Bench) -> None:
        job = await bench.add("x")
        held = await bench.queue.claim("w")
        assert held is not None
        await bench.queue.pause(job.id)
        saved = await bench.queue.save(held, lambda one: replace(one, bytes_done=5))
        assert saved is not None
        assert (saved.wish, saved.bytes_done) == ("pause", 5)
        assert await bench.queue.get(job.id) == saved == bench.changes[-1]
        assert await bench.queue.save(saved, lambda one: transitions.settled(one, now=bench.now))
        assert (await bench.queue.get(job.id)).state is State.PAUSED

    @pytest.mark.parametrize("change", [lambda queue, job: queue.renew(job), lambda queue, job: queue.save(job, _five)])
    async def test_who_lost_the_lease_writes_nothing(
        self, bench: Bench, change: Callable[[Queue, Job], "asyncio.Future[Job | None]"]
    ) -> None:
        await bench.add("x")
        first = await bench.queue.claim("first")
        assert first is not None
        bench.now += transitions.LEASE
        second = await bench.queue.claim("second")
        assert second is not None
        assert await change(bench.queue, first) is None
        assert await bench.queue.get(second.id) == second
        assert await change(bench.queue, second) is not None

    async def test_a_job_that_was_deleted(self, bench: Bench) -> None:
        await bench.add("x")
        held = await bench.queue.claim("w")
        assert held is not None
        bench.memory.stored.clear()
        assert await bench.queue.renew(held) is None

    async def test_what_ended_long_ago_is_forgotten(self, bench: Bench) -> None:
        old, new, waiting = await bench.add("x"), await bench.add("y"), await bench.add("z")
        await bench.queue.cancel(old.id)
        bench.now += KEPT
        await bench.queue.cancel(new.id)
        bench.now += 1
        assert await bench.queue.forget_ended() == 1
        assert sorted(bench.memory.stored) == sorted([new.id, waiting.id])


def _five(job: Job) -> Job:
    return replace(job, bytes_done=5)


class TestTelling:
    async def test_that_an_end_was_told_is_stored_with_it(self, bench: Bench) -> None:
        job = await bench.add("film.mkv", asked=Asked(9, ANNA, 42))
        ended = await bench.queue.cancel(job.id)
        await bench.queue.told(ended)
        told = await bench.queue.get(job.id)
        assert told.asked == Asked(9, ANNA, 42, told=ended.updated)
        assert replace(told, asked=ended.asked, version=ended.version) == ended

    async def test_what_goes_on_meanwhile_is_left_alone(self, bench: Bench) -> None:
        job = await bench.add("film.mkv", asked=Asked(9, ANNA, 42))
        ended = await bench.queue.cancel(job.id)
        retried = await bench.queue.retry(job.id)
        await bench.queue.told(ended)
        assert await bench.queue.get(job.id) == retried

    async def test_of_a_job_from_elsewhere_nothing_is_told(self, bench: Bench) -> None:
        ended = await bench.queue.cancel((await bench.add("film.mkv")).id)
        await bench.queue.told(ended)
        assert await bench.queue.get(ended.id) == ended
