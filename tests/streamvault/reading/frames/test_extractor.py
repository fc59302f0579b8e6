"""What becomes of a file whose job fails, and of one that makes a picture."""

import asyncio
import os
import signal

import pytest

from streamvault.errors import FileGone, SourceUnavailable
from streamvault.reading.frames.extractor import LARGEST, LARGEST_TINY, FrameExtractor, Still
from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.model import Job, JobFailed, Result
from tests.support.files import media_file
from tests.support.films import film
from tests.support.sandboxed import sandbox
from tests.support.stills import Reads, children, maker, still_of
from tests.support.waiting import until

FILE = media_file(size=64 << 20)


async def test_a_job_that_ends_after_its_first_read_gives_no_picture() -> None:
    async with sandbox() as jobs:
        assert await maker(jobs, Reads(bytes(64 << 20)), "crash")(FILE) is None


@pytest.mark.parametrize("function", ["crash_at_once", "leave", "no_such_function"])
async def test_a_job_that_fails_before_its_first_read_does_not_count_against_the_file(
    function: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with sandbox() as jobs:
        made = maker(jobs, Reads(bytes(64 << 20)), function)
        for _ in range(2):
            with pytest.raises(SourceUnavailable, match="does not work"):
                await made(FILE)
    assert len(caplog.records) == 1


RESULTS = {
    "nothing": Result({}),
    "none": Result({"tiny": 0, "picture": 0}),
    "a placeholder alone": Result({"tiny": 1, "picture": 0}, b"x"),
    "too little": Result({"tiny": 1, "picture": 2}, b"xx"),
    "too much": Result({"tiny": 1, "picture": 2}, b"xxxx"),
    "negative": Result({"tiny": -1, "picture": 2}, b"x"),
    "too large": Result({"tiny": 0, "picture": LARGEST + 1}, bytes(LARGEST + 1)),
    "too large a placeholder": Result({"tiny": LARGEST_TINY + 1, "picture": 1}, bytes(LARGEST_TINY + 2)),
    "text": Result({"tiny": "1", "picture": "2"}, b"xxx"),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
async def test_an_invalid_result_is_no_picture(result: Result) -> None:
    async def run(job: Job, read: ReadCells) -> Result:
        return result

    assert await FrameExtractor(run, Reads(b""))(FILE) is None


async def test_a_valid_result_is_a_picture() -> None:
    async def run(job: Job, read: ReadCells) -> Result:
        return Result({"tiny": 4, "picture": 7}, b"tinypicture")

    assert await FrameExtractor(run, Reads(b""))(FILE) == Still(b"tiny", b"picture")


@pytest.mark.parametrize("error", [FileGone("deleted"), SourceUnavailable("lost")], ids=["gone", "lost"])
async def test_a_failing_read_does_not_count_against_the_file(error: Exception) -> None:
    reads = Reads(bytes(64 << 20))
    reads.error = error
    async with sandbox() as jobs:
        with pytest.raises(type(error)):
            await maker(jobs, reads, "copy")(FILE)


async def test_a_job_that_is_killed_from_outside_is_run_once_more() -> None:
    runs = list[Job]()

    async def run(job: Job, read: ReadCells) -> Result:
        runs.append(job)
        if len(runs) != 2:
            raise JobFailed("killed", has_read=True, killed=True)
        return Result({"tiny": 0, "picture": 1}, b"x")

    made = FrameExtractor(run, Reads(b""))
    assert await made(FILE) == Still(b"", b"x")
    assert len(runs) == 2
    runs.append(runs[0])
    assert await made(FILE) is None
    assert len(runs) == 5


async def test_cancelling_ends_the_job() -> None:
    async with sandbox() as jobs:
        making = asyncio.create_task(maker(jobs, Reads(b""), "hang")(FILE))
        await until(children)
        making.cancel()
        await asyncio.wait([making])
        assert making.cancelled()
        assert not children()


async def test_a_picture_is_made_while_the_sandbox_is_killed_and_started_again() -> None:
    reads = Reads(film())
    async with sandbox() as jobs:
        killed = list[int]()

        async def run(job: Job, read: ReadCells) -> Result:
            if not killed and jobs.origin is not None:
                killed.append(jobs.origin)
                os.kill(jobs.origin, signal.SIGKILL)
            return await jobs.run(job, read)

        made = FrameExtractor(run, reads)
        file = media_file(size=reads.content.size, duration=None)
        first = await made(file)
        assert first is not None
        assert await made(file) == first == (await still_of(film()))[0]
        assert len(killed) == 1
