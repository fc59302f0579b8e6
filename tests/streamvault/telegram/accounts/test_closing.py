"""Closing the pool leaves no task and no open connection."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from streamvault.metrics import Metrics
from streamvault.telegram.accounts.pool import AccountPool
from tests.streamvault.telegram.conftest import Connect
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld, settings_for
from tests.support.waiting import until


async def test_closing_leaves_no_task_and_no_connection(world: EmulatedWorld, connect: Connect) -> None:
    place = await world.post_synthetic(3 * MIB, dc_id=FOREIGN_DC)
    before = asyncio.all_tasks()
    async with connect() as online:
        file = await online.file(place)
        await asyncio.gather(*(online.source.fetch(file, i * MIB, MIB) for i in range(3)))
    await until(lambda: not world.emulator.connections_open)
    left = [task for task in asyncio.all_tasks() - before if "streamvault" in str(task.get_stack())]
    assert left == []


@pytest.mark.parametrize("turns", [1, 3, 10, 30])
async def test_a_cancelled_close_still_closes_every_connection(
    world: EmulatedWorld, tmp_path: Path, turns: int
) -> None:
    accounts = AccountPool(settings_for(world, tmp_path), Metrics())
    await accounts.__aenter__()
    closing = asyncio.create_task(accounts.__aexit__(None, None, None))
    for _ in range(turns):
        await asyncio.sleep(0)
    closing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await closing
    await until(lambda: not world.emulator.connections_open)
