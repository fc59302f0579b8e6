"""Logging in, reconnecting and losing a session, with real Kurigram over TCP against the emulator."""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pyrogram.handlers import MessageHandler
from pyrogram.types import Message

from streamvault.errors import ConfigError, SourceBusy, SourceUnavailable
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.errors import AccountLost
from tests.streamvault.telegram.conftest import Connect
from tests.support.stack import (
    ENTRY_DC,
    FOREIGN_DC,
    HOME_DC,
    MIB,
    EmulatedWorld,
    emulator_world,
    settings_for,
)

LOGIN = "auth.importBotAuthorization"


def keys_made(world: EmulatedWorld) -> dict[int, int]:
    counters = world.emulator.counters
    return {dc: n for dc in (ENTRY_DC, HOME_DC, FOREIGN_DC) if (n := counters.value("keys_created", dc=dc))}


def metric(metrics: Metrics, name: str) -> float:
    return metrics.registry.get_sample_value(f"streamvault_{name}") or 0.0


async def test_a_redirected_login_makes_one_key_per_data_centre(world: EmulatedWorld, connect: Connect) -> None:
    async with connect(entry=ENTRY_DC) as online:
        main = online.accounts.main
        assert (main.home_dc, main.client.me.id) == (HOME_DC, world.bot.id)
        assert metric(online.metrics, "auth_keys_created_total") == 2
        assert metric(online.metrics, "logins_total") == 1
    assert keys_made(world) == {ENTRY_DC: 1, HOME_DC: 1}
    assert world.emulator.counters.value("logins") == 1


async def test_the_key_of_the_entry_data_centre_serves_its_media_session(
    world: EmulatedWorld, connect: Connect
) -> None:
    place = await world.post_synthetic(MIB, dc_id=ENTRY_DC)
    async with connect(entry=ENTRY_DC) as online:
        await online.source.fetch(await online.file(place), 0, MIB)
    assert keys_made(world) == {ENTRY_DC: 1, HOME_DC: 1}
    assert world.emulator.counters.value("exports") == 1


async def test_a_restart_makes_no_key_no_export_and_no_login(world: EmulatedWorld, connect: Connect) -> None:
    places = [await world.post_synthetic(MIB, dc_id=dc, seed=dc) for dc in (ENTRY_DC, HOME_DC, FOREIGN_DC)]
    for _ in range(3):
        async with connect(entry=ENTRY_DC) as online:
            for place in places:
                await online.source.fetch(await online.file(place), 0, MIB)
    assert metric(online.metrics, "auth_keys_created_total") == metric(online.metrics, "exports_total") == 0
    assert keys_made(world) == {ENTRY_DC: 1, HOME_DC: 1, FOREIGN_DC: 1}
    assert world.emulator.counters.value("exports") == 2
    assert world.emulator.counters.value("logins") == 1
    assert world.emulator.counters.value("early_calls") == 0


async def test_a_login_in_a_flood_wait_keeps_its_key_and_is_not_sent_again(
    world: EmulatedWorld, tmp_path: Path
) -> None:
    settings = settings_for(world, tmp_path)
    world.emulator.faults.flood_wait(2000, method=LOGIN)
    for _ in range(3):
        metrics = Metrics()
        accounts = AccountPool(settings, metrics)
        with pytest.raises(SourceBusy) as busy:
            await accounts.__aenter__()
        assert 1990 < busy.value.retry_after <= 2000
        with pytest.raises(SourceUnavailable):
            _ = accounts.main
    assert keys_made(world) == {HOME_DC: 1}
    assert world.emulator.counters.value("calls", method=LOGIN) == 1


async def test_accounts_that_failed_to_open_can_be_entered_again(world: EmulatedWorld, tmp_path: Path) -> None:
    accounts = AccountPool(settings_for(world, tmp_path), Metrics())
    with world.emulator.faults.error(500, "INTERNAL", method=LOGIN), pytest.raises(SourceUnavailable):
        await accounts.__aenter__()
    async with accounts:
        assert accounts.main.client.me.id == world.bot.id
    assert keys_made(world) == {HOME_DC: 1}


@pytest.mark.parametrize(
    ("text", "setting"),
    [("ACCESS_TOKEN_INVALID", "BOT_TOKEN"), ("ACCESS_TOKEN_EXPIRED", "BOT_TOKEN"), ("API_ID_INVALID", "API_ID")],
)
async def test_a_refused_login_names_the_wrong_setting(
    world: EmulatedWorld, tmp_path: Path, text: str, setting: str
) -> None:
    world.emulator.faults.error(400, text, method=LOGIN)
    with pytest.raises(ConfigError, match=setting) as caught:
        await AccountPool(settings_for(world, tmp_path), Metrics()).__aenter__()
    assert "\n" not in str(caught.value)


async def test_an_unknown_bot_token_is_a_config_error(world: EmulatedWorld, tmp_path: Path) -> None:
    settings = settings_for(world, tmp_path, bot_token=SecretStr(f"{world.bot.id}:another"))
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        await AccountPool(settings, Metrics()).__aenter__()


async def test_a_server_with_another_rsa_key_is_a_config_error(world: EmulatedWorld, tmp_path: Path) -> None:
    async with emulator_world() as other:
        settings = settings_for(world, tmp_path, telegram_server_key=other_key(other, tmp_path))
        with pytest.raises(ConfigError, match="TELEGRAM_SERVER_KEY") as caught:
            await AccountPool(settings, Metrics()).__aenter__()
    assert "\n" not in str(caught.value)
    assert keys_made(world) == {}


async def test_a_session_of_another_server_is_refused(world: EmulatedWorld, connect: Connect, tmp_path: Path) -> None:
    async with connect():
        pass
    async with emulator_world() as other:
        with pytest.raises(ConfigError, match="another Telegram server"):
            await AccountPool(settings_for(other, tmp_path), Metrics()).__aenter__()
        assert keys_made(other) == {}


async def test_a_session_of_another_bot_is_refused(world: EmulatedWorld, connect: Connect) -> None:
    async with connect():
        pass
    token = "700000002:another-emulated-token-of-a-bot"
    world.emulator.world.add_bot(token, name="Other", username="other_bot")
    with pytest.raises(ConfigError, match="another bot"):
        async with connect(bot_token=SecretStr(token)):
            pass
    assert keys_made(world) == {HOME_DC: 1}


async def test_an_unreachable_server_is_reported_within_10_seconds(tmp_path: Path) -> None:
    async with emulator_world() as gone:
        settings = settings_for(gone, tmp_path)
    before = time.monotonic()
    with pytest.raises(SourceUnavailable):
        await AccountPool(settings, Metrics()).__aenter__()
    assert time.monotonic() - before < 10


@pytest.mark.parametrize(
    ("code", "text"),
    [(-404, ""), (401, "AUTH_KEY_UNREGISTERED"), (401, "SESSION_REVOKED"), (406, "AUTH_KEY_DUPLICATED")],
)
async def test_a_session_ended_between_runs_is_logged_in_again_once_an_hour(
    world: EmulatedWorld, connect: Connect, code: int, text: str
) -> None:
    async with connect():
        pass
    world.emulator.faults.dead_key(code, text, dc=HOME_DC)
    async with connect():
        pass
    assert (keys_made(world), world.emulator.counters.value("logins")) == ({HOME_DC: 2}, 2)
    for _ in range(3):
        world.emulator.faults.dead_key(code, text, dc=HOME_DC)
        with pytest.raises(SourceBusy) as caught:
            async with connect():
                pass
        assert 3500 < caught.value.retry_after <= 3600
    assert (keys_made(world), world.emulator.counters.value("logins")) == ({HOME_DC: 2}, 2)


@pytest.mark.parametrize(("code", "text"), [(-404, ""), (401, "SESSION_REVOKED"), (406, "AUTH_KEY_DUPLICATED")])
async def test_a_session_ended_while_running_raises_account_lost(
    world: EmulatedWorld, connect: Connect, code: int, text: str
) -> None:
    place = await world.post_synthetic(MIB)
    async with connect() as online:
        watch = asyncio.create_task(online.accounts.watch())
        world.emulator.faults.dead_key(code, text, dc=HOME_DC)
        with pytest.raises(SourceUnavailable):
            await online.file(place)
        async with asyncio.timeout(5):
            with pytest.raises(AccountLost):
                await watch
    assert keys_made(world) == {HOME_DC: 1}


async def test_requests_wait_for_a_lost_connection_to_be_reopened(world: EmulatedWorld, connect: Connect) -> None:
    place = await world.post_synthetic(MIB)
    async with connect() as online:
        for _ in range(3):
            await world.emulator.drop_connections(HOME_DC)
            async with asyncio.timeout(5):
                await read_through(online, place)
    assert keys_made(world) == {HOME_DC: 1}
    assert world.emulator.counters.value("logins") == 1


async def test_a_connection_that_keeps_breaking_is_retried_with_backoff(world: EmulatedWorld, connect: Connect) -> None:
    async with connect():
        before = world.emulator.counters.value("connections", dc=HOME_DC)
        dropped = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                while True:
                    dropped += await world.emulator.drop_connections(HOME_DC)
                    await asyncio.sleep(0.06)
        assert dropped > 1
        assert world.emulator.counters.value("connections", dc=HOME_DC) - before <= 8


async def test_updates_arrive_and_missed_ones_follow_after_reconnecting(world: EmulatedWorld, connect: Connect) -> None:
    seen: asyncio.Queue[str] = asyncio.Queue()

    async def on_message(_: Any, message: Message) -> None:
        seen.put_nowait(message.text)

    async def post(text: str) -> None:
        await world.emulator.world.post(world.films, text=text)

    async with connect(prepare=lambda client: client.add_handler(MessageHandler(on_message))):
        await post("while connected")
        assert await next_of(seen) == "while connected"
    await post("while away")
    async with connect(prepare=lambda client: client.add_handler(MessageHandler(on_message))):
        assert await next_of(seen) == "while away"
        await world.emulator.drop_connections(HOME_DC)
        await post("while reconnecting")
        assert await next_of(seen) == "while reconnecting"
    assert seen.empty()


async def test_a_handler_that_never_returns_does_not_block_closing(world: EmulatedWorld, connect: Connect) -> None:
    stuck = asyncio.Event()

    async def on_message(_: Any, message: Message) -> None:
        stuck.set()
        await asyncio.Event().wait()

    async with connect(prepare=lambda client: client.add_handler(MessageHandler(on_message))):
        await world.emulator.world.post(world.films, text="hello")
        async with asyncio.timeout(5):
            await stuck.wait()
        before = time.monotonic()
    assert time.monotonic() - before < 6


def other_key(world: EmulatedWorld, folder: Path) -> Path:
    path = folder / "other.pem"
    path.write_text(world.emulator.public_key_pem)
    return path


async def next_of(queue: "asyncio.Queue[str]") -> str:
    async with asyncio.timeout(10):
        return await queue.get()


async def read_through(online: Any, place: tuple[int, int]) -> None:
    """Read a message; try again while the connection is lost."""
    while True:
        try:
            await online.file(place)
            return
        except SourceUnavailable:
            continue
