"""Many viewers of one server: who arrives cold, who leaves early, who hangs up, and what it costs the others."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.http_client import connect, head, opened, read_head, request
from tests.support.proof import full
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes

HUGE = 3_000_000_000
HANG_UPS = 100 if full() else 30
PIECE = 256 << 10
RECEIVE_BUFFER = 64 << 10
NOTSENT_LOWAT = 128 << 10


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_product(tmp_path) as whole:
        yield whole


@pytest.fixture
async def uncached(tmp_path: Path) -> AsyncIterator[Whole]:
    """Every view reads from Telegram."""
    async with whole_product(tmp_path, cache_memory=0, cache_disk=0) as whole:
        yield whole


async def post(whole: Whole, size: int, *, seed: int = 1) -> str:
    return await whole.post(size, dc_id=FOREIGN_DC, seed=seed)


async def test_viewers_of_a_cold_foreign_dc_share_one_key_and_one_export(uncached: Whole) -> None:
    whole = uncached
    counters = whole.world.emulator.counters
    target = await post(whole, 5 * MIB)

    async def view(number: int) -> None:
        start = number * 10_007
        reply = await request(whole.address, target, headers={"Range": f"bytes={start}-{start + 999}"})
        assert reply.status == 206
        assert reply.body == synthetic_bytes(1, start, 1000)

    assert counters.value("keys_created", dc=FOREIGN_DC) == 0
    await asyncio.gather(*(view(number) for number in range(20)))
    for number in range(200):
        await view(number)
    assert counters.value("keys_created", dc=FOREIGN_DC) == 1
    assert counters.value("exports", to_dc=FOREIGN_DC) == 1
    assert counters.value("imports", dc=FOREIGN_DC) == 1


async def test_a_viewer_who_leaves_after_1_mib_stops_the_traffic(whole: Whole) -> None:
    target = await post(whole, HUGE)
    async with opened(whole.address, target, receive_buffer=RECEIVE_BUFFER) as exchange:
        assert await exchange.reader.readexactly(MIB) == synthetic_bytes(1, 0, MIB)
        exchange.hang_up()
    active = whole.services.metrics.streams_active
    await until(lambda: active._value.get() == 0)
    # the kernel doubles the receive buffer, and keeps NOTSENT_LOWAT and what is on the way
    accepted = MIB + 2 * RECEIVE_BUFFER + 2 * NOTSENT_LOWAT
    assert whole.getfile_bytes() <= accepted + 2 * MIB


async def test_viewers_who_hang_up_delay_nobody(whole: Whole) -> None:
    """Every other one of them waits for bytes that never come; a steady viewer reads on between any two of them."""
    chance = random.Random(20)
    target, held_up = await post(whole, HUGE), await whole.post(HUGE, dc_id=HOME_DC, seed=2)
    active = whole.services.metrics.streams_active

    async def begun(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await connect(whole.address)
        writer.write(head(whole.address, path, headers={"Range": f"bytes={chance.randrange(HUGE)}-"}))
        return reader, writer

    async def hang_up_in_the_middle() -> None:
        reader, writer = await begun(target)
        await read_head(reader)
        await reader.readexactly(chance.randrange(1, PIECE))
        writer.transport.abort()
        await until(lambda: active._value.get() == 1)

    async def hang_up_before_the_first_byte() -> None:
        _, writer = await begun(held_up)
        await until(lambda: active._value.get() > 1)
        writer.transport.abort()
        await until(lambda: active._value.get() == 1)

    never = whole.world.emulator.faults.slow_answer(method="upload.getFile", dc=HOME_DC)
    async with opened(whole.address, target, receive_buffer=RECEIVE_BUFFER) as exchange:
        for offset in range(0, HANG_UPS * PIECE, PIECE):
            await hang_up_in_the_middle()
            await hang_up_before_the_first_byte()
            assert await exchange.reader.readexactly(PIECE) == synthetic_bytes(1, offset, PIECE)
        exchange.hang_up()
    assert never.used > 1
    assert not never.lifted.is_set()
    await until(lambda: active._value.get() == 0)
