"""Media sessions: their keys and connections are made once, shared, and replaced when they fail."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from streamvault.errors import SourceBusy, SourceUnavailable
from streamvault.media.model import MediaFile
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.auth_keys import PAUSE_FIRST
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.source import TelegramSource
from streamvault.telegram.history.messages import TelegramMessages
from streamvault.telegram.sessions.floods import HOURLY_BUDGETS
from tests.streamvault.telegram.conftest import Online, calls, exports, keys, right
from tests.support.files import file_at
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, emulator_world, settings_for
from tests.support.waiting import until
from tgemulator.config import DcConfig, EmulatorConfig

GET_FILE, EXPORT = "upload.getFile", "auth.exportAuthorization"


async def test_twenty_cold_viewers_make_one_key_and_one_export(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    chunks = await asyncio.gather(*(online.source.fetch(film, i % 8 * MIB, MIB) for i in range(20)))
    assert chunks == [right(i % 8) for i in range(20)]
    assert (keys(world), exports(world)) == (1, 1)
    assert world.emulator.counters.value("connections", dc=FOREIGN_DC, media=1) <= 4
    for i in range(200):
        await online.source.fetch(film, i % 8 * MIB, 4096)
    assert (keys(world), exports(world)) == (1, 1)
    assert world.emulator.counters.value("connections", dc=FOREIGN_DC, media=1) <= 4


async def test_one_viewer_needs_one_connection(world: EmulatedWorld, online: Online, film: MediaFile) -> None:
    for i in range(5):
        await online.source.fetch(film, i * MIB, MIB)
    assert world.emulator.counters.value("connections", dc=FOREIGN_DC, media=1) == 1


async def test_a_connection_that_breaks_while_idle_is_replaced(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    for i in range(4):
        assert await until(partial(_fetched, online, film, i)) == right(i)
        await world.emulator.drop_connections(FOREIGN_DC)
    assert (keys(world), exports(world)) == (1, 1)


async def _fetched(online: Online, film: MediaFile, index: int) -> bytes:
    """A chunk, or b"" while the connection is lost."""
    try:
        return await online.source.fetch(film, index * MIB, MIB)
    except SourceUnavailable:
        return b""


@pytest.mark.parametrize(("code", "text"), [(-404, ""), (401, "AUTH_KEY_UNREGISTERED")])
async def test_a_rejected_media_key_is_replaced_once(
    world: EmulatedWorld, online: Online, film: MediaFile, code: int, text: str
) -> None:
    await asyncio.gather(*(online.source.fetch(film, i * MIB, MIB) for i in range(8)))
    world.emulator.faults.dead_key(code, text, dc=FOREIGN_DC)
    before = time.monotonic()
    chunks = await asyncio.gather(*(online.source.fetch(film, i % 8 * MIB, MIB) for i in range(20)))
    assert chunks == [right(i % 8) for i in range(20)]
    assert time.monotonic() - before < 5
    assert (keys(world), exports(world)) == (2, 2)
    assert keys(world, HOME_DC) == 1


async def test_a_key_that_is_rejected_repeatedly_is_replaced_once(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    world.emulator.faults.error(401, "AUTH_KEY_UNREGISTERED", method=GET_FILE, dc=FOREIGN_DC)
    for _ in range(5):
        with pytest.raises((SourceBusy, SourceUnavailable)):
            await online.source.fetch(film, 0, MIB)
    assert keys(world) <= 2
    assert exports(world) <= 2


async def test_refused_export_bytes_are_exported_again_with_the_same_key(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    world.emulator.faults.error(400, "AUTH_BYTES_INVALID", method="auth.importAuthorization", times=2)
    assert await online.source.fetch(film, 0, MIB) == right()
    assert (keys(world), exports(world)) == (1, 3)


async def test_an_export_whose_answer_was_lost_is_not_counted_twice(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    with world.emulator.faults.slow_answer(method=EXPORT):
        viewer = asyncio.create_task(online.source.fetch(film, 0, MIB))
        await until(lambda: calls(world, EXPORT) == 1)
        await world.emulator.drop_connections(HOME_DC)
        await until(lambda: world.emulator.counters.value("calls", method="help.getConfig") > 1)
    assert await viewer == right(0)
    assert exports(world) == 1


async def test_handshakes_that_break_before_the_key_is_stored_spend_no_budget(
    world: EmulatedWorld, online: Online, film: MediaFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamvault.telegram.accounts.auth_keys.PAUSE_MOST", 0.01)
    monkeypatch.setattr("streamvault.telegram.accounts.auth_keys.PAUSE_FIRST", 0.01)
    account = online.accounts.main
    known = account.session.addresses
    async with closing_server() as (port, _):
        account.data_centres.learn(tuple(replace(a, port=port) if a.dc_id == FOREIGN_DC else a for a in known))
        for _ in range(HOURLY_BUDGETS["key"] + 1):
            with pytest.raises(SourceUnavailable):
                await online.source.fetch(film, 0, MIB)
    account.data_centres.learn(known)
    assert await online.source.fetch(film, 0, MIB) == right()
    assert len(account.session.spent("key")) == 2


async def test_broken_handshakes_are_retried_with_backoff(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    account = online.accounts.main
    async with closing_server() as (port, times):
        known = account.session.addresses
        account.data_centres.learn(tuple(replace(a, port=port) if a.dc_id == FOREIGN_DC else a for a in known))
        for _ in range(3):
            await asyncio.gather(*(_fetched(online, film, i) for i in range(5)))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) >= 2
    assert gaps[0] >= 0.75 * PAUSE_FIRST
    assert gaps[1] >= 1.5 * PAUSE_FIRST


async def test_exports_that_cannot_be_sent_spend_no_budget(
    world: EmulatedWorld, online: Online, film: MediaFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamvault.telegram.accounts.export_authorization.CONNECT_WAIT", 0.2)
    account = online.accounts.main
    known, entry = account.session.addresses, account.data_centres.entry
    async with closing_server() as (port, _):
        account.data_centres.learn(tuple(replace(a, port=port) for a in known))
        account.data_centres.entry = replace(entry, port=port)
        await world.emulator.drop_connections(HOME_DC)
        await until(lambda: not account._main_connection.alive)
        tries = (account.export(FOREIGN_DC) for _ in range(HOURLY_BUDGETS["export"] + 1))
        ends = await asyncio.gather(*tries, return_exceptions=True)
        assert {type(end) for end in ends} == {SourceUnavailable}
    account.data_centres.entry = entry
    account.data_centres.learn(known)
    assert await until(partial(_fetched, online, film, 0)) == right()
    assert (exports(world), len(account.session.spent("export"))) == (1, 1)


@asynccontextmanager
async def closing_server() -> AsyncIterator[tuple[int, list[float]]]:
    """The port of a server that closes every connection, and the times of the connections."""
    times: list[float] = []

    async def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        times.append(time.monotonic())
        writer.close()

    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], times


async def test_a_flood_wait_on_exports_does_not_affect_the_home_data_centre(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    at_home = await online.file(await world.post_synthetic(MIB, dc_id=HOME_DC))
    world.emulator.faults.flood_wait(300, method=EXPORT)
    results = await asyncio.gather(*(online.source.fetch(film, 0, MIB) for _ in range(10)), return_exceptions=True)
    for result in results:
        assert isinstance(result, SourceBusy)
        assert 295 < result.retry_after <= 300
    assert (keys(world), calls(world, EXPORT)) == (1, 1)
    assert await online.source.fetch(at_home, 0, MIB) == right()


async def test_idle_connections_are_closed_and_opened_again_with_the_same_key(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    def opened() -> int:
        return sum(connection.media_only for connection in world.emulator.data_centres.connections(FOREIGN_DC))

    with world.emulator.faults.slow_answer(0.2, method=GET_FILE):
        await asyncio.gather(*(online.source.fetch(film, i * MIB, MIB) for i in range(8)))
    assert opened() > 1
    pool = online.accounts.main.media_sessions.for_dc(FOREIGN_DC)
    pool.trim()
    assert len(pool._pool) == opened()
    pool.trim(extra=0.0)
    await until(lambda: opened() == 1)
    assert await online.source.fetch(film, 0, MIB) == right(0)
    pool.trim(extra=0.0, last=0.0)
    await until(lambda: opened() == 0)
    assert await online.source.fetch(film, 0, MIB) == right(0)
    assert (keys(world), exports(world)) == (1, 1)


async def test_a_fetch_cancelled_during_the_handshake_does_not_cancel_it(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    first = asyncio.create_task(online.source.fetch(film, 0, MIB))
    second = asyncio.create_task(online.source.fetch(film, MIB, MIB))
    await until(lambda: world.emulator.counters.value("connections", dc=FOREIGN_DC) == 1)
    first.cancel()
    assert await second == right(1)
    assert (keys(world), exports(world)) == (1, 1)


@pytest.mark.parametrize("scheme", ["pad", "sha1"])
async def test_a_server_with_one_rsa_padding_is_supported(tmp_path: Any, scheme: str) -> None:
    config = EmulatorConfig(rsa_schemes=frozenset({scheme}))
    async with emulator_world(config) as world:
        metrics = Metrics()
        async with AccountPool(settings_for(world, tmp_path), metrics) as accounts:
            file = await file_at(TelegramMessages(accounts), await world.post_synthetic(MIB, dc_id=FOREIGN_DC))
            assert await TelegramSource(accounts, metrics).fetch(file, 0, MIB) == right()
        assert keys(world, HOME_DC) == keys(world, FOREIGN_DC) == 1


async def test_without_media_only_addresses_files_use_the_main_address(tmp_path: Any) -> None:
    config = EmulatorConfig(dcs=tuple(DcConfig(n, media_port=None) for n in (1, 2, 4)))
    async with emulator_world(config) as world:
        metrics = Metrics()
        accounts = AccountPool(settings_for(world, tmp_path), metrics)
        async with accounts:
            source, messages = TelegramSource(accounts, metrics), TelegramMessages(accounts)
            for dc_id in (HOME_DC, FOREIGN_DC):
                file = await file_at(messages, await world.post_synthetic(4 * MIB, dc_id=dc_id))
                await asyncio.gather(*(source.fetch(file, i % 4 * MIB, MIB) for i in range(12)))
            await file_at(messages, await world.post_synthetic(MIB))
        assert world.emulator.counters.value("errors", code=406) == 0
        assert keys(world, HOME_DC) == keys(world, FOREIGN_DC) == 1
