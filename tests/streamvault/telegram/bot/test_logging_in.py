"""Log-ins by the bot, over the emulated Telegram: links, confirmations, and what others can do with them."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telethon.tl.functions.messages import StartBotRequest

from streamvault.access.identity import Person
from streamvault.access.login import LOGIN_SECONDS, WRONG_CODES, Outcome
from streamvault.telegram.bot import access_texts, texts
from tests.support.bot_people import buttons, edited, member, outcome, owner, somebody
from tests.support.bot_stage import PAUSE, Stage, bot_stage, url_buttons
from tests.support.clients import telethon, telethon_login
from tests.support.emulation import trusted
from tests.support.people import Door
from tests.support.stack import HOME_DC
from tests.support.waiting import until


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def stage(tmp_path: Path, door: Door) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path, access=door.access) as opened:
        yield opened


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
    if way == "deep link":
        await stage.world.start_bot(stage.telegram.owner, stage.telegram.bot, started.start_parameter)
    else:
        await stage.write(text=f"/login {hyphened if way == 'code' else started.code.lower()}")
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


async def test_a_person_with_telethon_opens_the_link_and_presses(stage: Stage, door: Door, tmp_path: Path) -> None:
    """A client that shares no code with the emulator and the bot."""
    emulator, user = stage.telegram.emulator, stage.telegram.owner
    started = await door.start()
    with trusted(emulator):
        client = telethon(emulator, user, tmp_path)
        await client.start(**telethon_login(user))
        try:
            bot = await client.get_entity("vault_bot")
            await client(StartBotRequest(bot, bot, started.start_parameter))
            await stage.answer()
            [asked] = [one for one in await client.get_messages(bot, limit=2) if one.buttons]
            labels = [one.text for row in asked.buttons for one in row]
            assert str(started.number) in labels
            given = await asked.click(text=str(started.number))
            assert given.message == access_texts.CONFIRMED
            assert await outcome(door, started) == Outcome("confirmed", owner(stage))
            await edited(stage.answers()[0], access_texts.CONFIRMED)
            [confirmed] = await client.get_messages(bot, ids=[asked.id])
            assert (confirmed.message, confirmed.buttons) == (access_texts.CONFIRMED, None)
        finally:
            await client.disconnect()
