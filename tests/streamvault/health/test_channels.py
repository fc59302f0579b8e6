"""A channel that cannot be looked at delays no other."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.errors import CatalogError
from streamvault.health import channels as channel_health
from streamvault.health.channels import NO_SUCH_NAME, NOT_IN_CHANNEL, ChannelHealth
from streamvault.health.conditions import Conditions
from streamvault.telegram.updates.queues import cancel
from streamvault.telegram.updates.receiver import AccountUpdates
from tests.support.bot_stage import PAUSE, Stage, bot_stage
from tests.support.handlers import handling
from tests.support.stack import chat_id_of
from tests.support.waiting import until
from tgemulator.errors import RpcError
from tgemulator.services.registry import Call

CHANNELS = 6


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_health, "PAUSE", 0.0)
    monkeypatch.setattr(channel_health, "RETRY", 0.01)


def add_channels(stage: Stage) -> list[Any]:
    """CHANNELS channels in the order of their ids; the bot is in all."""
    made = [stage.world.add_channel(f"Channel {number}", creator=stage.telegram.owner) for number in range(CHANNELS)]
    for channel in made:
        stage.world.add_member(channel, stage.telegram.bot, admin=True)
    return sorted(made, key=chat_id_of)


@asynccontextmanager
async def watching(stage: Stage, channels: list[Any], *names: str) -> AsyncIterator[tuple[Conditions, ChannelHealth]]:
    """Looks at exactly these channels, which are followed only once they have been looked at."""
    stage.world.tell_of_channels = False
    await stage.stop()
    stage.settings = stage.settings.model_copy(update={"channels": (*map(chat_id_of, channels), *names)})
    await stage.start()
    assert stage.accounts is not None
    conditions = Conditions()
    health = ChannelHealth(stage.accounts, stage.finder.chats, conditions)
    task = asyncio.create_task(health.watch())
    health.check_soon()
    try:
        yield conditions, health
    finally:
        await cancel(task)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


async def followed(stage: Stage, channels: list[Any]) -> None:
    for channel in channels:
        await until(lambda: stage.catalog.mark(f"pts/{chat_id_of(channel)}"), pause=PAUSE)  # noqa: B023


def calls(stage: Stage, method: str) -> float:
    return float(stage.telegram.emulator.counters.value("calls", method=method))


@pytest.mark.parametrize(
    ("method", "code", "text"),
    [
        ("channels.getChannels", 500, "INTERNAL"),
        ("channels.getChannels", 400, "METHOD_INVALID"),
        ("channels.getFullChannel", 400, "CHAT_ADMIN_REQUIRED"),
        ("channels.getFullChannel", 500, "RPC_CALL_FAIL"),
    ],
)
async def test_only_the_channel_that_fails_is_asked_about_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, method: str, code: int, text: str
) -> None:
    """2: the first channel in order fails for ever; those behind it are followed, each asked about once."""
    failing, *others = channels = add_channels(stage)
    stage.world.remove_member(others[-1], stage.telegram.bot)
    fault = stage.telegram.emulator.faults.error(code, text, method=method, channel=failing.id)
    before = calls(stage, "channels.getChannels")
    async with watching(stage, channels) as (conditions, _):
        await followed(stage, others[:-1])
        await until(lambda: conditions.holds("channels", subject=str(chat_id_of(others[-1]))), pause=PAUSE)
        await until(lambda: fault.used >= 4, pause=PAUSE)
        asked = calls(stage, "channels.getChannels") - before
        assert asked <= len(others) + fault.used + 1
        assert [one.reason for one in conditions.present] == [NOT_IN_CHANNEL]
        fault.lift()
        await followed(stage, [failing])


async def test_a_channel_that_telegram_refuses_to_tell_of_is_named_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing, *_ = channels = add_channels(stage)
    faults = stage.telegram.emulator.faults
    fault = faults.error(400, "CHAT_ADMIN_REQUIRED", method="channels.getFullChannel", channel=failing.id)
    with caplog.at_level(logging.WARNING):
        async with watching(stage, channels):
            await until(lambda: fault.used >= 4, pause=PAUSE)
    lines = [one.getMessage() for one in caplog.records if "cannot be looked at" in one.getMessage()]
    assert len(lines) == 1
    assert str(chat_id_of(failing)) in lines[0]


@pytest.mark.parametrize(("code", "text"), [(400, "METHOD_INVALID"), (420, "FLOOD_WAIT_3600")])
async def test_a_name_that_cannot_be_resolved_delays_no_channel(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, code: int, text: str
) -> None:
    """2: also where names may not be asked about for an hour."""
    channels = add_channels(stage)
    fault = stage.telegram.emulator.faults.error(code, text, method="contacts.resolveUsername")
    async with watching(stage, channels, "first_name", "second_name") as (conditions, _):
        await followed(stage, channels)
        assert fault.used >= 1
        assert conditions.present == ()


async def test_a_name_is_reported_although_the_name_before_it_fails(stage: Stage) -> None:
    """2: nothing is known of either when the bot starts; then the first name in order fails for ever."""
    failing = {"first_name", "second_name"}

    async def resolve(_: Call, query: Any) -> Any:
        raise RpcError(400, "METHOD_INVALID" if query.username in failing else "USERNAME_NOT_OCCUPIED")

    channels = add_channels(stage)
    with handling(raw.functions.contacts.ResolveUsername, resolve):
        async with watching(stage, channels, *failing) as (conditions, _):
            failing.discard("second_name")
            await until(lambda: conditions.present, pause=PAUSE)
            assert [(one.subject, one.reason) for one in conditions.present] == [("second_name", NO_SUCH_NAME)]
            await followed(stage, channels)


async def test_a_look_before_the_bot_is_connected_is_made_afterwards(stage: Stage) -> None:
    assert stage.accounts is not None
    account, stage.accounts._main = stage.accounts.main, None
    conditions = Conditions()
    health = ChannelHealth(stage.accounts, stage.finder.chats, conditions)
    task = asyncio.create_task(health.watch())
    health.check_soon()
    await until(lambda: health._due, pause=PAUSE)
    assert not task.done()
    stage.accounts._main = account
    await until(lambda: not health._due, pause=PAUSE)
    await cancel(task)
    assert conditions.present == ()


async def test_channels_are_followed_as_soon_as_the_database_is_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it was asked in between; and Telegram is asked about one channel each time, not about all."""
    channels = add_channels(stage)
    away = 12  # so many doubled delays would be 40 s
    tries = 0
    follow = AccountUpdates.follow

    async def failing(updates: AccountUpdates, chat_id: int, pts: Callable[[], Awaitable[int]]) -> None:
        nonlocal tries
        tries += chat_id == chat_id_of(channels[0])
        if tries <= away:
            raise CatalogError("away")
        await follow(updates, chat_id, pts)

    monkeypatch.setattr(AccountUpdates, "follow", failing)
    before = calls(stage, "channels.getChannels")
    async with watching(stage, channels):
        await followed(stage, channels)
    assert calls(stage, "channels.getChannels") - before <= away + len(channels) + 1
