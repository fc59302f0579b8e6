"""Thumbnails: the same access rules as for the file, and no reading for HEAD and 304."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from streamvault.errors import FileGone, FileMissing, SourceUnavailable
from streamvault.media.model import MediaFile
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.frames.scaler import MODULE, PictureScaler
from streamvault.reading.picture_cache import MEMORY, PictureCache
from streamvault.reading.sandbox.exchange import ReadCells
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, JobFailed, Result
from tests.support.http_client import connect, head, request
from tests.support.serving import Bench, serving
from tests.support.sources import fail, media_file, stall
from tests.support.waiting import until

PATH = "/thumb/-1001234567890/7"


async def test_a_thumbnail_is_a_whole_jpeg(bench: Bench) -> None:
    bench.finder.add(media_file(5), message_id=7)
    reply = await request(bench.address, PATH, headers={"Range": "bytes=0-0"})
    assert reply.status == 200
    assert reply.complete
    assert reply.body == await bench.source.thumbnail(media_file(5))
    assert reply.headers["content-type"] == "image/jpeg"
    assert reply.headers["x-content-type-options"] == "nosniff"
    stream = await request(bench.address, "/stream/-1001234567890/7", method="HEAD")
    assert reply.headers["etag"] != stream.headers["etag"]


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"GIF89a......", "image/gif"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
    ],
)
async def test_a_thumbnail_tells_its_own_type(bench: Bench, picture: bytes, told: str) -> None:
    """K"""

    async def given(_: bytes) -> bytes:
        return picture

    bench.source.always = given
    bench.finder.add(media_file(5), message_id=7)
    reply = await request(bench.address, PATH)
    assert (reply.body, reply.headers["content-type"]) == (picture, told)


async def test_head_and_304_read_nothing_from_the_source(bench: Bench) -> None:
    bench.finder.add(media_file(5), message_id=7)
    first = await request(bench.address, PATH, method="HEAD")
    assert (first.status, first.body) == (200, b"")
    second = await request(bench.address, PATH, headers={"If-None-Match": first.headers["etag"]})
    assert second.status == 304
    assert bench.source.thumbnails == 0


async def test_a_file_without_a_thumbnail_is_404(bench: Bench) -> None:
    bench.finder.add(media_file(5, thumbs=""), message_id=7)
    assert (await request(bench.address, PATH)).status == 404
    assert bench.source.thumbnails == 0


async def test_a_thumbnail_needs_access() -> None:
    async with serving(public_access=False) as bench:
        bench.finder.add(media_file(5), message_id=7)
        assert (await request(bench.address, PATH)).status == 401
        token = bench.token(media_file(5).origin)
        assert (await request(bench.address, f"{PATH}?token={token}")).status == 200
        assert (await request(bench.address, f"/thumb/-1001234567890/8?token={token}")).status == 403


@pytest.mark.parametrize(
    ("error", "status"), [(FileMissing("none"), 404), (FileGone("deleted"), 410), (SourceUnavailable("lost"), 503)]
)
async def test_failures(error: Exception, status: int) -> None:
    async with serving(start_timeout=0.3) as bench:
        bench.finder.add(media_file(5), message_id=7)
        bench.source.always = fail(error)
        reply = await request(bench.address, PATH)
        assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")


async def test_disconnecting_ends_the_wait(bench: Bench) -> None:
    bench.finder.add(media_file(5), message_id=7)
    bench.source.always = stall()
    _, writer = await connect(bench.address)
    writer.write(head(bench.address, PATH))
    await bench.source.until_asked(1)
    writer.transport.abort()
    await until(lambda: bench.source.in_flight == 0)
    assert bench.source.abandoned == 1


SIDES = {"s": (100, 56), "m": (320, 180), "x": (800, 450), "y": (1280, 720)}


class Pictures:
    """Telegram's thumbnails of a post: a real picture for each letter."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def thumbnail(self, file: MediaFile) -> bytes:
        letter = file.thumb_sizes[-1]
        self.asked.append(letter)
        buffer = io.BytesIO()
        Image.new("RGB", SIDES[letter], (200, 60, 30)).save(buffer, "JPEG")
        return buffer.getvalue()


@pytest.fixture
async def sized() -> AsyncIterator[tuple[Bench, Pictures]]:
    """A server that scales pictures, which it gets from Pictures."""
    bench, pictures = Bench(), Pictures()
    bench.source.thumbnail = pictures.thumbnail  # type: ignore[method-assign]
    async with Sandbox((MODULE,)) as sandbox:
        bench.scaler = PictureScaler(sandbox.run, PictureCache(MemoryCells(MEMORY)))
        async with serving(bench):
            yield bench, pictures


async def size_of(bench: Bench, query: str) -> tuple[tuple[int, int], str]:
    reply = await request(bench.address, PATH + query)
    assert (reply.status, reply.headers["content-type"]) == (200, "image/jpeg")
    assert reply.headers["content-length"] == str(len(reply.body))
    return Image.open(io.BytesIO(reply.body)).size, reply.headers["etag"]


@pytest.mark.parametrize(
    ("letters", "expected", "asked"),
    [
        ("smxy", {160: (160, 90), 320: (320, 180), 640: (640, 360)}, "mmx"),
        ("m", {160: (160, 90), 320: (320, 180), 640: (320, 180)}, "mmm"),
        ("s", {160: (100, 56), 320: (100, 56), 640: (100, 56)}, "sss"),
        ("y", {160: (160, 90), 320: (320, 180), 640: (640, 360)}, "yyy"),
    ],
)
async def test_a_thumbnail_has_the_width_that_is_asked_for_and_is_never_larger_than_its_source(
    sized: tuple[Bench, Pictures], letters: str, expected: dict[int, tuple[int, int]], asked: str
) -> None:
    bench, pictures = sized
    bench.finder.add(media_file(5, thumbs=letters), message_id=7)
    for width, size in expected.items():
        assert (await size_of(bench, f"?w={width}"))[0] == size
    assert "".join(pictures.asked) == asked
    assert (await size_of(bench, ""))[0] == SIDES[letters[-1]], "without a width the largest, as it is"


async def test_each_size_has_its_own_strong_tag_and_is_not_asked_for_again(sized: tuple[Bench, Pictures]) -> None:
    bench, pictures = sized
    bench.finder.add(media_file(5, thumbs="y"), message_id=7)
    tags = [(await size_of(bench, query))[1] for query in ("", "?w=160", "?w=320", "?w=640")]
    assert len(set(tags)) == 4
    assert not any(tag.startswith("W/") for tag in tags)
    before = len(pictures.asked)
    for query, tag in zip(("?w=160", "?w=320", "?w=640"), tags[1:], strict=True):
        reply = await request(bench.address, PATH + query, headers={"If-None-Match": tag})
        assert (reply.status, reply.headers["cache-control"]) == (304, "private, max-age=3600, immutable")
        head = await request(bench.address, PATH + query, method="HEAD")
        assert (head.status, head.headers["etag"]) == (200, tag)
    assert len(pictures.asked) == before


@pytest.mark.parametrize("width", ["0", "1", "161", "480", "1280", "-160", "x", "", "160.5", "1e2"])
async def test_other_widths_are_refused(sized: tuple[Bench, Pictures], width: str) -> None:
    bench, pictures = sized
    bench.finder.add(media_file(5), message_id=7)
    reply = await request(bench.address, f"{PATH}?w={width}")
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert pictures.asked == []


async def test_without_the_extra_the_nearest_of_telegrams_is_sent() -> None:
    bench, pictures = Bench(), Pictures()
    bench.source.thumbnail = pictures.thumbnail  # type: ignore[method-assign]
    async with serving(bench):
        bench.finder.add(media_file(5, thumbs="smxy"), message_id=7)
        assert (await size_of(bench, "?w=160"))[0] == (320, 180)
        assert await size_of(bench, "?w=640") != await size_of(bench, "?w=320")
        plain = await size_of(bench, "")
        bench.finder.add(media_file(5, thumbs="y"), message_id=7)
        assert await size_of(bench, "?w=160") == plain, "the same picture has the same tag"


async def test_what_is_sent_in_place_of_a_picture_that_cannot_be_made_now_has_its_own_tag() -> None:
    async def run(job: Job, read: ReadCells) -> Result:
        raise JobFailed("killed", has_read=False, killed=True)

    bench, pictures = Bench(), Pictures()
    bench.source.thumbnail = pictures.thumbnail  # type: ignore[method-assign]
    bench.scaler = PictureScaler(run, PictureCache(MemoryCells(MEMORY)))
    async with serving(bench):
        bench.finder.add(media_file(5, thumbs="y"), message_id=7)
        assert await size_of(bench, "?w=160") == await size_of(bench, "")


async def test_failures_of_a_sized_picture_are_those_of_the_picture(sized: tuple[Bench, Pictures]) -> None:
    bench, _ = sized
    bench.finder.add(media_file(5, thumbs="y"), message_id=7)

    async def gone(file: MediaFile) -> bytes:
        raise FileGone("deleted")

    bench.source.thumbnail = gone  # type: ignore[method-assign]
    assert (await request(bench.address, f"{PATH}?w=160")).status == 410
    bench.finder.add(media_file(5, thumbs=""), message_id=7)
    assert (await request(bench.address, f"{PATH}?w=160")).status == 404
