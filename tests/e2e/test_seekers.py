"""Viewers who seek and leave at full speed: what came from Telegram is in the disk cache, and not fetched again."""

import asyncio
import random
from pathlib import Path

from streamvault.media.cells import CELL
from streamvault.reading.cache.disk import DiskCells
from tests.support.http_client import opened
from tests.support.proof import full
from tests.support.stack import MIB
from tests.support.whole import Whole, whole_product

SIZE, VIEWERS, SEEKS = 200 * MIB, 6, 12 if full() else 6


async def _seek(whole: Whole, path: str, number: int) -> None:
    """Seek, watch a part, and hang up, several times."""
    chance = random.Random(number)
    for _ in range(SEEKS):
        start, left = chance.randrange(SIZE - 12 * MIB), chance.randrange(MIB, 8 * MIB)
        async with opened(whole.address, path, headers={"Range": f"bytes={start}-"}) as exchange:
            while left > 0:
                left -= len(await exchange.reader.read(min(left, MIB)))
            exchange.hang_up()


async def test_what_was_fetched_for_viewers_who_seek_is_not_fetched_twice(tmp_path: Path) -> None:
    """X: no cell is lost on its way to the disk cache while it has room."""
    async with whole_product(tmp_path, cache_memory=0, cache_disk=4 << 30) as whole:
        paths = [await whole.post(SIZE, seed=seed) for seed in range(3)]
        await asyncio.gather(*(_seek(whole, paths[number % 3], number) for number in range(VIEWERS)))
        disk = whole.services.media.cells._disk
        assert isinstance(disk, DiskCells)
        await disk.settled()
        assert disk.dropped == 0
        assert whole.getfile_bytes() <= 1.05 * disk.written * CELL
