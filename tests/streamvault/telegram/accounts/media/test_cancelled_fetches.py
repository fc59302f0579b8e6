"""Cancelled fetches do not delay others."""

import asyncio
import random

from streamvault.media.model import MediaFile
from tests.streamvault.telegram.conftest import Online, exports, keys
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld
from tests.support.steady_loop import waited_and_computed
from tgemulator.world.content import synthetic_bytes


async def test_cancelled_fetches_do_not_delay_others(world: EmulatedWorld, online: Online, film: MediaFile) -> None:
    await asyncio.gather(*(online.source.fetch(film, i * MIB, MIB) for i in range(8)))
    generator = random.Random(7)
    worst = 0.0
    with world.emulator.faults.latency(0.002, dc=FOREIGN_DC):
        for _ in range(60):
            cancelled = asyncio.create_task(online.source.fetch(film, MIB, 256 << 10))
            for _ in range(generator.randrange(40)):
                await asyncio.sleep(0)
            cancelled.cancel()
            before = waited_and_computed()
            assert await online.source.fetch(film, 0, 64 << 10) == synthetic_bytes(1, 0, 64 << 10)
            worst = max(worst, waited_and_computed() - before)
    assert worst < 0.25
    assert (keys(world), exports(world)) == (1, 1)
    assert world.emulator.counters.value("rejected", why="bad_msg") == 0
