"""Failover to another account or message with the same file, and hedging of slow requests."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from streamvault.errors import CatalogError, FileGone, SourceUnavailable
from streamvault.media.model import MediaFile, Origin
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.media.stats import RequestStats
from streamvault.telegram.files.hedging import SHARE, WINDOW, HedgePolicy
from tests.streamvault.telegram.conftest import Connect, Online, calls, counted, exports, keys, right
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, chat_id_of
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent, synthetic_bytes

GET_FILE = "upload.getFile"
CELL = 128 << 10
TOKEN = "700000002:emulated-token-of-worker-2"


@asynccontextmanager
async def with_worker(
    world: EmulatedWorld, connect: Connect, *, home_dc: int = HOME_DC, member: bool = True
) -> AsyncIterator[tuple[Online, Any]]:
    """The bot and a worker, both connected; the worker also as the emulator's user."""
    worker = world.emulator.world.add_bot(TOKEN, home_dc=home_dc)
    if member:
        world.emulator.world.add_member(world.films, worker, admin=True)
    async with connect(worker_bot_tokens=(SecretStr(TOKEN),)) as online:
        await until(lambda: len(online.accounts.all) == 2)
        yield online, worker


async def cells(online: Online, film: MediaFile, numbers: range) -> float:
    """Fetch these cells concurrently; each must be right. Returns the seconds of the slowest one."""

    async def cell(offset: int) -> float:
        began = time.monotonic()
        assert await online.source.fetch(film, offset, CELL) == synthetic_bytes(1, offset, CELL)
        return time.monotonic() - began

    return max(await asyncio.gather(*(cell(number * CELL) for number in numbers)))


# Hedging


async def test_a_slow_request_is_hedged_over_another_connection(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    for _ in range(5):
        await cells(online, film, range(8))
    with world.emulator.faults.slow_answer(None, method=GET_FILE, times=1):
        assert await cells(online, film, range(1)) < 1.5
    assert counted(online, "hedged_total") == 1
    assert counted(online, "failovers_total", reason="silent") == 0


async def test_a_slow_request_is_hedged_with_another_account(world: EmulatedWorld, connect: Connect) -> None:
    origin = await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC)
    async with with_worker(world, connect) as (online, worker):
        film = await online.file(origin)
        for _ in range(4):
            await cells(online, film, range(48))
        assert min(stats.chunks for stats in online.source.stats() if stats.dc_id == FOREIGN_DC) >= 20
        assert len(online.source.stats()) == 2
        before = calls_by(world, worker.id)
        with world.emulator.faults.slow_answer(None, method=GET_FILE, user=world.bot.id, times=1):
            assert await cells(online, film, range(4)) < 1.5
        assert calls_by(world, worker.id) > before
        assert counted(online, "hedged_total") == 1


async def test_a_stalled_account_is_replaced_by_another(world: EmulatedWorld, connect: Connect) -> None:
    origin = await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC)
    async with with_worker(world, connect) as (online, _):
        film = await online.file(origin)
        with world.emulator.faults.slow_answer(None, method=GET_FILE, user=world.bot.id):
            assert await cells(online, film, range(4)) < 6.0
        assert counted(online, "failovers_total", reason="account") >= 1


async def test_nothing_is_hedged_while_the_whole_data_centre_is_slow(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    for _ in range(5):
        await cells(online, film, range(16))
    with world.emulator.faults.slow_answer(0.8, method=GET_FILE):
        await cells(online, film, range(16))
    assert counted(online, "hedged_total") == 0


async def test_hedged_requests_stay_within_their_share_of_any_window() -> None:
    now = 1000.0
    hedges, tally = HedgePolicy(clock=lambda: now), RequestStats("bot", 2, Metrics(), clock=lambda: now)
    requested: list[float] = []
    taken: list[float] = []
    for number in range(4000):
        now += 0.2 if number % 1000 < 500 else 0.005
        hedges.count_request(1000)
        requested.append(now)
        if hedges.take([tally], 1000):
            taken.append(now)
            requests = sum(at > now - WINDOW for at in requested)
            assert sum(at > now - WINDOW for at in taken) <= SHARE * requests
    assert len(taken) > 100


# Accounts


async def test_a_flood_wait_in_mid_stream_delays_no_chunk_by_two_seconds(
    world: EmulatedWorld, connect: Connect
) -> None:
    origin = await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC)
    async with with_worker(world, connect) as (online, _):
        film = await online.file(origin)
        await cells(online, film, range(16))
        world.emulator.faults.flood_wait(30, method=GET_FILE, user=world.bot.id, times=1)
        for number in range(3):
            assert await cells(online, film, range(16 * number, 16 * number + 16)) < 2.0
    assert world.emulator.counters.value("early_calls") == 0


async def test_an_account_gets_requests_again_after_its_flood_wait(world: EmulatedWorld, connect: Connect) -> None:
    origin = await world.post_synthetic(8 * MIB, dc_id=HOME_DC)
    async with with_worker(world, connect) as (online, worker):
        film = await online.file(origin)
        await cells(online, film, range(32))
        world.emulator.faults.flood_wait(2, method=GET_FILE, user=worker.id, times=1)
        await until(lambda: world.emulator.counters.value("errors", code=420) == 1 or cells(online, film, range(16)))
        during = calls_by(world, worker.id)
        await cells(online, film, range(16))
        assert calls_by(world, worker.id) == during

        async def helps() -> bool:
            await cells(online, film, range(16))
            return calls_by(world, worker.id) > during

        await until(helps)
    assert world.emulator.counters.value("early_calls") == 0


async def test_an_account_with_its_home_in_the_files_dc_is_preferred_to_a_new_key(
    world: EmulatedWorld, connect: Connect
) -> None:
    origin = await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC)
    async with with_worker(world, connect, home_dc=FOREIGN_DC) as (online, worker):
        film = await online.file(origin)
        for _ in range(4):
            await cells(online, film, range(16))
        hedged = sum(stats.hedged for stats in online.source.stats())  # on a busy machine
        assert 64 <= calls_by(world, worker.id) <= 64 + hedged
        assert exports(world) == 0
        assert keys(world) == 1  # the worker's home key


async def test_a_worker_that_is_not_a_member_is_tried_once(world: EmulatedWorld, connect: Connect) -> None:
    origin = await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC)
    async with with_worker(world, connect, home_dc=FOREIGN_DC, member=False) as (online, worker):
        film = await online.file(origin)
        for _ in range(3):
            await cells(online, film, range(16))
        assert world.emulator.counters.value("calls", method="channels.getMessages", user=worker.id) == 1
        assert calls_by(world, worker.id) == 0


# Other messages with the same file


class FakeOrigins:
    """Origins with the same messages for every file; with `away` it raises CatalogError."""

    def __init__(self) -> None:
        self.list: tuple[Origin, ...] = ()
        self.away = False
        self.calls = 0

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        self.calls += 1
        if self.away:
            raise CatalogError("away")
        return self.list


async def test_a_deleted_message_is_replaced_by_another_with_the_same_file(
    world: EmulatedWorld, connect: Connect
) -> None:
    known, emulator = FakeOrigins(), world.emulator
    stored = emulator.files.add(SyntheticContent(2 * MIB, 1), dc_id=FOREIGN_DC, name="film.mp4", mime_type="video/mp4")
    posts = [await emulator.world.post(channel, file=stored) for channel in (world.films, world.films, world.vault)]
    origins = [Origin(chat_id_of(c), p.id) for c, p in zip((world.films, world.films, world.vault), posts, strict=True)]
    async with connect(origins=known) as online:
        film = await online.file((origins[0].chat_id, origins[0].message_id))
        await online.source.fetch(film, 0, MIB)
        for post in posts[:2]:
            await emulator.world.delete(post)
        emulator.faults.expire_references()
        known.list = tuple(origins)
        found = await asyncio.gather(*(online.source.fetch(film, number % 2 * MIB, MIB) for number in range(8)))
        assert found == [right(number % 2) for number in range(8)]
        asked = known.calls, calls(world, "channels.getMessages")
        assert await online.source.fetch(film, MIB, MIB) == right(1)
        assert (known.calls, calls(world, "channels.getMessages")) == asked
        assert counted(online, "failovers_total", reason="origin") >= 1


@pytest.mark.parametrize("away", [False, True])
async def test_a_file_without_another_message_is_gone_or_unavailable_if_the_catalog_is_away(
    world: EmulatedWorld, connect: Connect, away: bool
) -> None:
    known = FakeOrigins()
    origin = await world.post_synthetic(MIB, dc_id=FOREIGN_DC)
    async with connect(origins=known) as online:
        film = await online.file(origin)
        known.list, known.away = (film.origin, Origin(film.origin.chat_id, 999)), away
        await world.emulator.world.delete(world.films.messages[film.origin.message_id])
        world.emulator.faults.expire_references()
        with pytest.raises(SourceUnavailable if away else FileGone):
            await online.source.fetch(film, 0, MIB)


def calls_by(world: EmulatedWorld, user_id: int) -> int:
    return int(world.emulator.counters.value("calls", method=GET_FILE, user=user_id))


async def test_hedged_bytes_stay_within_their_share() -> None:
    hedges, tally = HedgePolicy(clock=lambda: 5.0), RequestStats("bot", 2, Metrics(), clock=lambda: 5.0)
    for _ in range(100):
        hedges.count_request(100)
    assert not hedges.take([tally], 501)
    assert hedges.take([tally], 400)
    assert not hedges.take([tally], 101)
    assert hedges.take([tally], 100)
