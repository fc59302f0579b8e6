"""The service that has files looked into, once each."""

import asyncio
import dataclasses
import json
import threading
from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from typing import Any

import pytest

from streamvault.catalog.probes import MOST_LISTED, StoredProbe
from streamvault.errors import NotPlayable, SourceBusy, SourceUnavailable, TooBusy
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.playback import facts as module
from streamvault.playback.facts import FAILURE_LASTS, OF_ONE, FactsService
from streamvault.playback.model import VERSION, Facts, KeyFrame, KeyFrames, Probed, Track
from streamvault.playback.packing import facts_from_json, facts_to_json
from streamvault.reading.lanes import Lane
from tests.support.files import media_file
from tests.support.probes import MemoryProbes
from tests.support.sources import ManualClock
from tests.support.waiting import until

FOUND = Probed(
    Facts("matroska", 24.0, tracks=(Track(0, "video", "h264", "avc1.64001f"),)),
    KeyFrames("clusters", Fraction(1, 1000), (KeyFrame(0, 500), KeyFrame(4000, 90_000)), 24.0, b"header"),
)


class Looker:
    """Answers with FOUND or raises `error`, once `gate` is set; tells who was looked at in which lane."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.seen: list[str] = []
        self.lanes: list[Lane] = []

    async def __call__(self, file: MediaFile, lane: Callable[[], Lane]) -> Probed:
        self.seen.append(file.key.file_unique_id)
        await self.gate.wait()
        self.lanes.append(lane())
        if self.error:
            raise self.error
        return FOUND


@pytest.fixture
def looker() -> Looker:
    return Looker()


@pytest.fixture
def probes() -> MemoryProbes:
    return MemoryProbes()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def service(looker: Looker, probes: MemoryProbes, clock: ManualClock) -> AsyncIterator[FactsService]:
    async with FactsService(looker, probes, clock=clock) as opened:
        yield opened


FILE = media_file(1)


async def test_a_file_is_looked_into_once_and_kept(
    service: FactsService, looker: Looker, probes: MemoryProbes, clock: ManualClock
) -> None:
    assert await asyncio.gather(*(service.of(FILE, within=5, viewer="a") for _ in range(5))) == [FOUND] * 5
    assert await service.of(FILE, within=5, viewer="a") == FOUND
    assert len(looker.seen) == 1
    async with FactsService(looker, probes, clock=clock) as restarted:
        assert await restarted.of(FILE, within=5, viewer="a") == FOUND
    assert len(looker.seen) == 1
    assert looker.lanes == [Lane.PLAYBACK]


async def test_what_other_rules_have_read_is_read_again(looker: Looker, probes: MemoryProbes) -> None:
    async with FactsService(looker, probes) as service:
        await service.of(FILE, within=5, viewer="a")
    key, row = next(iter(probes.rows.items()))
    for version, facts in ((VERSION + 1, row.facts), (VERSION, '{"container": 5}'), (VERSION, "no json")):
        probes.rows[key] = StoredProbe(version, facts, row.keys)
        async with FactsService(looker, probes) as service:
            assert await service.of(FILE, within=5, viewer="a") == FOUND
        assert probes.rows[key] == row
    assert len(looker.seen) == 4


async def test_who_does_not_want_to_wait_asks_again(service: FactsService, looker: Looker) -> None:
    looker.gate.clear()
    assert await service.of(FILE, within=0.01, viewer="a") is None
    looker.gate.set()
    assert await service.of(FILE, within=5, viewer="a") == FOUND
    assert len(looker.seen) == 1


@pytest.mark.parametrize("error", [SourceBusy(30.0), SourceUnavailable("away")])
async def test_a_failure_that_may_pass_is_not_stored(
    service: FactsService, looker: Looker, probes: MemoryProbes, clock: ManualClock, error: Exception
) -> None:
    looker.error = error
    for _ in range(2):
        with pytest.raises(type(error)):
            await service.of(FILE, within=5, viewer="a")
    assert (len(looker.seen), probes.rows) == (1, {})
    looker.error = None
    clock.advance(FAILURE_LASTS)
    assert await service.of(FILE, within=5, viewer="a") == FOUND


async def test_a_database_that_is_away_costs_nothing_but_another_look(
    service: FactsService, looker: Looker, probes: MemoryProbes
) -> None:
    probes.away = True
    assert await service.of(FILE, within=5, viewer="a") == FOUND
    assert await service.of(FILE, within=5, viewer="a") == FOUND
    assert len(looker.seen) == 1


async def test_too_many_files_at_once_are_refused(
    service: FactsService, looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUEUE", 3)
    looker.gate.clear()
    for number in range(3):
        assert await service.of(media_file(number + 1), within=0, viewer="a") is None
    with pytest.raises(TooBusy):
        await service.of(media_file(9), within=0, viewer="a")
    looker.gate.set()
    assert await service.of(media_file(1), within=5, viewer="a") == FOUND


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "document", "name": "book.pdf", "mime_type": "application/pdf"},
        {"kind": "photo", "name": "boat.jpg", "mime_type": "image/jpeg"},
        {"part_of": Origin(-1001500000001, 7)},
        {"size": 0},
    ],
)
async def test_files_that_are_no_films_are_not_looked_into(
    service: FactsService, looker: Looker, changes: dict[str, Any]
) -> None:
    with pytest.raises(NotPlayable):
        await service.of(media_file(1, **changes), within=5, viewer="a")
    assert looker.seen == []


async def test_new_files_are_read_while_nobody_plays(looker: Looker, probes: MemoryProbes, clock: ManualClock) -> None:
    playing = True
    async with FactsService(looker, probes, busy=lambda: playing, clock=clock) as service:
        watch = asyncio.create_task(service.watch())
        for number in (1, 2):
            service.notice(media_file(number, key=FileKey(f"{number}")))
        service.notice(media_file(3, kind="document", name="a.zip", mime_type="application/zip"))
        await until(lambda: len(clock.slept) == 1)
        clock.advance(module.PAUSE)
        await until(lambda: len(clock.slept) == 2)
        assert looker.seen == []
        playing = False
        for count in (1, 2):
            await until(lambda count=count: len(clock.slept) == count + 1)  # type: ignore[misc]
            clock.advance(module.PAUSE)
            await until(lambda count=count: len(looker.lanes) == count)  # type: ignore[misc]
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    assert looker.seen == ["2", "1"]
    assert looker.lanes == [Lane.INDEX] * 2
    assert set(probes.rows) == {"1", "2"}


async def test_one_viewer_s_questions_leave_room_for_others(service: FactsService, looker: Looker) -> None:
    looker.gate.clear()
    for number in range(OF_ONE):
        assert await service.of(media_file(100 + number), within=0.0, viewer="greedy") is None
    with pytest.raises(TooBusy):
        await service.of(media_file(200), within=0.0, viewer="greedy")
    assert await service.of(media_file(100), within=0.0, viewer="greedy") is None
    assert await service.of(media_file(200), within=0.0, viewer="another") is None
    assert await service.of(media_file(200), within=0.0, viewer="greedy") is None
    looker.gate.set()
    assert await service.of(media_file(100 + OF_ONE - 1), within=5, viewer="greedy") == FOUND
    assert await service.of(media_file(300), within=5, viewer="greedy") == FOUND


async def test_what_is_stored_is_told_however_many_films_are_read(
    service: FactsService, looker: Looker, probes: MemoryProbes, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one's own questions nor those of all others keep a viewer from films that were read before."""
    stored = [media_file(number) for number in range(500, 520)]
    async with FactsService(looker, probes, clock=clock) as earlier:
        for file in stored:
            await earlier.of(file, within=5, viewer="a")
    looker.gate.clear()
    monkeypatch.setattr(module, "QUEUE", OF_ONE + 1)
    for number in range(OF_ONE):
        assert await service.of(media_file(100 + number), within=0.0, viewer="greedy") is None
    for file in stored[:10]:
        assert await service.of(file, within=5, viewer="greedy") == FOUND
    assert await service.of(media_file(200), within=0.0, viewer="another") is None
    for file in stored:
        assert await service.of(file, within=5, viewer="third") == FOUND
    with pytest.raises(TooBusy):
        await service.of(media_file(201), within=0.0, viewer="third")


async def test_many_who_ask_for_a_stored_film_cost_one_look_into_the_catalog(
    looker: Looker, probes: MemoryProbes, clock: ManualClock
) -> None:
    async with FactsService(looker, probes, clock=clock) as earlier:
        await earlier.of(FILE, within=5, viewer="a")
    asked = list[str]()
    get = probes.get

    async def counted(file_unique_id: str) -> StoredProbe | None:
        asked.append(file_unique_id)
        await asyncio.sleep(0)
        return await get(file_unique_id)

    probes.get = counted  # type: ignore[method-assign]
    async with FactsService(looker, probes, clock=clock) as service:
        found = await asyncio.gather(*(service.of(FILE, within=5, viewer=f"{n}") for n in range(20)))
    assert (found, len(asked), len(looker.seen)) == ([FOUND] * 20, 1, 1)


@pytest.mark.parametrize("count", [1, 3, 400])
async def test_the_facts_of_a_long_list_do_not_hold_up_streams(
    looker: Looker, probes: MemoryProbes, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """However much their uploaders have put into them: no more than ON_THE_LOOP characters are read at once."""
    long = dataclasses.replace(FOUND.facts, tracks=tuple(Track(n, "audio", "ac3", "ac-3") for n in range(100)))
    row = json.dumps(facts_to_json(long))
    assert MOST_LISTED // 2 < len(row) <= MOST_LISTED
    files = [media_file(number + 1, key=FileKey(f"{number}")) for number in range(count)]
    for file in files:
        probes.rows[file.key.file_unique_id] = StoredProbe(VERSION, row, b"")
    on_the_loop = 0

    def parsed(data: Any) -> Facts:
        nonlocal on_the_loop
        on_the_loop += len(row) if threading.current_thread() is threading.main_thread() else 0
        return facts_from_json(data)

    monkeypatch.setattr(module, "facts_from_json", parsed)
    async with FactsService(looker, probes, clock=clock) as service:
        known = await service.known(files)
    assert known == {file.key.file_unique_id: long for file in files}
    assert on_the_loop == (len(row) if count == 1 else 0)
    assert len(row) <= module.ON_THE_LOOP < 3 * len(row)
