"""Telegram's thumbnails are fetched once, and kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from streamvault.errors import FileMissing, SourceUnavailable
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.cells import Cells
from streamvault.reading.picture_cache import MEMORY, PictureCache
from streamvault.reading.thumbnails import Thumbnails
from tests.support.sources import Forgetful, MemorySource, fail, hold, media_file

FILE = media_file(5)


@pytest.fixture
def source() -> MemorySource:
    return MemorySource()


@pytest.fixture
async def cells(source: MemorySource) -> AsyncIterator[Cells]:
    async with Cells(source, memory=Forgetful()) as cells:
        yield cells


async def test_one_request_serves_concurrent_and_later_callers(source: MemorySource, cells: Cells) -> None:
    thumbnails = Thumbnails(source, cells, pictures=PictureCache(MemoryCells(MEMORY)))
    gate = asyncio.Event()
    source.always = hold(gate)
    viewers = [asyncio.create_task(thumbnails.thumbnail(FILE)) for _ in range(6)]
    await source.until_asked(1)
    gate.set()
    pictures = {*await asyncio.gather(*viewers), await thumbnails.thumbnail(FILE)}
    assert len(pictures) == 1
    assert source.thumbnails == 1


async def test_without_a_cache_each_thumbnail_is_fetched(source: MemorySource, cells: Cells) -> None:
    thumbnails = Thumbnails(source, cells)
    assert await thumbnails.thumbnail(FILE) == await thumbnails.thumbnail(FILE)
    assert source.thumbnails == 2


async def test_a_failure_is_not_kept(source: MemorySource, cells: Cells) -> None:
    thumbnails = Thumbnails(source, cells, pictures=PictureCache(MemoryCells(MEMORY)))
    source.faults.append(fail(SourceUnavailable("lost")))
    with pytest.raises(SourceUnavailable):
        await thumbnails.thumbnail(FILE)
    assert await thumbnails.thumbnail(FILE)
    with pytest.raises(FileMissing):
        await thumbnails.thumbnail(media_file(5, thumbs=""))
