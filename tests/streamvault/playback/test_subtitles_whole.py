"""Whole text tracks: who may have them read, and how often."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from streamvault.errors import NotPlayable, SourceUnavailable, TooBusy
from streamvault.media.model import FileKey, MediaFile
from streamvault.playback import subtitles as module
from streamvault.playback.model import Facts, Probed, Track
from streamvault.playback.packing import NO_KEYS
from streamvault.playback.slots import Slots
from streamvault.playback.subtitles import FAILURE_LASTS, OF_ONE, WAITING, SubtitleService
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.model import Job, JobFailed, Result
from tests.support.files import media_file
from tests.support.hls import FilmSource, cells_over
from tests.support.sources import ManualClock

FOUND = Probed(Facts("matroska", 24.0, tracks=(Track(2, "subtitle", "subrip", ""),)), NO_KEYS)
LINE = b'[0, 1000, "Hello"]\n'


class Jobs:
    """Answers with one line, or raises `failure`, once `gate` is set; its first `killed` jobs are killed."""

    def __init__(self) -> None:
        self.count = 0
        self.gate = asyncio.Event()
        self.failure: Exception | None = None
        self.killed = 0

    async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
        self.count += 1
        await self.gate.wait()
        if self.count <= self.killed:
            raise JobFailed("killed", has_read=True, killed=True)
        if self.failure is not None:
            raise self.failure
        return Result({}, LINE)


@asynccontextmanager
async def service_over(jobs: Jobs, slots: Slots, clock: ManualClock) -> AsyncIterator[SubtitleService]:
    async def probe(_: MediaFile, viewer: str) -> Probed:
        return FOUND

    async with cells_over(FilmSource()) as cells:
        service = SubtitleService(
            jobs, cells, probe=probe, slot=slots.turn, check=slots.check, bounds=Bounds(5.0, 5.0), clock=clock
        )
        try:
            yield service
        finally:
            await service.close()


def film(number: int) -> MediaFile:
    return replace(media_file(number), key=FileKey(f"Film{number}"))


async def test_without_slots_no_track_is_read() -> None:
    jobs = Jobs()
    async with service_over(jobs, Slots(0), ManualClock()) as service:
        with pytest.raises(NotPlayable, match="PLAYBACK_SLOTS=0"):
            await service.whole(film(1), 2, viewer="a")
    assert jobs.count == 0


async def test_a_track_that_is_read_for_long_takes_no_viewer_s_slot() -> None:
    jobs, slots = Jobs(), Slots(1)
    jobs.gate.set()
    async with service_over(jobs, slots, ManualClock()) as service, slots.turn("somebody who plays"):
        assert b"Hello" in await service.whole(film(1), 2, viewer="a")


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (JobFailed("damaged", has_read=True), NotPlayable),
        (JobFailed("no module", has_read=False), SourceUnavailable),
        (SourceUnavailable("no connection"), SourceUnavailable),
    ],
)
async def test_a_track_that_cannot_be_read_is_tried_again_later(failure: Exception, seen: type[Exception]) -> None:
    jobs, clock = Jobs(), ManualClock()
    jobs.gate.set()
    jobs.failure = failure
    async with service_over(jobs, Slots(1), clock) as service:
        for _ in range(3):
            with pytest.raises(seen):
                await service.whole(film(1), 2, viewer="a")
        assert jobs.count == 1
        jobs.failure = None
        assert await service.whole(film(2), 2, viewer="a")
        clock.advance(FAILURE_LASTS)
        assert b"Hello" in await service.whole(film(1), 2, viewer="a")


@pytest.mark.parametrize("times", [1, 2])
async def test_a_process_that_is_killed_is_started_once_more(times: int) -> None:
    jobs = Jobs()
    jobs.gate.set()
    jobs.killed = times
    async with service_over(jobs, Slots(1), ManualClock()) as service:
        if times == 1:
            assert b"Hello" in await service.whole(film(1), 2, viewer="a")
        else:
            with pytest.raises(SourceUnavailable):
                await service.whole(film(1), 2, viewer="a")
    assert jobs.count == 2


async def test_one_viewer_leaves_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WITHIN", 0.0)
    jobs = Jobs()
    async with service_over(jobs, Slots(1), ManualClock()) as service:
        for number in range(WAITING + 1):
            with pytest.raises(TooBusy):
                await service.whole(film(number), 2, viewer="greedy")
        assert len(service._whole) == OF_ONE
        for number in range(10, 10 + WAITING):
            with pytest.raises(TooBusy):
                await service.whole(film(number), 2, viewer=f"viewer {number}")
        assert len(service._whole) == WAITING
        jobs.gate.set()
        await asyncio.gather(*service._whole.values())
        assert b"Hello" in await service.whole(film(1), 2, viewer="greedy")
