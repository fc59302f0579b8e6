"""How a server ends: asked to, its streams drain; when its account is lost, it is begun anew, once."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.http_client import opened
from tests.support.server import server_process
from tests.support.stack import ENTRY_DC, FOREIGN_DC, MIB, emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_product(tmp_path) as whole:
        yield whole


async def test_a_stream_under_way_is_finished_before_the_end(whole: Whole) -> None:
    size = 6 * MIB + 5
    target = await whole.post(size)
    async with opened(whole.address, target, receive_buffer=64 << 10) as exchange:
        begun = await exchange.reader.readexactly(MIB)
        whole.stop.set()
        rest = await exchange.reader.read(-1)
    assert begun + rest == synthetic_bytes(1, 0, size)
    await asyncio.wait_for(whole.server, 20)


async def test_a_paused_viewer_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with whole_product(tmp_path, drain_timeout=1.0) as whole:
        target = await whole.post(3_000_000_000)
        async with opened(whole.address, target, receive_buffer=64 << 10) as exchange:
            await exchange.reader.readexactly(MIB)
            whole.stop.set()
            await asyncio.wait_for(whole.server, 15)


async def test_cutting_a_paused_viewer_off_is_no_error_in_the_log(tmp_path: Path) -> None:
    async with emulator_world() as world:
        chat, message = await world.post_synthetic(3_000_000_000)
        async with server_process(world, tmp_path, entry=ENTRY_DC, DRAIN_TIMEOUT="1") as server:
            await server.start()
            await server.ready()
            async with opened(server.address, f"/stream/{chat}/{message}", receive_buffer=64 << 10) as exchange:
                await exchange.reader.readexactly(MIB)
                assert await server.stop() == 0
            assert "cancelled at shutdown" in server.log()
            assert "ERROR" not in server.log()
            assert "Traceback" not in server.log()


async def test_a_lost_account_logs_in_once_more_and_its_streams_go_on(whole: Whole) -> None:
    size = 24 * MIB
    target = await whole.post(size, dc_id=FOREIGN_DC)
    async with opened(whole.address, target, receive_buffer=64 << 10) as exchange:
        begun = await exchange.reader.readexactly(MIB)
        await lose_account(whole)
        rest = await asyncio.wait_for(exchange.reader.read(-1), 60)
    assert begun + rest == synthetic_bytes(1, 0, size)
    logins = whole.world.emulator.counters.value("logins")
    await lose_account(whole)
    await until(lambda: whole.services.readiness.waiting_for == "flood")
    assert time.time() + 3000 < (whole.services.readiness.until or 0) <= time.time() + 3600
    assert (logins, whole.world.emulator.counters.value("logins")) == (2, 2)


async def lose_account(whole: Whole) -> None:
    """Telegram ends every session of the bot."""
    emulator = whole.world.emulator
    for key in emulator.keys.of_user(whole.world.bot.id):
        emulator.keys.unregister(key)
    await emulator.drop_connections()
