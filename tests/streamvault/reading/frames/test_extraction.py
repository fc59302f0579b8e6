"""Real jobs of the sandbox over real media: a picture from few ranges, or none within the limits."""

import io
import random
import struct

import pytest
from PIL import Image, ImageStat

from streamvault.media.cells import CELL
from streamvault.media.placeholder import expand, strip
from streamvault.reading.frames.extractor import MOST_READ, Still
from tests.support.films import film, jpeg, late_index, song
from tests.support.stills import still_of

GIB = 1 << 30


def shown(still: Still | None) -> Image.Image:
    """The extracted picture, opened; its placeholder must be one that Telegram's clients can show."""
    assert still is not None
    assert len(still.picture) < 60_000
    with Image.open(io.BytesIO(expand(strip(still.tiny)))) as tiny:
        tiny.load()
        assert max(tiny.size) == 40
    with Image.open(io.BytesIO(still.picture)) as opened:
        opened.load()
        assert opened.format == "JPEG"
        return opened


@pytest.mark.parametrize("form", ["mp4", "matroska", "mpegts", "avi", "flv"])
async def test_a_film_gives_a_frame(form: str) -> None:
    still, reads = await still_of(film(form=form, size=(640, 360), seconds=6))
    picture = shown(still)
    assert picture.size == (320, 180)
    assert ImageStat.Stat(picture.convert("L")).stddev[0] > 20
    assert len(reads.cells) == len(set(reads.cells))


async def test_a_film_that_begins_black_gives_a_later_frame() -> None:
    still, _ = await still_of(film(seconds=12, dark=4))
    assert ImageStat.Stat(shown(still).convert("L")).stddev[0] > 20


async def test_a_black_film_gives_a_black_frame() -> None:
    still, _ = await still_of(film(seconds=3, dark=3))
    assert ImageStat.Stat(shown(still).convert("L")).mean[0] < 20


@pytest.mark.parametrize(("form", "codec"), [("mp3", "libmp3lame"), ("flac", "flac")])
async def test_a_song_gives_its_cover(form: str, codec: str) -> None:
    still, _ = await still_of(song(jpeg((900, 600)), form=form, codec=codec), name=f"song.{form}")
    assert shown(still).size == (320, 213)


async def test_an_index_at_the_end_of_3_gib_costs_two_cells() -> None:
    still, reads = await still_of(late_index(film(), 3 * GIB))
    assert shown(still).size == (160, 90)
    assert reads.bytes <= 4 * CELL


@pytest.mark.parametrize(("index", "made"), [(4 << 20, True), (40 << 20, False)], ids=["4 MiB", "40 MiB"])
async def test_a_large_index_is_read_within_the_bound(index: int, made: bool) -> None:
    still, reads = await still_of(late_index(film(), 3 * GIB, index=index))
    assert (still is not None) is made
    assert reads.bytes <= MOST_READ


def playlist() -> bytes:
    return b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


def endless() -> bytes:
    """Boxes in boxes in boxes."""
    return (
        struct.pack(">I4s4sIIII", 20, b"ftyp", b"isom", 0, 0, 0, 0)[:20] + struct.pack(">I4s", 1 << 30, b"moov") * 9000
    )


HOSTILE = {
    "noise": random.Random(1).randbytes(3 << 20),
    "torn": film(seconds=8)[:-3000],
    "playlist": playlist(),
    "list": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "endless": endless(),
    "text": b"a text" * 1000,
    "no cover": song(None),
    "broken cover": song(jpeg()[:300]),
    "byte": b"\0",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
async def test_files_that_are_no_films_give_none(data: bytes) -> None:
    still, reads = await still_of(data)
    assert still is None
    assert reads.bytes <= MOST_READ


async def test_damaged_films_end_within_the_limits() -> None:
    chance = random.Random(7)
    for form in ("mp4", "matroska", "mpegts", "avi"):
        data = bytearray(film(form=form))
        for _ in range(40):
            data[chance.randrange(len(data))] = chance.randrange(256)
        _, reads = await still_of(bytes(data))
        assert reads.bytes <= MOST_READ
