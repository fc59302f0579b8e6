"""Real films, looked into by a job of the sandbox through the cells of the engine; and answers that lie."""

import asyncio
from typing import Any

import pytest

from streamvault.errors import SourceUnavailable
from streamvault.media.model import MediaFile
from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Facts, Probed
from streamvault.playback.packing import NO_KEYS, facts_from_json, facts_to_json, pack_keys, unpack_keys
from streamvault.playback.prober import BROKEN, MODULE, Prober
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, JobFailed, Result
from tests.support.cell_files import CellFile
from tests.support.ffmpeg_films import FILMS
from tests.support.files import media_file
from tests.support.probes import FilmSource
from tests.support.sources import Forgetful


def playback() -> Lane:
    return Lane.PLAYBACK


async def test_films_whole_and_in_pieces_are_looked_into_by_the_sandbox() -> None:
    source = FilmSource()
    cells = Cells(source, memory=Forgetful(), grace=0.0)

    async def read(file: MediaFile, wanted: range, lane: Lane) -> bytes:
        return await read_whole_cells(cells, file, wanted, lane=lane, client="facts")

    async with Sandbox((MODULE,)) as sandbox:
        prober = Prober(sandbox.run, read)
        for name in ("mkv", "mov late index"):
            path = FILMS[name].path
            expected = probe_file(CellFile(path))
            assert await prober(source.whole(path), playback) == expected
            assert await prober(source.cut(path, 384 << 10), playback) == expected
            assert source.fetched < 2 * 1_000_000
            source.fetched = 0
        broken = source.whole(FILMS["mkv"].path)
        source.data[broken.key.file_unique_id] = bytes(broken.size)
        assert (await prober(broken, playback)).facts.reason
    await cells.close()


GOOD = facts_to_json(Facts("matroska", 24.0))
LIES: dict[str, tuple[Any, bytes]] = {
    "nothing": ({}, b""),
    "no keys": ({"facts": GOOD}, b""),
    "other bytes": ({"facts": GOOD}, b"x" * 100),
    "a list": ({"facts": []}, pack_keys(NO_KEYS)),
    "no container": ({"facts": {"duration": None}}, pack_keys(NO_KEYS)),
    "wrong type": ({"facts": GOOD | {"duration": "long"}}, pack_keys(NO_KEYS)),
    "endless": ({"facts": GOOD | {"duration": float("inf")}}, pack_keys(NO_KEYS)),
    "tracks of text": ({"facts": GOOD | {"tracks": ["h264"]}}, pack_keys(NO_KEYS)),
    "track of no type": ({"facts": GOOD | {"tracks": [{"index": 0, "type": "x", "codec": ""}]}}, pack_keys(NO_KEYS)),
    "true for a number": ({"facts": GOOD | {"start": True}}, pack_keys(NO_KEYS)),
}


@pytest.mark.parametrize("answer", LIES.values(), ids=LIES)
async def test_an_answer_that_lies_counts_as_a_broken_file(answer: tuple[Any, bytes]) -> None:
    async def run(job: Job, read: ReadCells) -> Result:
        return Result(*answer)

    found = await Prober(run, _unread)(media_file(1), playback)
    assert (found.facts.reason, found.keys) == (BROKEN, NO_KEYS)


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([JobFailed("out of memory", has_read=True)], BROKEN),
        ([JobFailed("killed", has_read=True, killed=True)], ""),
        ([JobFailed("killed", has_read=True, killed=True)] * 2, None),
        ([JobFailed("no module", has_read=False)], None),
    ],
)
async def test_what_fails_by_the_file_is_told_from_what_may_pass(
    failures: list[JobFailed], expected: str | None
) -> None:
    left = list(failures)

    async def run(job: Job, read: ReadCells) -> Result:
        if left:
            raise left.pop(0)
        return Result({"facts": GOOD}, pack_keys(NO_KEYS))

    looking = asyncio.ensure_future(Prober(run, _unread)(media_file(1), playback))
    if expected is None:
        with pytest.raises(SourceUnavailable):
            await looking
    else:
        assert (await looking).facts.reason == expected


async def _unread(file: MediaFile, wanted: range, lane: Lane) -> bytes:
    raise AssertionError("nothing is read here")


def test_facts_and_keys_survive_packing() -> None:
    for name in ("mkv", "avi", "flac"):
        found = probe_file(CellFile(FILMS[name].path))
        again = Probed(facts_from_json(facts_to_json(found.facts)), unpack_keys(pack_keys(found.keys)))
        assert again == found


@pytest.mark.parametrize(("lane", "nice"), [(Lane.PLAYBACK, 0), (Lane.INDEX, 19), (Lane.THUMBNAILS, 19)])
async def test_only_what_somebody_waits_for_has_the_priority_of_the_server(lane: Lane, nice: int) -> None:
    jobs = list[Job]()

    async def run(job: Job, read: ReadCells) -> Result:
        jobs.append(job)
        return Result({"facts": GOOD}, pack_keys(NO_KEYS))

    async def read(file: MediaFile, wanted: range, lane: Lane) -> bytes:
        return b""

    await Prober(run, read)(media_file(1), lambda: lane)
    assert [job.limits.nice for job in jobs] == [nice]
