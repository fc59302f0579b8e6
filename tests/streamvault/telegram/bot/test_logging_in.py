"""Log-ins by the bot, over the emulated Telegram: links, confirmations, and what others can do with them."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.access.identity import Person
from streamvault.access.login import LOGIN_SECONDS, WRONG_CODES, Outcome, Started
from streamvault.telegram.bot import access_texts, texts
from tests.support.bot_stage import PAUSE, Stage, bot_stage, url_buttons
from tests.support.people import Door
from tests.support.stack import HOME_DC
from tests.support.waiting import until
from tgemulator.errors import RpcError


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def stage(tmp_path: Path, door: Door) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path, access=door.access) as opened:
        yield opened


def somebody(stage: Stage, name: str = "Eve", number: int = 77) -> Any:
    return stage.world.add_user(f"+155501{number}", first_name=name, home_dc=HOME_DC)


def member(stage: Stage, door: Door, name: str = "Mia", number: int = 88) -> Any:
    user = somebody(stage, name, number)
    door.desk.held[user.id] = Person(user.id, name)
    return user


def owner(stage: Stage) -> Person:
    return Person(stage.telegram.owner.id, "Owner")


def buttons(message: Any) -> dict[str, bytes]:
    """Label and data of the buttons under a message."""
    rows = message.reply_markup.rows if message.reply_markup else []
    found = [button for row in rows for button in row.buttons]
    return {one.text: one.type.data for one in found if isinstance(one.type, raw.types.InlineButtonTypeCallback)}


async def edited(message: Any, text: str) -> None:
    await until(lambda: message.text == text, pause=PAUSE)
    assert message.reply_markup is None


async def outcome(door: Door, started: Started) -> Outcome:
    return await door.access.logins.outcome(started.code, started.secret)


# /login: the link


async def test_login_answers_with_a_link_that_works_once(stage: Stage, door: Door) -> None:
    await stage.write(text="/login")
    answer = await stage.answer()
    [url] = re.findall(r"https://\S+", answer.text)
    assert re.fullmatch(r"https://tv\.example\.org/login/[A-Za-z0-9_-]{43}", url)
    assert "5 minutes" in answer.text
    assert "once" in answer.text
    assert url_buttons(answer) == [("Log in", url)]
    token = url.rpartition("/")[2]
    assert await door.access.links.peek(token) == owner(stage)
    assert await door.access.links.redeem(token) == owner(stage)
    assert await door.access.links.redeem(token) is None


async def test_at_home_the_link_is_text_only(tmp_path: Path, door: Door) -> None:
    async with bot_stage(tmp_path, access=door.access, public_url="http://localhost:8080/media/") as stage:
        await stage.write(text="/login")
        answer = await stage.answer()
        assert "http://localhost:8080/media/login/" in answer.text
        assert answer.reply_markup is None


async def test_a_member_logs_in_and_a_stranger_does_not(stage: Stage, door: Door) -> None:
    mia, eve = member(stage, door), somebody(stage)
    started = await door.start()
    for text in ("/login", f"/login {started.code}", f"/start {started.start_parameter}"):
        await stage.write(eve, text=text)
        await stage.write(mia, text=text)
    await stage.answer(3, reader=mia)
    assert [bool(buttons(one)) for one in stage.answers(mia)] == [False, True, True]
    await stage.settled()
    assert [one.text for one in stage.answers(eve)] == [texts.not_an_owner(eve.id)]


async def test_in_a_group_nobody_gets_a_link(stage: Stage, door: Door) -> None:
    mia, eve = member(stage, door), somebody(stage)
    group = stage.world.add_channel("Talk", creator=mia, megagroup=True)
    for user in (stage.telegram.bot, eve, stage.telegram.owner):
        stage.world.add_member(group, user)
    started = await door.start()
    for user in (eve, mia, stage.telegram.owner):
        for text in ("/login", f"/login {started.code}"):
            await stage.world.post(group, sender=user, text=text)
    await stage.settled()
    by_the_bot = [one for one in group.messages.values() if one.sender_id == stage.telegram.bot.id and one.text]
    assert [one.text for one in by_the_bot] == [access_texts.IN_PRIVATE] * 4
    assert {one.reply_to for one in by_the_bot}.isdisjoint(
        {one.id for one in group.messages.values() if one.sender_id == eve.id}
    )
    assert not any(record.kind == "login" and record.person for record in door.records.stored.values())


# The confirmation


@pytest.mark.parametrize("way", ["code", "small code", "deep link"])
async def test_the_right_number_logs_in(stage: Stage, door: Door, way: str) -> None:
    started = await door.start()
    hyphened = f"{started.code[:4]}-{started.code[4:]}"
    text = {
        "code": f"/login {hyphened}",
        "small code": f"/login {started.code.lower()}",
        "deep link": f"/start {started.start_parameter}",
    }[way]
    await stage.write(text=text)
    asked = await stage.answer()
    for shown in ("Firefox on Linux", "192.0.2.7", hyphened):
        assert shown in asked.text
    labels = list(buttons(asked))
    assert str(started.number) in labels[:3]
    assert labels[3] == "It was not me"
    assert all(len(data) <= 64 for data in buttons(asked).values())
    given = await stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started.number)])
    assert given.message == access_texts.CONFIRMED
    assert await outcome(door, started) == Outcome("confirmed", owner(stage))
    await edited(asked, access_texts.CONFIRMED)


@pytest.mark.parametrize("which", [0, 1, "no"])
async def test_any_other_button_ends_the_log_in(stage: Stage, door: Door, which: int | str) -> None:
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    asked = await stage.answer()
    wrong = [label for label in buttons(asked) if label != str(started.number)]
    label = "It was not me" if which == "no" else wrong[int(which)]
    given = await stage.world.press(stage.telegram.owner, asked, buttons(asked)[label])
    text = access_texts.NOT_ME if which == "no" else access_texts.WRONG_NUMBER
    assert given.message == text[:200]
    await edited(asked, text)
    assert await outcome(door, started) == Outcome("refused")
    await stage.write(text=f"/login {started.code}")
    assert (await stage.answer(2)).text == access_texts.NO_LOGIN


async def test_pressing_twice_decides_once(stage: Stage, door: Door) -> None:
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    asked = await stage.answer()
    data = buttons(asked)
    wrong = next(label for label in data if label not in (str(started.number), "It was not me"))
    stage.telegram.emulator.faults.flood_wait(30, method="messages.editMessage", times=1)
    presses = [
        stage.world.press(stage.telegram.owner, asked, data[label])
        for label in (str(started.number), str(started.number), wrong)
    ]
    given = [one.message for one in await asyncio.gather(*presses)]
    assert sorted(given) == sorted([access_texts.ANSWERED, access_texts.ANSWERED, access_texts.CONFIRMED]), given
    assert await outcome(door, started) == Outcome("confirmed", owner(stage))
    await edited(asked, access_texts.CONFIRMED)


async def test_a_second_message_for_the_same_log_in_says_that_it_was_answered(stage: Stage, door: Door) -> None:
    started = await door.start()
    for number in (1, 2):
        await stage.write(text=f"/login {started.code}")
        await stage.answer(number)
    first, second = stage.answers()
    assert buttons(first) == buttons(second)
    await stage.world.press(stage.telegram.owner, first, buttons(first)[str(started.number)])
    given = await stage.world.press(stage.telegram.owner, second, buttons(second)[str(started.number)])
    assert given.message == access_texts.ANSWERED
    await edited(second, access_texts.ANSWERED)
    await edited(first, access_texts.CONFIRMED)


async def test_old_buttons_are_answered(stage: Stage, door: Door) -> None:
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    asked = await stage.answer()
    door.now += LOGIN_SECONDS
    given = await stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started.number)])
    assert given.message == access_texts.EXPIRED
    await edited(asked, access_texts.EXPIRED)
    assert await outcome(door, started) == Outcome("expired")


async def test_buttons_outlast_a_restart_of_the_bot(stage: Stage, door: Door) -> None:
    started = await door.start()
    await stage.write(text=f"/login {started.code}")
    asked = await stage.answer()
    await stage.stop()
    await stage.start()
    given = await stage.world.press(stage.telegram.owner, asked, buttons(asked)[str(started.number)])
    assert given.message == access_texts.CONFIRMED


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


async def forged(stage: Stage, user: Any, data: bytes) -> Any:
    """A message of the bot to `user` with a button that sends `data`."""
    await stage.write(user, text="/help")
    button = raw.types.KeyboardInlineButton(text="x", type=raw.types.InlineButtonTypeCallback(data=data))
    rows = [raw.types.KeyboardInlineButtonRow(buttons=[button])]
    return await stage.world.send_private(
        stage.telegram.bot, user, text="x", reply_markup=raw.types.ReplyInlineMarkup(rows=rows)
    )


ANYTHING = (
    b"login", b"login:", b"login:::", b"login:0:0:0:0:0", b"login:\xff\xfe", b"login:AAAAAAAA:0000000000000000:47",
    b"\x00", b":", b"drop:", b"drop:-1", b"drop:" + b"9" * 50, b"serve:1", b"serve:-" + b"9" * 40, b"nonsense",
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
    await until(lambda: stage.bot.access and stage.bot.access.presses.empty)


async def test_who_lost_their_rights_cannot_press_any_more(stage: Stage, door: Door) -> None:
    mia = member(stage, door)
    started = await door.start()
    await stage.write(mia, text=f"/login {started.code}")
    asked = await stage.answer(reader=mia)
    door.desk.held.clear()
    given = await stage.world.press(mia, asked, buttons(asked)[str(started.number)])
    assert given.message == access_texts.NOT_YOURS
    assert await outcome(door, started) == Outcome("waiting")


async def test_two_browsers_at_once_are_confirmed_apart(stage: Stage, door: Door) -> None:
    mia = member(stage, door)
    first, second = await door.start(), await door.start("198.51.100.4")
    await stage.write(text=f"/login {first.code}")
    await stage.write(mia, text=f"/login {second.code}")
    of_owner, of_mia = await stage.answer(), await stage.answer(reader=mia)
    assert "198.51.100.4" in of_mia.text
    await stage.world.press(mia, of_mia, buttons(of_mia)[str(second.number)])
    assert await outcome(door, first) == Outcome("waiting")
    assert (await outcome(door, second)).person == Person(mia.id, "Mia")
    await stage.world.press(stage.telegram.owner, of_owner, buttons(of_owner)[str(first.number)])
    assert (await outcome(door, first)).person == owner(stage)


async def test_guesses_are_bounded(stage: Stage, door: Door) -> None:
    mia = member(stage, door)
    started = await door.start()
    for guess in range(WRONG_CODES):
        await stage.write(mia, text=f"/{'login' if guess % 2 else 'start login_'}{' ' * (guess % 2)}{guess}0000000")
        await stage.answer(guess + 1, reader=mia)
    assert {one.text for one in stage.answers(mia)} == {access_texts.NO_LOGIN}
    await stage.write(mia, text=f"/login {started.code}")
    assert (await stage.answer(WRONG_CODES + 1, reader=mia)).text == access_texts.too_many(600)
    await stage.write(text=f"/login {started.code}")
    assert buttons(await stage.answer())


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


async def test_commands_are_shown_to_whom_they_serve(tmp_path: Path, door: Door) -> None:
    new = 900
    async with bot_stage(tmp_path, access=door.access, owner_ids=frozenset({500_000_001, new})) as stage:
        assert stage.telegram.owner.id != new
        commands, bot = stage.world.commands, stage.telegram.bot.id
        assert [name for name, _ in commands.get(bot)] == ["start", "help", "link", "login"]
        known = commands.get(bot, scope=("peer", "user", stage.telegram.owner.id))
        assert [name for name, _ in known] == ["start", "help", "link", "login", "invite", "people", "channels"]
        assert commands.get(bot, scope=("peer", "user", new)) == []
        user = stage.world.add_user("+15550177", first_name="New", id=new, home_dc=HOME_DC)
        await stage.write(user, text="/start")
        await until(lambda: commands.get(bot, scope=("peer", "user", new)) == known, pause=PAUSE)
        assert (await stage.answer(reader=user)).text == texts.START
