"""Thumbnails: the same access rules as for the file, and no reading for HEAD and 304."""

import pytest

from streamvault.errors import FileGone, FileMissing, SourceUnavailable
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
