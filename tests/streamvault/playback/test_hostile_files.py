"""Point 9: files that are damaged, or made to cost much, harm nothing but the process that reads them.

Each job ends within its bounds with a result or with JobFailed, asks for nothing outside of its file, and leaves the
process that it was forked from, which runs the next one, as it was.
"""

from dataclasses import replace
from typing import Any

import pytest

from streamvault.media.cells import CELL
from streamvault.playback import playlists
from streamvault.playback.model import Probed
from streamvault.playback.packing import MOST_KEYS, facts_from_json, unpack_keys
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from streamvault.reading.frames.extractor import LIMITS as STILL_LIMITS
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, JobFailed, JobLimits, Result
from streamvault.server.services import IN_SANDBOX
from tests.support.ffmpeg_films import AAC, AC3, H264, Film, Sound, Words
from tests.support.mutations import costly, damaged
from tests.support.proof import full
from tests.support.repackaged import Film as Repackaged
from tests.support.stills import children

LIMITS = JobLimits(read=16 << 20, cpu=6, wall=60.0, memory=512 << 20, result=16 << 20, nice=0)
MAKING = "streamvault.playback.making"
SHAPE = {"video": H264, "sounds": (Sound(AC3, channels=6), Sound(AAC)), "seconds": 6.0, "size": "160x90"}
SEEDS = {
    "mkv": Film("mkv", **SHAPE, words=(Words("srt"),)),  # type: ignore[arg-type]
    "mp4": Film("mp4", **SHAPE, words=(Words("mov_text"),)),  # type: ignore[arg-type]
    "ts": Film("ts", **SHAPE),  # type: ignore[arg-type]
    "avi": Film("avi", **SHAPE),  # type: ignore[arg-type]
}


def jobs_of(film: Repackaged, data: bytes) -> list[Job]:
    """The jobs that read a film in the course of its playing, with the arguments that the undamaged film has."""
    told, _ = film.opening()
    header = (film.header,) if film.header else ()
    (start, position), (stop, _) = film.cuts[0], film.cuts[1]
    same: dict[str, Any] = {"number": 0, "start": start, "stop": stop, "origin": film.origin, "end": film.end}
    unit = [film.time_base.numerator, film.time_base.denominator]
    sound = told["sounds"][str(film.sounds[0])]
    functions: dict[str, dict[str, Any]] = {
        "opening:make_opening": {"video": film.video, "sounds": film.sounds},
        "video:make_video": {"track": film.video, "position": position, "delay": told["delay"], **same},
        "audio:make_audio": {
            "sound": sound, "places": [[position, start]], "video": film.video, "time_base": unit, **same,
        },
        "cues:segment_cues": {"track": 3, "video": film.video, "position": position, **same, "origin": 0.0},
        "cues:track_cues": {"track": 3, "origin": 0.0},
    }  # fmt: skip
    made = [
        Job(f"{MAKING}.{name}", len(data), arguments=arguments, blobs=header, limits=LIMITS)
        for name, arguments in functions.items()
    ]
    still = Job(
        "streamvault.reading.frames.extraction:take_still",
        len(data),
        arguments={"duration": 0},
        limits=replace(STILL_LIMITS, nice=0),
    )
    return [*made, still]


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
    film = Repackaged.of(SEEDS[name].path, seconds=2.0)
    async with Sandbox(IN_SANDBOX) as sandbox:
        harm = Harm(sandbox)
        for job in jobs_of(film, film.data):
            result = await harm.run(job, film.data)
            no_text = "cues" in job.function and name in ("ts", "avi")
            assert (result is None) == no_text, (job.function, harm.failures)


async def test_damaged_films_harm_the_process_that_reads_them_at_most() -> None:
    films = {name: Repackaged.of(seed.path, seconds=2.0) for name, seed in SEEDS.items()}
    jobs = {name: jobs_of(film, film.data) for name, film in films.items()}
    async with Sandbox(IN_SANDBOX) as sandbox:
        harm = Harm(sandbox)
        for number, (what, data) in enumerate(
            damaged({name: film.data for name, film in films.items()}, 2000 if full() else 60)
        ):
            offered = jobs[what.split()[1]]
            await harm.run(replace(offered[number % len(offered)], size=len(data)), data)
            harm.shown += use(await harm.run(probe_of(data), data), len(data))
        for job in jobs["mkv"]:
            assert await harm.run(job, films["mkv"].data) is not None
    assert harm.results > 60
    assert harm.shown > 20


async def test_costly_files_cost_no_more_than_the_limits_say() -> None:
    film = Repackaged.of(SEEDS["mkv"].path, seconds=2.0)
    jobs = jobs_of(film, film.data)
    async with Sandbox(IN_SANDBOX) as sandbox:
        harm = Harm(sandbox)
        for data in costly().values():
            for job in jobs if full() else jobs[:3:2]:
                await harm.run(replace(job, size=len(data), blobs=()), data)
            use(await harm.run(probe_of(data), data), len(data))
        assert await harm.run(jobs[0], film.data) is not None
    assert len(harm.failures) > len(costly())
