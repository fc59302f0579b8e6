"""Requests survive a broken, frozen or half-open connection; a slow connection is kept."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from streamvault.media.model import MediaFile
from streamvault.telegram.accounts.media.stats import DcStats
from streamvault.telegram.network.data_centres import DcAddress
from tests.streamvault.telegram.conftest import Connect, Online, calls, counted, exports, keys, right
from tests.support.relay import Taps, tapped
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld
from tests.support.waiting import until
from tgemulator.world.content import synthetic_bytes

GET_FILE = "upload.getFile"
CELL = 128 << 10


def stats(online: Online) -> DcStats:
    [found] = [stats for stats in online.source.stats() if stats.dc_id == FOREIGN_DC]
    return found


@pytest.fixture
async def taps(world: EmulatedWorld, online: Online, film: MediaFile) -> AsyncIterator[Taps]:
    """All file connections to the foreign data centre pass through these; its key is made already."""
    await online.source.fetch(film, 0, 4096)
    async with tapped(*world.emulator.address(FOREIGN_DC, media_only=True)) as taps:
        main = online.accounts.main
        main.data_centres.learn((DcAddress(FOREIGN_DC, "127.0.0.1", taps.port, media_only=True),))
        main.media_sessions.for_dc(FOREIGN_DC).trim(extra=0.0, last=0.0)
        yield taps


async def cells(online: Online, film: MediaFile, count: int) -> None:
    """Fetch `count` cells concurrently; each must be right."""
    offsets = [i * CELL for i in range(count)]
    found = await asyncio.gather(*(online.source.fetch(film, offset, CELL) for offset in offsets))
    assert found == [synthetic_bytes(1, offset, CELL) for offset in offsets]


async def test_sixteen_concurrent_requests_use_four_connections(
    world: EmulatedWorld, online: Online, taps: Taps
) -> None:
    film = await online.file(await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC))
    with world.emulator.faults.latency(0.04, dc=FOREIGN_DC):
        began = time.monotonic()
        await cells(online, film, 16)
        took = time.monotonic() - began
    assert len(taps.all) == 4
    assert min(tap.carried for tap in taps.all) > 2 * CELL
    assert took < 1.0


async def test_the_first_requests_open_four_connections(world: EmulatedWorld, online: Online, film: MediaFile) -> None:
    with world.emulator.faults.latency(0.04, dc=FOREIGN_DC):
        await cells(online, film, 16)
        assert world.emulator.counters.value("connections", dc=FOREIGN_DC, media=1) == 4
    assert (keys(world), exports(world)) == (1, 1)


async def test_requests_of_a_broken_connection_move_to_another_at_once(
    world: EmulatedWorld, online: Online, film: MediaFile, taps: Taps
) -> None:
    with world.emulator.faults.latency(0.2, dc=FOREIGN_DC):
        await cells(online, film, 16)
        waiting = asyncio.gather(*(online.source.fetch(film, i * CELL, CELL) for i in range(16)))
        asked = calls(world, GET_FILE)
        await until(lambda: calls(world, GET_FILE) >= asked + 12)
        began = time.monotonic()
        taps.open[0].cut()
        assert await waiting == [synthetic_bytes(1, i * CELL, CELL) for i in range(16)]
        assert time.monotonic() - began < 1.0
    assert counted(online, "failovers_total", reason="lost") >= 1
    assert (keys(world), exports(world)) == (1, 1)


async def test_when_all_connections_break_new_ones_are_opened(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    await online.source.fetch(film, 0, MIB)
    with world.emulator.faults.latency(0.1, dc=FOREIGN_DC):
        waiting = asyncio.gather(*(online.source.fetch(film, i * MIB, MIB) for i in range(8)))
        await until(lambda: calls(world, GET_FILE) >= 4)
        began = time.monotonic()
        await world.emulator.drop_connections(FOREIGN_DC)
        assert await waiting == [right(i) for i in range(8)]
        assert time.monotonic() - began < 1.5
    assert (keys(world), exports(world)) == (1, 1)


async def test_requests_of_a_frozen_connection_move_to_another(
    world: EmulatedWorld, online: Online, film: MediaFile, taps: Taps
) -> None:
    with world.emulator.faults.latency(0.01, dc=FOREIGN_DC):
        await cells(online, film, 16)
        taps.open[0].freeze()
        began = time.monotonic()
        await cells(online, film, 16)
        assert time.monotonic() - began < 2.5
        assert (stats(online).silences, stats(online).connections) == (1, 5)
        began = time.monotonic()
        await cells(online, film, 16)
        assert time.monotonic() - began < 0.8
        await until(lambda: stats(online).connections == 4)
    assert counted(online, "failovers_total", reason="silent") >= 1


async def test_when_all_connections_freeze_others_are_opened(
    world: EmulatedWorld, online: Online, film: MediaFile, taps: Taps
) -> None:
    with world.emulator.faults.latency(0.01, dc=FOREIGN_DC):
        await cells(online, film, 16)
        for tap in taps.open:
            tap.freeze()
        began = time.monotonic()
        await cells(online, film, 16)
        assert time.monotonic() - began < 2.5
    assert len(taps.all) <= 8


async def test_a_frozen_connection_that_resumes_is_kept(
    world: EmulatedWorld, online: Online, film: MediaFile, taps: Taps
) -> None:
    await online.source.fetch(film, 0, CELL)
    [first] = taps.open
    first.freeze()
    assert await online.source.fetch(film, 0, CELL) == synthetic_bytes(1, 0, CELL)
    assert len(taps.open) == 2
    first.thaw()
    for _ in range(4):
        carried = first.carried
        await cells(online, film, 8)
    assert first.carried > carried
    assert first.open


async def test_a_single_half_open_connection_is_detected_in_mid_chunk(
    world: EmulatedWorld, online: Online, film: MediaFile, taps: Taps
) -> None:
    await online.source.fetch(film, 0, CELL)
    with world.emulator.faults.bandwidth(1 << 20, dc=FOREIGN_DC):
        waiting = asyncio.create_task(online.source.fetch(film, MIB, MIB))
        [first] = taps.open
        before = first.carried
        await until(lambda: first.carried > before + 200_000)
        first.freeze()
    began = time.monotonic()
    assert await waiting == right(1)
    assert time.monotonic() - began < 3.0


async def test_a_slow_connection_is_not_taken_for_a_dead_one(
    world: EmulatedWorld, online: Online, film: MediaFile, taps: Taps
) -> None:
    await online.source.fetch(film, 0, CELL)
    with world.emulator.faults.bandwidth(250_000, dc=FOREIGN_DC):
        began = time.monotonic()
        assert await online.source.fetch(film, MIB, MIB) == right(1)
        assert time.monotonic() - began > 3.0
    assert len(taps.all) == 1
    assert counted(online, "failovers_total", reason="silent") == 0


async def test_a_data_centre_that_answers_late_is_not_taken_for_a_dead_one(
    world: EmulatedWorld, online: Online, film: MediaFile, taps: Taps
) -> None:
    await online.source.fetch(film, 0, CELL)
    with world.emulator.faults.slow_answer(2.5, method=GET_FILE, times=1):
        assert await online.source.fetch(film, 0, CELL) == synthetic_bytes(1, 0, CELL)
    assert len(taps.all) == 1
    assert calls(world, GET_FILE) == 3


async def test_with_every_connection_frozen_a_bounded_number_is_opened_until_one_answers(
    world: EmulatedWorld, connect: Connect
) -> None:
    origin = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    async with connect() as online:
        film = await online.file(origin)
        await online.source.fetch(film, 0, MIB)
        with world.emulator.faults.half_open(dc=FOREIGN_DC):
            waiting = asyncio.create_task(online.source.fetch(film, MIB, MIB))
            counters = world.emulator.counters
            await until(lambda: counters.value("connections", dc=FOREIGN_DC, media=1) >= 3)
            assert counters.value("connections", dc=FOREIGN_DC, media=1) <= 4
        assert await waiting == right(1)
    assert (keys(world), exports(world)) == (1, 1)
