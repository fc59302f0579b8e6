"""Presses of the bot's buttons: by whom, with which data, and during flood waits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from streamvault.access.login import Outcome
from streamvault.access.store.base import Kind
from streamvault.telegram.bot import access_texts
from tests.support.bot_people import buttons, edited, forged, member, outcome, owner, somebody
from tests.support.bot_stage import PAUSE, Stage, bot_stage
from tests.support.people import Door
from tests.support.waiting import until
from tgemulator.errors import RpcError


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def stage(tmp_path: Path, door: Door) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path, access=door.access) as opened:
        yield opened


async def test_the_data_of_a_button_serves_nobody_else(stage: Stage, door: Door) -> None:
    """Clients can be made to send any data: Telegram does not promise that the button exists."""
    mia = member(stage, door)
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    data = buttons(await stage.answer())[str(started.number)]
    theirs = await forged(stage, mia, data)
    given = await stage.world.press(mia, theirs, data)
    assert given.message == access_texts.EXPIRED
    assert await outcome(door, started) == Outcome("waiting")


ANYTHING = (
    b"login", b"login:", b"login:::", b"login:0:0:0:0:0", b"login:\xff\xfe", b"login:AAAAAAAA:0000000000000000:47",
    b"\x00", b":", b"drop:", b"drop:-1", b"drop:" + b"9" * 50, b"serve:1", b"serve:-" + b"9" * 40, b"nonsense",
    b"people:", b"people:-1", b"people:" + b"9" * 50, b"channels:x", "people:²".encode(), b"withdraw:", b"withdraw:x",
)  # fmt: skip


@pytest.mark.parametrize("data", ANYTHING)
async def test_a_press_may_hold_anything(stage: Stage, door: Door, data: bytes) -> None:
    started = await door.start()
    for user in (stage.telegram.owner, somebody(stage)):
        message = await forged(stage, user, data)
        given = await stage.world.press(user, message, data)
        assert given.message
    assert door.desk.done == []
    assert await outcome(door, started) == Outcome("waiting")
    assert stage.bot.access is not None
    await until(lambda: stage.bot.access and stage.bot.access.tasks.empty)


async def test_who_lost_their_rights_cannot_press_any_more(stage: Stage, door: Door) -> None:
    mia = member(stage, door)
    started = await door.start()
    await stage.write(mia, text=f"/login {started.code}")
    asked = await stage.answer(reader=mia)
    door.desk.held.clear()
    given = await stage.world.press(mia, asked, buttons(asked)[str(started.number)])
    assert given.message == access_texts.NOT_YOURS
    assert await outcome(door, started) == Outcome("waiting")


# Floods and failures


async def test_a_flood_on_sending_delays_no_press(stage: Stage, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    asked = await stage.answer()
    over = hold_floods(stage, monkeypatch)
    stage.telegram.emulator.faults.flood_wait(600, method="messages.sendMessage")
    await stage.write(text="/login")
    await until(lambda: stage.bot._outbox._floods.running, pause=PAUSE)
    await stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started.number)])
    assert await outcome(door, started) == Outcome("confirmed", owner(stage))
    await edited(asked, access_texts.CONFIRMED)
    assert len(stage.answers()) == 1
    over.set()
    assert "/login/" in (await stage.answer(2)).text, "it is sent when the flood is over"


@pytest.mark.parametrize("method", ["messages.editMessage", "messages.setBotCallbackAnswer"])
async def test_a_flood_on_presses_delays_no_answer(
    stage: Stage, door: Door, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    asked = await stage.answer()
    over = hold_floods(stage, monkeypatch)
    stage.telegram.emulator.faults.flood_wait(600, method=method)
    press = asyncio.create_task(
        stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started.number)], timeout=1)
    )
    await until(lambda: stage.telegram.emulator.counters.value("calls", method=method))
    await stage.write(text="/login")
    assert "/login/" in (await stage.answer(2)).text
    assert await outcome(door, started) == Outcome("confirmed", owner(stage))
    over.set()
    await asyncio.gather(press, return_exceptions=True)
    await edited(asked, access_texts.CONFIRMED)


def hold_floods(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The bot's flood waits last until the event is set."""
    over, pass_time = asyncio.Event(), stage._sleep

    async def sleep(seconds: float) -> None:
        await over.wait()
        await pass_time(seconds)

    monkeypatch.setattr(stage.bot._outbox._floods, "_sleep", sleep)
    return over


async def test_presses_of_a_stranger_without_end_are_not_all_answered(stage: Stage, door: Door) -> None:
    eve = somebody(stage)
    message = await forged(stage, eve, b"login:x")
    given = await asyncio.gather(
        *(stage.world.press(eve, message, b"login:x", timeout=0.5) for _ in range(50)), return_exceptions=True
    )
    calls = stage.telegram.emulator.counters.value("calls", method="messages.setBotCallbackAnswer")
    assert 1 <= calls < 20
    assert sum(isinstance(one, RpcError) for one in given) == 50 - calls


async def test_a_failing_database_is_told(stage: Stage, door: Door) -> None:
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    asked = await stage.answer()
    door.records.failing = True
    for number, text in enumerate((f"/login {started.code}", "/login"), 2):
        await stage.write(text=text)
        assert (await stage.answer(number)).text == access_texts.UNAVAILABLE
    given = await stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started.number)])
    assert given.message == access_texts.UNAVAILABLE
    door.records.failing = False
    given = await stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started.number)])
    assert given.message == access_texts.CONFIRMED
    await edited(asked, access_texts.CONFIRMED)


async def test_a_slow_press_delays_no_other(stage: Stage, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    mia = member(stage, door)
    first, second = await door.start(), await door.start()
    await stage.write(text=f"/login {first.code}")
    await stage.write(mia, text=f"/login {second.code}")
    asked, theirs = await stage.answer(), await stage.answer(reader=mia)
    reached, over, change = asyncio.Event(), asyncio.Event(), door.records.change

    async def slow(kind: Kind, id: str, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        if id == first.code:
            reached.set()
            await over.wait()
        return await change(kind, id, before=before, after=after)

    monkeypatch.setattr(door.records, "change", slow)
    data = buttons(asked)[str(first.number)]
    press = asyncio.ensure_future(stage.world.press(stage.telegram.owner, asked, data))
    await reached.wait()
    given = await stage.world.press(mia, theirs, buttons(theirs)[str(second.number)])
    assert given.message == access_texts.CONFIRMED
    assert (await stage.world.press(stage.telegram.owner, asked, data)).message == access_texts.ANSWERED
    over.set()
    assert (await press).message == access_texts.CONFIRMED
