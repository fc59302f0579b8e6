"""What is told of a posted file is true or left out, whatever its process answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from streamvault.errors import SourceUnavailable
from streamvault.media.uploads import MAX_THUMB, Audio, Video
from streamvault.playback.model import Facts, Track
from streamvault.playback.packing import facts_to_json
from streamvault.playback.posted import LONGEST, Shown, look_into, streams
from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.model import Job, JobFailed, Result
from tests.support.films import jpeg

AVC = Track(0, "video", "h264", profile="High", width=1920, height=1080, bit_depth=8)
AAC = Track(1, "audio", "aac")
FILM = Facts("mp4", 90.5, tracks=(AVC, AAC))


async def no_cells(cells: range) -> bytes:
    raise AssertionError(cells)


async def looked(facts: Any, *, data: bytes = b"", index_first: bool = True, **more: Any) -> Shown:
    answer: Mapping[str, Any] = {"facts": facts_to_json(facts) if isinstance(facts, Facts) else facts, **more}

    async def run(job: Job, read: ReadCells) -> Result:
        assert job.arguments == {"held": [[0, 10]]}
        return Result(answer, data)

    return await look_into(run, no_cells, size=10, held=[(0, 10)], index_first=index_first)


async def test_films_and_songs_are_shown_with_what_is_known() -> None:
    assert await looked(FILM, data=jpeg()) == Shown(Video(90.5, 1920, 1080, streaming=True), jpeg())
    silent = await looked(Facts("mp4", 3.0, tracks=(AVC,)), index_first=False)
    assert silent == Shown(Video(3.0, 1920, 1080, streaming=False, sound=False))
    song = await looked(Facts("flac", 61.0, tracks=(AAC,)), title="T" * 900, performer="")
    assert song == Shown(Audio(61.0, "T" * 200, None))


@pytest.mark.parametrize("duration", [None, 0.0, -3.0, float("inf"), float("nan"), LONGEST + 1])
async def test_a_film_without_a_duration_is_a_document(duration: float | None) -> None:
    assert (await looked(Facts("matroska", duration, tracks=(AVC,)))).shown_as is None


async def test_a_clock_that_goes_back_tells_no_duration() -> None:
    assert (await looked(Facts("mpegts", 95_000.0, tracks=(AVC,)))).shown_as is None
    assert (await looked(Facts("mpegts", 60.0, tracks=(AVC,), reason="its clock goes back"))).shown_as is None
    assert (await looked(Facts("mpeg", 60.0, tracks=(AVC,), reason="no such container"))).shown_as is not None
    assert (await looked(Facts("avi", 60.0, tracks=(AVC,), reason="no index"))).shown_as is not None


@pytest.mark.parametrize(
    "facts",
    [
        None, [], {}, "x", {"container": 5}, {"container": "mp4", "duration": "long"},
        {"container": "mp4", "duration": 3, "tracks": 3},
        Facts("", None), Facts("mp4", 9.0), Facts("mp4", 9.0, tracks=(Track(0, "video", "h264"),)),
        Facts("mp4", 9.0, tracks=(Track(0, "video", "h264", width=-4, height=99_999_999),)),
    ],
)  # fmt: skip
async def test_an_answer_that_makes_no_sense_is_a_document(facts: Any) -> None:
    assert (await looked(facts, title=7, performer=["x"])).shown_as is None


@pytest.mark.parametrize("data", [b"", b"\x89PNG", b"\xff\xd8" + bytes(MAX_THUMB)])
async def test_a_picture_that_telegram_would_ignore_is_left_out(data: bytes) -> None:
    assert (await looked(FILM, data=data)).thumb is None


async def test_a_process_that_fails_over_a_file_is_told_from_one_that_does_not_work() -> None:
    async def failing(job: Job, read: ReadCells) -> Result:
        raise JobFailed("crash", has_read=has_read)

    has_read = True
    assert await look_into(failing, no_cells, size=10, held=[], index_first=False) == Shown()
    has_read = False
    with pytest.raises(SourceUnavailable):
        await look_into(failing, no_cells, size=10, held=[], index_first=False)


@pytest.mark.parametrize(
    ("container", "video", "sound", "plays"),
    [
        ("mp4", AVC, "aac", True),
        ("mp4", AVC, "mp3", True),
        ("mp4", AVC, "ac3", False),
        ("mp4", AVC, "opus", False),
        ("matroska", AVC, "aac", False),
        ("mp4", Track(0, "video", "vp9"), "aac", False),
        ("mp4", Track(0, "video", "av1"), "aac", False),
        ("mp4", Track(0, "video", "h264", bit_depth=10), "aac", False),
        ("mp4", Track(0, "video", "h264", profile="High 4:4:4 Predictive"), "aac", False),
        ("mp4", Track(0, "video", "hevc", bit_depth=10), "aac", True),
        ("mp4", Track(0, "video", "hevc", bit_depth=12), "aac", False),
        ("mp4", Track(0, "video", "hevc", hdr="dovi"), "aac", False),
    ],
)
def test_only_what_plays_while_it_loads_is_called_so(container: str, video: Track, sound: str, plays: bool) -> None:
    facts = Facts(container, 9.0, tracks=(video, Track(1, "audio", sound)))
    assert streams(facts, index_first=True) is plays
    assert not streams(facts, index_first=False)
    assert not streams(Facts(container, 9.0, tracks=facts.tracks, fragmented=True), index_first=True)
