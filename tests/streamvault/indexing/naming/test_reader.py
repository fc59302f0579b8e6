"""Names are read in the background until the catalog has no unread ones, also after failures."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from streamvault.catalog.base import UnparsedName
from streamvault.errors import CatalogError
from streamvault.indexing.naming.process import NameProcess
from streamvault.indexing.naming.protocol import NO_FACTS, VERSION
from streamvault.indexing.naming.reader import BATCH, DATABASE_DELAY, NameReader
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts
from tests.support.steady_loop import wait_faster
from tests.support.waiting import until

PROGRAM = "tests.support.name_program"


class Names:
    """The two calls of a catalog; the first `fail` calls fail, and with `deaf` nothing is stored."""

    def __init__(self, *names: str, kind: Kind = "video") -> None:
        self.waiting: dict[str, UnparsedName] = {}
        self.known: dict[str, NameFacts] = {}
        self.batches: list[int] = []
        self.fail = 0
        self.deaf = False
        self.asked = 0
        self.add(*names, kind=kind)

    def add(self, *names: str, kind: Kind = "video") -> None:
        for name in names:
            self.waiting[f"id {name}"] = UnparsedName(f"id {name}", name, kind)

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
        assert version == VERSION
        self.asked += 1
        self._fail()
        return tuple(reversed(self.waiting.values()))[:limit]

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None:
        assert {one.file_unique_id for one in parsed} == facts.keys()
        self._fail()
        self.batches.append(len(facts))
        if not self.deaf:
            self.known |= facts
            self.waiting = {key: unread for key, unread in self.waiting.items() if key not in facts}

    def _fail(self) -> None:
        if self.fail:
            self.fail -= 1
            raise CatalogError("the database is away")


def reader(names: Names, child: NameProcess, *, idle: float = 30.0) -> NameReader:
    return NameReader(names, child=child, idle=idle, first_delay=0.01)


@pytest.fixture
def child() -> NameProcess:
    return NameProcess(program=PROGRAM)


async def test_unread_names_are_read_at_the_start_and_after_a_wake(child: NameProcess) -> None:
    names = Names(*(f"film {number}" for number in range(120)))
    async with reader(names, child) as reading:
        await until(lambda: not names.waiting)
        names.add("late")
        reading.wake()
        await until(lambda: not names.waiting)
        assert reading.read == 121
        pid = child.pid
    assert names.batches == [BATCH, BATCH, 20, 1]
    assert names.known["id film 7"] == NameFacts(VERSION, title="film 7")
    assert names.known["id late"].title == "late"
    assert not Path(f"/proc/{pid}").exists()


async def test_files_that_nobody_named_need_no_process(child: NameProcess) -> None:
    names = Names("photo-7.jpg", kind="photo")
    async with reader(names, child):
        await until(lambda: not names.waiting)
        assert child.pid is None
    assert names.known == {"id photo-7.jpg": NO_FACTS}


@pytest.mark.parametrize(
    "camera", ["VID_20240105_120000.mp4", "IMG_4432.MOV", "PXL_20230101_101010.mp4", "GX010023.MP4"]
)
async def test_a_sentence_beside_a_recording_names_no_film(child: NameProcess, camera: str) -> None:
    """C: a year in it is no film's; one that is written like a film's name is read."""
    names = Names()
    sent = {"Trip to Oslo 2022.mp4": camera, "Cold Ledger 2009 720p.mp4": camera, "Paper Moons 2011.mp4": "movie.mp4"}
    for name, sent_name in sent.items():
        names.waiting[f"id {name}"] = UnparsedName(f"id {name}", name, "video", sent_name)
    async with reader(names, child):
        await until(lambda: not names.waiting)
    assert {name for name in sent if names.known[f"id {name}"] == NO_FACTS} == {"Trip to Oslo 2022.mp4"}


async def test_bad_names_do_not_hold_up_the_rest(child: NameProcess) -> None:
    names = Names("old", "bomb", "crash", "new")
    async with reader(names, child):
        await until(lambda: not names.waiting, timeout=30)
    assert {key: facts.title for key, facts in names.known.items()} == {
        "id old": "old", "id bomb": "", "id crash": "", "id new": "new",
    }  # fmt: skip


@pytest.mark.parametrize("failures", range(1, 5))
async def test_an_unavailable_catalog_is_waited_for(child: NameProcess, failures: int) -> None:
    names = Names("one", "two")
    names.fail = failures
    async with reader(names, child) as reading:
        await until(lambda: not names.waiting)
        names.fail = failures
        names.add("three")
        reading.wake()
        await until(lambda: not names.waiting)
    assert set(names.known) == {"id one", "id two", "id three"}


async def test_an_unavailable_process_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    names = Names("one")
    with caplog.at_level(logging.WARNING):
        async with reader(names, NameProcess(program="streamvault.no_such_module")):
            await until(lambda: names.asked >= 3, timeout=30)
    assert names.waiting
    assert "streamvault.no_such_module" in caplog.text


async def test_a_catalog_that_stores_nothing_is_not_queried_in_a_loop(child: NameProcess) -> None:
    names = Names("one")
    names.deaf = True
    async with NameReader(names, child=child, first_delay=3600):
        await until(lambda: names.asked >= 2)
        assert names.batches == [1]


async def test_the_idle_process_ends_and_is_started_again_when_needed(child: NameProcess) -> None:
    names = Names("one")
    async with reader(names, child, idle=0.05) as reading:
        await until(lambda: not names.waiting)
        pid = child.pid
        await until(lambda: child.pid is None and not Path(f"/proc/{pid}").exists())
        names.add("two")
        reading.wake()
        await until(lambda: not names.waiting)
    assert set(names.known) == {"id one", "id two"}


@pytest.mark.parametrize("name", ["one", "sleep"])
async def test_leaving_the_context_during_a_read_ends_the_process(child: NameProcess, name: str) -> None:
    names = Names(name)
    async with reader(names, child):
        pid = await until(lambda: child.pid)
    assert not Path(f"/proc/{pid}").exists()
    assert child.pid is None


async def test_an_unexpected_error_is_raised_by_watch_and_on_exit(child: NameProcess) -> None:
    class Broken(Names):
        async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
            raise ZeroDivisionError

    reading = reader(Broken(), child)
    with pytest.raises(ZeroDivisionError):
        async with reading:
            await asyncio.wait_for(reading.watch(), 5)


@pytest.mark.parametrize("away", [10.0, 40.0, 90.0])
async def test_names_are_asked_for_within_seconds_of_the_databases_return(away: float) -> None:
    """However long the database was away; on a clock that runs fifty times as fast."""
    wait_faster(50.0)
    clock = asyncio.get_running_loop().time
    back = clock() + away
    asked: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    class Away(Names):
        async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
            if clock() < back:
                raise CatalogError("away")
            if not asked.done():
                asked.set_result(clock() - back)
            return ()

    async with NameReader(Away()):
        assert await asked <= DATABASE_DELAY + 0.5
