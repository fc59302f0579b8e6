"""The demo's media: streams, containers, tags, sizes and thumbnails, by ffprobe and by parsing the bytes."""

import asyncio
import io
import itertools
import json
import zipfile
from pathlib import Path

import av
import pytest
from PIL import Image

from streamvault.demo import make, media
from streamvault.demo.content import samples as newest
from streamvault.demo.content.shelves import POSTS, RECIPES, entries
from streamvault.demo.encode import Film, Song
from streamvault.demo.media import MediaError, Sample, ensure_media
from streamvault.demo.recipes import Photo, Recipe, Voice
from tests.support.probe import probe
from tests.support.waiting import until

H264_AAC = (("video", "h264"), ("audio", "aac"))
MP3 = (("audio", "mp3"), ("video", "mjpeg"))
STREAMS = {
    "ridge-line.mp4": H264_AAC,
    "night-tide.mp4": H264_AAC,
    "aurora.webm": (("video", "vp8"), ("audio", "opus")),
    "dunes.mkv": (("video", "h264"), ("audio", "aac"), ("audio", "ac3"), ("subtitle", "subrip"), ("subtitle", "ass")),
    "dusk.mkv": (("video", "h264"), ("audio", "ac3")),
    "drift.mp4": (("video", "h264"),),
    "first-light.mp3": (("audio", "mp3"), ("video", "mjpeg")),
    "glacier.flac": (("audio", "flac"), ("video", "mjpeg")),
    "campfire.mp3": (("audio", "mp3"), ("video", "mjpeg")),
    "note.ogg": (("audio", "opus"),),
    "night-tide-hd.mkv": (*H264_AAC, ("subtitle", "subrip")),
    "daughter-hevc.mkv": (("video", "hevc"), ("audio", "aac")),
    "harbour-s1e1.mp4": H264_AAC,
    "low-01.mp3": MP3,
}
"""Of the files that ffprobe reads."""
MADE = "guide.pdf"


def boxes(data: bytes) -> list[bytes]:
    """The types of an MP4's top-level boxes, in order (ISO/IEC 14496-12 section 4.2)."""
    found, offset = [], 0
    while offset < len(data):
        size = int.from_bytes(data[offset : offset + 4], "big")
        assert size >= 8, "no 64-bit or open-ended boxes in files this small"
        found.append(data[offset + 4 : offset + 8])
        offset += size
    assert offset == len(data)
    return found


def unfinished(folder: Path) -> list[Path]:
    """Files that are being written."""
    return list(folder.glob("*.part"))


@pytest.mark.parametrize("name", STREAMS)
def test_streams_and_duration(samples: dict[str, Sample], name: str) -> None:
    recipe, found = RECIPES[name], probe(str(samples[name].path))
    assert isinstance(recipe, Film | Song | Voice)
    assert found.streams == STREAMS[name]
    assert found.duration == pytest.approx(recipe.seconds, abs=0.1)


def timed(recipe: Recipe) -> bool:
    return isinstance(recipe, Film | Song | Voice)


def test_ffprobe_reads_every_timed_one_of_the_newest_files() -> None:
    assert {name for name, recipe in newest.RECIPES.items() if timed(recipe)} <= set(STREAMS) <= set(RECIPES)


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if timed(recipe) and name not in STREAMS])
def test_the_other_timed_files_are_as_long_as_they_say_and_decode(samples: dict[str, Sample], name: str) -> None:
    recipe = RECIPES[name]
    assert isinstance(recipe, Film | Song)
    with av.open(str(samples[name].path)) as file:
        kinds = tuple((stream.type, stream.codec_context.name) for stream in file.streams)
        assert kinds == (H264_AAC if isinstance(recipe, Film) else (("audio", "mp3float"), ("video", "mjpeg")))
        heard = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    assert heard == pytest.approx(recipe.seconds, abs=0.1)


def test_films_have_a_pixel_format_that_browsers_play(samples: dict[str, Sample]) -> None:
    for name in (name for name, recipe in RECIPES.items() if isinstance(recipe, Film)):
        with av.open(str(samples[name].path)) as file:
            picture = next(file.decode(video=0))
        assert picture.format.name == "yuv420p", name
        assert (picture.width, picture.height) == (samples[name].facts.width, samples[name].facts.height), name


@pytest.mark.parametrize(("name", "early"), [("ridge-line.mp4", True), ("night-tide.mp4", False)])
def test_moov_is_at_the_end_only_in_the_late_index_sample(samples: dict[str, Sample], name: str, early: bool) -> None:
    order = boxes(samples[name].path.read_bytes())
    assert (order.index(b"moov") < order.index(b"mdat")) is early


def test_mkv_has_track_languages_and_chapters(samples: dict[str, Sample]) -> None:
    found = probe(str(samples["dunes.mkv"].path))
    languages = [stream["tags"].get("language") for stream in found.raw["streams"][1:]]
    assert languages == ["eng", "deu", "eng", "deu"]
    assert found.chapters == ("Morning", "Noon", "Evening")


@pytest.mark.parametrize("name", [name for name in STREAMS if isinstance(RECIPES[name], Song)])
def test_songs_have_tags_and_a_cover(samples: dict[str, Sample], name: str) -> None:
    song, found = RECIPES[name], probe(str(samples[name].path))
    assert isinstance(song, Song)
    assert (found.tags["title"], found.tags["artist"]) == (song.title, song.artist)
    assert found.raw["streams"][1]["disposition"]["attached_pic"] == 1


def test_pictures_have_the_size_in_their_facts(samples: dict[str, Sample]) -> None:
    for name in [*(name for name, recipe in RECIPES.items() if isinstance(recipe, Photo)), "sun.webp"]:
        with Image.open(samples[name].path) as picture:
            assert picture.size == (samples[name].facts.width, samples[name].facts.height)
            shades = [shade for shade, count in enumerate(picture.convert("L").histogram()) if count]
        assert shades[-1] - shades[0] > 60, f"{name} is nearly one colour"


def test_pictures_and_films_that_are_neighbours_look_different(samples: dict[str, Sample]) -> None:
    """By the mean colours of four quarters: of thumbnails that are shown beside each other, few are alike."""
    for shelf in ("films", "series", "photos"):
        shown = [samples[entry.recipe] for entry in entries(shelf) if not entry.name.endswith(".srt")]
        seen = []
        for sample in shown:
            assert sample.thumb is not None, sample.path
            with Image.open(sample.thumb) as picture:
                seen.append(picture.convert("RGB").resize((2, 2), Image.Resampling.BOX).tobytes())
        apart = [sum(abs(a - b) for a, b in zip(*pair, strict=True)) / 12 for pair in itertools.pairwise(seen)]
        assert sum(one > 12 for one in apart) > 0.8 * len(apart), shelf


def test_posts_of_a_channel_are_in_the_order_of_their_dates() -> None:
    assert [post.days for post in POSTS] == sorted((post.days for post in POSTS), reverse=True)
    assert {len(post.entries) for post in POSTS} <= set(range(1, 11)), "an album has at most ten messages"
    months = {int(post.days / 30.4) for post in POSTS if post.shelf == "photos"}
    assert len(months) > 12


def test_the_longest_name_has_300_characters() -> None:
    assert max(len(entry.name) for entry in entries()) == 300


def test_thumbnails_fit_telegrams_limits(samples: dict[str, Sample]) -> None:
    thumbs = [sample for sample in samples.values() if sample.thumb is not None]
    assert {sample.path.suffix for sample in thumbs} >= {".mp4", ".webm", ".mkv", ".mp3", ".flac", ".jpg"}
    for sample in thumbs:
        assert sample.thumb is not None
        data = sample.thumb.read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == "JPEG"
            assert picture.size == (sample.facts.thumb_width, sample.facts.thumb_height)
            assert max(picture.size) <= 320
        assert len(data) < 200_000


def test_the_cross_reference_table_of_the_pdf_is_right(samples: dict[str, Sample]) -> None:
    data = samples["guide.pdf"].path.read_bytes()
    table = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    lines = data[table:].split(b"\n")
    assert lines[0] == b"xref"
    count = int(lines[1].split()[1])
    for number, line in enumerate(lines[3 : 2 + count], 1):
        offset = int(line[:10])
        assert data[offset:].startswith(b"%d 0 obj" % number)


def test_the_zip_passes_its_checksums(samples: dict[str, Sample]) -> None:
    with zipfile.ZipFile(samples["notes.zip"].path) as archive:
        assert archive.testzip() is None
        assert "readme.txt" in archive.namelist()


def test_the_same_recipe_gives_the_same_bytes(samples: dict[str, Sample], tmp_path: Path) -> None:
    for name in ("drift.mp4", "note.ogg", "meadow.jpg", "notes.zip"):
        make.make(tmp_path, name)
        assert (tmp_path / name).read_bytes() == samples[name].path.read_bytes(), name


async def test_a_second_start_makes_nothing(samples: dict[str, Sample], folder: Path) -> None:
    made: list[str] = []
    assert await ensure_media(folder, report=made.append) == samples
    assert made == []


@pytest.fixture
def one_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """RECIPES with one small file, which is made quickly."""
    monkeypatch.setattr(media, "RECIPES", {MADE: RECIPES[MADE]})


@pytest.mark.usefixtures("one_recipe")
async def test_a_truncated_file_is_made_again(tmp_path: Path) -> None:
    made: list[str] = []
    sample = (await ensure_media(tmp_path, report=made.append))[MADE]
    whole = sample.path.read_bytes()
    sample.path.write_bytes(whole[:100])
    await ensure_media(tmp_path, report=made.append)
    assert made == [MADE, MADE]
    assert sample.path.read_bytes() == whole


@pytest.mark.usefixtures("one_recipe")
@pytest.mark.parametrize("manifest", ["", "[]", '{"version": "older", "files": []}', '{"files": [{}]}', "null"])
async def test_an_old_or_broken_manifest_is_ignored(tmp_path: Path, manifest: str) -> None:
    (tmp_path / media.MANIFEST).write_text(manifest)
    made: list[str] = []
    await ensure_media(tmp_path, report=made.append)
    assert made == [MADE]
    assert json.loads((tmp_path / media.MANIFEST).read_text())["version"] == media.recipes_version()


@pytest.mark.usefixtures("one_recipe")
async def test_a_failing_child_process_reports_why_and_leaves_no_partial_file(tmp_path: Path) -> None:
    (tmp_path / MADE).mkdir()
    with pytest.raises(MediaError, match=MADE):
        await ensure_media(tmp_path)
    assert unfinished(tmp_path) == []


async def test_cancelling_ends_the_child_processes(tmp_path: Path) -> None:
    task = asyncio.create_task(ensure_media(tmp_path))
    await until(lambda: unfinished(tmp_path), timeout=20, pause=0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (tmp_path / media.MANIFEST).exists()
