"""Pictures are scaled down in the sandbox: their dimensions, their types, and what cannot be scaled."""

import asyncio
import dataclasses
import io
import random
import struct
import zlib
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from streamvault.errors import SourceBusy
from streamvault.media.model import FileKey
from streamvault.media.thumb_sizes import may_be_wider, nearest
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.frames.scaler import MODULE, QUEUE, PictureScaler, sized_key
from streamvault.reading.picture_cache import MEMORY, PictureCache
from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, JobFailed, Result
from tests.support.waiting import until

KEY = FileKey("film", "x")


def picture(width: int, height: int, form: str = "JPEG", mode: str = "RGB", **how: object) -> bytes:
    """A picture of noise, so that it is not small by chance."""
    random.seed(width)
    small = Image.frombytes("RGB", (16, 9), random.randbytes(16 * 9 * 3))
    buffer = io.BytesIO()
    small.resize((width, height)).convert(mode).save(buffer, form, **how)
    return buffer.getvalue()


class Given:
    """Brings `data` (or raises it), and counts how often."""

    def __init__(self, data: bytes | Exception) -> None:
        self.data = data
        self.count = 0

    async def __call__(self) -> bytes:
        self.count += 1
        if isinstance(self.data, Exception):
            raise self.data
        return self.data


@pytest.fixture
async def scaler() -> AsyncIterator[PictureScaler]:
    async with Sandbox((MODULE,)) as sandbox:
        yield PictureScaler(sandbox.run, PictureCache(MemoryCells(MEMORY)))


def opened(data: bytes | None) -> Image.Image:
    assert data
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("size", "width", "expected"),
    [
        ((800, 450), 640, (640, 360)),
        ((800, 450), 320, (320, 180)),
        ((800, 450), 160, (160, 90)),
        ((450, 800), 160, (160, 284)),
        ((1280, 1), 320, (320, 1)),
        ((321, 240), 320, (320, 239)),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_gets_the_width(
    scaler: PictureScaler, size: tuple[int, int], width: int, expected: tuple[int, int], form: str
) -> None:
    made = opened(await scaler.scaled(KEY, width, Given(picture(*size, form))))
    assert (made.size, made.format) == (expected, "JPEG")


@pytest.mark.parametrize("size", [(320, 180), (319, 500), (160, 90), (1, 1)])
async def test_a_picture_that_is_no_wider_is_not_scaled(scaler: PictureScaler, size: tuple[int, int]) -> None:
    original = Given(picture(*size))
    for _ in range(2):
        assert await scaler.scaled(KEY, 320, original) == b""
    assert original.count == 1, "that is remembered"


async def test_what_is_transparent_stays_so(scaler: PictureScaler) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (512, 512), (10, 200, 30, 0)).save(buffer, "WEBP")
    made = opened(await scaler.scaled(KEY, 160, Given(buffer.getvalue())))
    assert (made.size, made.format, made.convert("RGBA").getpixel((80, 80))[3]) == ((160, 160), "WEBP", 0)  # type: ignore[index]


async def test_grey_and_cmyk_pictures_are_scaled(scaler: PictureScaler) -> None:
    for number, mode in enumerate(("L", "CMYK")):
        key = FileKey(f"film {number}", "x")
        made = opened(await scaler.scaled(key, 160, Given(picture(800, 600, "JPEG", mode))))
        assert made.size == (160, 120)


def bomb() -> bytes:
    """A PNG of 60,000 x 60,000 pixels in few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", picture(800, 450)[:400], b"GIF89a", bomb(), b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["empty", "text", "cut", "gif", "bomb", "svg"],
)
async def test_what_cannot_be_scaled_is_known_and_is_sent_as_it_is(scaler: PictureScaler, data: bytes) -> None:
    original = Given(data)
    for _ in range(2):
        assert await scaler.scaled(KEY, 160, original) == b""
    assert original.count == 1


async def test_each_width_is_made_once_for_all_who_wait(scaler: PictureScaler) -> None:
    original = Given(picture(800, 450))
    found = await asyncio.gather(*(scaler.scaled(KEY, width, original) for width in (160, 320, 160, 320, 160)))
    assert [opened(one).width for one in found] == [160, 320, 160, 320, 160]
    assert original.count == 2
    assert await scaler.scaled(KEY, 160, original) == found[0]
    assert original.count == 2


async def test_an_error_of_the_original_is_passed_on_and_not_kept(scaler: PictureScaler) -> None:
    original = Given(SourceBusy(7))
    with pytest.raises(SourceBusy):
        await scaler.scaled(KEY, 160, original)
    original.data = picture(800, 450)
    assert opened(await scaler.scaled(KEY, 160, original)).width == 160


async def test_a_job_that_was_killed_is_tried_again_later() -> None:
    killed = True

    async def run(job: Job, read: ReadCells) -> Result:
        if killed:
            raise JobFailed("killed", has_read=False, killed=True)
        return Result({"picture": 3}, b"abc")

    scaler = PictureScaler(run, PictureCache(MemoryCells(MEMORY)))
    assert await scaler.scaled(KEY, 160, Given(b"x")) is None
    killed = False
    assert await scaler.scaled(KEY, 160, Given(b"x")) == b"abc"


async def test_pictures_that_wait_are_bounded() -> None:
    gate = asyncio.Event()

    async def run(job: Job, read: ReadCells) -> Result:
        await gate.wait()
        return Result({"picture": 1}, b"a")

    scaler = PictureScaler(run, PictureCache(MemoryCells(MEMORY)))
    keys = [dataclasses.replace(KEY, file_unique_id=str(number)) for number in range(QUEUE)]
    waiting = [asyncio.create_task(scaler.scaled(key, 160, Given(b"x"))) for key in keys]
    await until(lambda: scaler._waiting == QUEUE)
    assert await scaler.scaled(KEY, 160, Given(b"x")) is None
    gate.set()
    assert set(await asyncio.gather(*waiting)) == {b"a"}
    assert await scaler.scaled(KEY, 160, Given(b"x")) == b"a"


@pytest.mark.parametrize("answer", [{}, {"picture": 9}, {"picture": "3"}, {"picture": -3}])
async def test_an_answer_that_does_not_fit_its_bytes_is_none(answer: dict[str, object]) -> None:
    async def run(job: Job, read: ReadCells) -> Result:
        return Result(answer, b"abc")

    assert await PictureScaler(run, PictureCache(MemoryCells(MEMORY))).scaled(KEY, 160, Given(b"x")) == b""


def test_the_size_that_a_width_is_made_of() -> None:
    sizes = ("s", "m", "x", "y")
    assert [nearest(sizes, width) for width in (160, 320, 640)] == ["m", "m", "x"]
    assert nearest(("m",), 640) == "m"
    assert nearest(("?",), 160) == "?"
    assert [may_be_wider("m", width) for width in (160, 320, 640)] == [True, False, False]
    assert may_be_wider("?", 640)
    assert sized_key(KEY, 160) == FileKey("film", "x-160")
