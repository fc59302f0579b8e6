"""Point 9: files that are damaged, or made to cost much, harm nothing but the process that reads them.

Each job ends within its bounds with a result or with JobFailed, asks for nothing outside of its file, and leaves the
process that it was forked from, which runs the next one, as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from streamvault.media.cells import CELL
from streamvault.playback import playlists
from streamvault.playback.model import Probed
from streamvault.playback.packing import MOST_KEYS, facts_from_json, unpack_keys
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from streamvault.reading.frames.extractor import MODULE as STILLS
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Call, Job, JobFailed, JobLimits, Result
from streamvault.server.media import IN_SANDBOX
from tests.support.ffmpeg_films import AAC, AC3, H264, Sound, Words
from tests.support.ffmpeg_films import Film as Recipe
from tests.support.mutations import costly, damaged
from tests.support.proof import full
from tests.support.repackaged import Film
from tests.support.stills import children

LIMITS = JobLimits(read=16 << 20, cpu=6, wall=60.0, memory=512 << 20, result=16 << 20, nice=0)
MAKING = "streamvault.playback.making"
SHAPE = {"video": H264, "sounds": (Sound(AC3, channels=6), Sound(AAC)), "seconds": 6.0, "size": "160x90"}
SEEDS = {
    "mkv": Recipe("mkv", **SHAPE, words=(Words("srt"),)),  # type: ignore[arg-type]
    "mp4": Recipe("mp4", **SHAPE, words=(Words("mov_text"),)),  # type: ignore[arg-type]
    "ts": Recipe("ts", **SHAPE),  # type: ignore[arg-type]
    "avi": Recipe("avi", **SHAPE),  # type: ignore[arg-type]
}


class Recorded(Film):
    """A film, and the jobs that make its segments."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.jobs: list[Job] = []

    def run(self, function: Callable[[Call], Mapping[str, Any]], **arguments: Any) -> tuple[Mapping[str, Any], bytes]:
        self.add(f"{function.__module__}:{function.__name__}", arguments)
        return super().run(function, **arguments)

    def add(self, function: str, arguments: Mapping[str, Any]) -> None:
        header = (self.header,) if self.header else ()
        self.jobs.append(Job(function, len(self.data), arguments=arguments, blobs=header, limits=LIMITS))


def jobs_of(name: str) -> tuple[bytes, list[Job]]:
    """A film, and the jobs that read it in the course of its playing."""
    film = Recorded.of(SEEDS[name].path, seconds=2.0)
    assert isinstance(film, Recorded)
    told, _ = film.opening()
    for track in (film.video, film.sounds[0]):
        assert film.segment(told, track, 0)
    place = {"track": 3, "video": film.video, "position": film.cuts[0][1]}
    film.add(f"{MAKING}.cues:segment_cues", {**film.common(0), **place})
    film.add(f"{MAKING}.cues:track_cues", {"track": 3, "origin": 0.0})
    film.add(f"{STILLS}:take_still", {"duration": 0})
    return film.data, film.jobs


def probe_of(data: bytes) -> Job:
    return Job(f"{MAKING}.probe:probe", len(data), limits=LIMITS)


def use(result: Result | None, size: int) -> bool:
    """Do what the server does with the result of a probe; whether the film can be played."""
    if result is None:
        return False
    facts, keys = facts_from_json(result.answer["facts"]), unpack_keys(result.data)
    assert len(keys.keys) <= MOST_KEYS
    timeline = Timeline(Probed(facts, keys), cut(keys), size)
    if facts.reason or facts.video is None or not timeline.cuts:
        return False
    listed = playlists.media(timeline.durations(), folder="video")
    assert "nan" not in listed
    assert "inf," not in listed
    assert playlists.master(timeline).startswith("#EXTM3U")
    for number in range(len(timeline.cuts)):
        found = timeline.bytes_of(number)
        assert found is None or 0 <= found.start < found.stop <= size
    return True


class Harm:
    """Runs jobs over bytes, and checks that each stays within its bounds."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.results = self.shown = 0
        self.failures: list[str] = []

    async def run(self, job: Job, data: bytes) -> Result | None:
        """The result, None where the job failed."""
        read = 0

        async def cells(wanted: range) -> bytes:
            nonlocal read
            read += len(wanted) * CELL
            assert wanted.start * CELL < len(data)
            assert (wanted.stop - 1) * CELL < len(data)
            return data[wanted.start * CELL : wanted.stop * CELL]

        origin = self.sandbox.origin
        result, failure = None, None
        try:
            result = await self.sandbox.run(job, cells)
        except JobFailed as failed:
            failure = failed
        if failure is not None:
            self.failures.append(failure.reason)
            assert not failure.killed, failure
        if result is not None:
            self.results += 1
            assert len(result.data) <= job.limits.result
        assert read <= job.limits.read
        assert self.sandbox.origin is not None
        assert origin in (None, self.sandbox.origin)
        assert self.sandbox.running == 0
        assert not children()
        return result


@pytest.mark.parametrize("name", SEEDS)
async def test_the_undamaged_films_can_be_read(name: str) -> None:
    """Else the damaged ones would show nothing."""
    data, jobs = jobs_of(name)
    async with Sandbox(IN_SANDBOX) as sandbox:
        harm = Harm(sandbox)
        for job in jobs:
            result = await harm.run(job, data)
            no_text = "cues" in job.function and name in ("ts", "avi")
            assert (result is None) == no_text, (job.function, harm.failures)


async def test_damaged_films_harm_the_process_that_reads_them_at_most() -> None:
    films = {name: jobs_of(name) for name in SEEDS}
    async with Sandbox(IN_SANDBOX) as sandbox:
        harm = Harm(sandbox)
        seeds = {name: data for name, (data, _) in films.items()}
        for number, (what, data) in enumerate(damaged(seeds, 2000 if full() else 60)):
            _, jobs = films[what.split()[1]]
            await harm.run(replace(jobs[number // 4 % len(jobs)], size=len(data)), data)
            harm.shown += use(await harm.run(probe_of(data), data), len(data))
        whole, jobs = films["mkv"]
        for job in jobs:
            assert await harm.run(job, whole) is not None
    assert harm.results > 60
    assert harm.shown > 20


async def test_costly_files_cost_no_more_than_the_limits_say() -> None:
    whole, jobs = jobs_of("mkv")
    async with Sandbox(IN_SANDBOX) as sandbox:
        harm = Harm(sandbox)
        files = costly(1.0 if full() else 0.1)
        for data in files.values():
            for job in jobs if full() else jobs[:3:2]:
                await harm.run(replace(job, size=len(data), blobs=()), data)
            use(await harm.run(probe_of(data), data), len(data))
        assert await harm.run(jobs[0], whole) is not None
    assert len(harm.failures) > len(files)
