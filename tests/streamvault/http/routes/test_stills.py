"""Files without a thumbnail: the picture that is made of them, or 503 with Retry-After."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from streamvault.errors import SourceBusy
from streamvault.http.routes import thumbnails
from streamvault.media.model import MediaFile
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.frames.extractor import Still
from streamvault.reading.frames.service import FrameService
from streamvault.reading.picture_cache import MEMORY, PictureCache
from tests.support.http_client import request
from tests.support.serving import Bench, serving
from tests.support.sources import media_file

PATH = "/thumb/-1001234567890/7"
PICTURE = b"\xff\xd8 a picture"


class Maker:
    """The result for each file, and the event that it waits for."""

    def __init__(self) -> None:
        self.result: Still | Exception | None = Still(b"", PICTURE)
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, file: MediaFile) -> Still | None:
        await self.gate.wait()
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
async def bench(maker: Maker) -> AsyncIterator[Bench]:
    bench = Bench()
    async with FrameService(maker, PictureCache(MemoryCells(MEMORY))) as bench.frames, serving(bench):
        bench.finder.add(media_file(5, thumbs=""), message_id=7)
        yield bench


async def test_a_made_picture_is_served_like_a_thumbnail(bench: Bench) -> None:
    reply = await request(bench.address, PATH)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, PICTURE, "image/jpeg")
    fresh = await request(bench.address, PATH, headers={"If-None-Match": reply.headers["etag"]})
    assert fresh.status == 304
    head = await request(bench.address, PATH, method="HEAD")
    assert (head.status, head.headers["etag"]) == (200, reply.headers["etag"])
    assert bench.source.requests == []


async def test_a_picture_that_takes_long_is_503_with_retry_after(
    bench: Bench, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "MAKE_WITHIN", 0.05)
    maker.gate.clear()
    reply = await request(bench.address, PATH)
    assert (reply.status, reply.headers["retry-after"]) == (503, str(thumbnails.RETRY_AFTER))
    assert reply.headers["cache-control"] == "no-store"
    maker.gate.set()
    assert (await request(bench.address, PATH)).body == PICTURE


async def test_a_file_without_a_picture_is_404(bench: Bench, maker: Maker) -> None:
    maker.result = None
    assert (await request(bench.address, PATH)).status == 404
    assert (await request(bench.address, PATH, method="HEAD")).status == 404


async def test_a_flood_wait_is_503_with_its_retry_after(bench: Bench, maker: Maker) -> None:
    maker.result = SourceBusy(77)
    reply = await request(bench.address, PATH)
    assert (reply.status, reply.headers["retry-after"]) == (503, "77")


async def test_telegrams_thumbnail_is_preferred(bench: Bench) -> None:
    bench.finder.add(media_file(6), message_id=7)
    assert (await request(bench.address, PATH)).body != PICTURE
    assert bench.source.thumbnails == 1
