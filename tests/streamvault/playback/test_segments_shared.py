"""Point 7: segments for many viewers on few slots, and while processes are killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from streamvault.errors import NotPlayable, SourceUnavailable, TooBusy
from streamvault.media.model import MediaFile
from streamvault.playback.model import Probed
from streamvault.playback.segments import Film, Runs, SegmentService
from streamvault.playback.slots import HOLD, VIEWERS, Slots
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, Result
from streamvault.server.media import IN_SANDBOX
from tests.support import chirp_films
from tests.support.files import media_file
from tests.support.hls import FilmSource, cells_over, cut, probed
from tests.support.sandboxed import alive
from tests.support.sources import ManualClock
from tests.support.waiting import until


class Killing:
    """Runs jobs of a sandbox, and kills what it is told to when a job first reads: its "fork", or the "origin"."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.kill: list[str] = []
        self.runs = 0

    async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
        self.runs += 1
        victims = [self.kill.pop()] if self.kill else []

        async def reading(cells: range) -> bytes:
            assert self.sandbox._origin is not None
            for victim in victims:
                [fork] = self.sandbox._origin.forks.values()
                await until(lambda: fork.pid is not None)  # noqa: B023  it is told beside the job's messages
                pid = self.sandbox.origin if victim == "origin" else fork.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                await until(lambda: not alive(fork.pid or 0))  # noqa: B023  it dies after its origin, and could answer
            victims.clear()
            return await read(cells)

        return await self.sandbox.run(job, reading)


@asynccontextmanager
async def service_over(runs: Runs, slots: "Slots | Places") -> AsyncIterator[tuple[SegmentService, Film]]:
    """A service with a film of two segments."""
    path = chirp_films.short_film()
    source, known = FilmSource(), probed(path)
    file = replace(media_file(size=path.stat().st_size), name=path.name)
    source.data[file.key.file_unique_id] = path.read_bytes()

    async def probe(_: MediaFile, viewer: str) -> Probed:
        return known

    async with cells_over(source) as cells:
        service = SegmentService(
            runs, cells, probe=probe, cut=cut, slot=slots.turn, admit=slots.admit, bounds=Bounds(30.0, 30.0), memory=0
        )
        try:
            yield service, await service.film(file, viewer="a")
        finally:
            await service.close()


async def test_viewers_share_few_slots_and_one_too_many_gets_in_later() -> None:
    clock = ManualClock()
    slots = Slots(2, clock=clock)
    most = 0

    class Watched:
        async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
            nonlocal most
            most = max(most, sandbox.running + 1)
            return await sandbox.run(job, read)

    viewers = [f"viewer {number}" for number in range(2 * VIEWERS)]
    async with Sandbox(IN_SANDBOX) as sandbox, service_over(Watched(), slots) as (service, film):
        sound = next(track.index for track in film.timeline.facts.of_type("audio"))
        wanted = [(track, number) for track in (film.video, sound) for number in range(len(film.timeline.cuts))]
        first = await asyncio.gather(
            *(service.segment(film, *wanted[n % len(wanted)], viewer=viewer) for n, viewer in enumerate(viewers))
        )
        assert {data[4:8] for data in first} == {b"moof"}
        assert len(set(first)) == len(wanted)
        assert most <= 2
        with pytest.raises(TooBusy) as caught:
            await service.segment(film, film.video, 0, viewer="one too many")
        assert 1 <= caught.value.retry_after <= HOLD
        clock.advance(caught.value.retry_after)
        assert await service.segment(film, *wanted[0], viewer="one too many") == first[0]


@pytest.mark.parametrize("victim", ["fork", "origin"])
async def test_killing_the_process_of_a_segment_is_not_seen_by_the_viewer(victim: str) -> None:
    async with Sandbox(IN_SANDBOX) as sandbox:
        killing = Killing(sandbox)
        async with service_over(killing, Slots(1)) as (service, film):
            whole = await service.segment(film, film.video, 0, viewer="a")
            killing.runs = 0
            killing.kill = [victim]
            assert await service.segment(film, film.video, 0, viewer="a") == whole
            assert killing.runs == 2
            killing.kill = [victim, victim]
            with pytest.raises(SourceUnavailable):
                await service.segment(film, film.video, 0, viewer="a")
            assert await service.segment(film, film.video, 0, viewer="a") == whole


async def test_without_slots_there_are_no_segments() -> None:
    async with Sandbox(IN_SANDBOX) as sandbox, service_over(sandbox, Slots(0)) as (service, film):
        with pytest.raises(NotPlayable, match="PLAYBACK_SLOTS=0"):
            await service.segment(film, film.video, 0, viewer="a")
        assert sandbox.origin is None


class Places:
    """A place for all viewers but those refused, whose refusal waits for `gate`."""

    def __init__(self, *refused: str) -> None:
        self.refused, self.asked, self.gate = refused, list[str](), asyncio.Event()

    def admit(self, viewer: str) -> None:
        """Nobody is refused before a job is needed."""

    @asynccontextmanager
    async def turn(self, viewer: str) -> AsyncIterator[None]:
        self.asked.append(viewer)
        if viewer in self.refused:
            await self.gate.wait()
            raise TooBusy(3.0)
        yield


Ask = Callable[[SegmentService, Film, str], Awaitable[object]]
ASKED: dict[str, Ask] = {
    "picture": lambda service, film, viewer: service.segment(film, film.video, 1, viewer=viewer),
    "sound": lambda service, film, viewer: service.segment(film, film.video + 1, 0, viewer=viewer),
    "initialization": lambda service, film, viewer: service.initialization(film, film.video, viewer=viewer),
    "playlist": lambda service, film, viewer: service.sound_durations(film, film.video + 1, viewer=viewer),
}


@pytest.mark.parametrize("what", ASKED)
async def test_who_has_a_place_is_not_refused_with_another_whose_job_is_shared(what: str) -> None:
    places = Places("a", "b")
    async with Sandbox(IN_SANDBOX) as sandbox, service_over(sandbox, places) as (service, film):
        asked = [asyncio.ensure_future(ASKED[what](service, film, viewer)) for viewer in ("a", "b", "c", "d")]
        await until(lambda: places.asked == ["a"])
        places.gate.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answer, TooBusy) for answer in answers] == [True, True, False, False]
    assert answers[2] == answers[3]
    assert not isinstance(answers[2], Exception)
    assert places.asked[:3] == ["a", "b", "c"]
