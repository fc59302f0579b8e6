"""Many viewers of one server: who arrives cold, who leaves early, who hangs up, and what it costs the others."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.process import freeze_garbage
from tests.support.http_client import connect, head, opened, read_head, request
from tests.support.proof import full
from tests.support.stack import FOREIGN_DC, MIB
from tests.support.steady_loop import waited_and_computed
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes

HUGE = 3_000_000_000
HANG_UPS = 200 if full() else 60
RECEIVE_BUFFER = 64 << 10
NOTSENT_LOWAT = 128 << 10


@pytest.fixture(autouse=True)
def _settled() -> None:
    """As in a server of its own: what the tests before have loaded is left out of garbage collections, which would hold
    this loop up for tenths of a second.
    """
    freeze_garbage()


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


async def test_a_viewer_who_hangs_up_delays_nobody(whole: Whole) -> None:
    """The longest wait of a steady viewer, with many others hanging up at random moments, beside one without them."""
    target = await post(whole, HUGE)
    await until(lambda: whole.services.indexing.names.read)  # the child that reads names has started, which is work
    chance = random.Random(20)
    left = asyncio.Event()

    async def longest_wait(ends: asyncio.Event) -> float:
        longest = 0.0
        async with opened(whole.address, target) as exchange:
            offset = 0
            while not (ends.is_set() and offset >= 8 * MIB):
                began = waited_and_computed()
                piece = await exchange.reader.readexactly(64 << 10)
                longest = max(longest, waited_and_computed() - began)
                assert piece == synthetic_bytes(1, offset, len(piece))
                offset += len(piece)
            exchange.hang_up()
        return longest

    async def hang_up() -> None:
        reader, writer = await connect(whole.address)
        writer.write(head(whole.address, target, headers={"Range": f"bytes={chance.randrange(HUGE)}-"}))
        patience = chance.random() * 0.08
        try:
            async with asyncio.timeout(patience):
                await read_head(reader)
                await reader.readexactly(chance.randrange(1, 2 * MIB))
        except TimeoutError:
            pass
        writer.transport.abort()

    alone = asyncio.Event()
    alone.set()
    undisturbed = await longest_wait(alone)
    steady = asyncio.create_task(longest_wait(left))
    for _ in range(HANG_UPS):
        await hang_up()
    left.set()
    assert await steady <= undisturbed + 0.25
    await until(lambda: whole.services.metrics.streams_active._value.get() == 0)
