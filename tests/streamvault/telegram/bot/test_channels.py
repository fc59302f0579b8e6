"""/channels: chats that others than owners added the bot to, over the emulated Telegram."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.media.events import Person, SeenChat
from streamvault.telegram.bot import access_texts
from tests.support.bot_people import buttons, somebody
from tests.support.bot_stage import PAUSE, Stage, bot_stage
from tests.support.people import Door
from tests.support.stack import HOME_DC, chat_id_of
from tests.support.waiting import until


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def learning(tmp_path: Path, door: Door) -> AsyncIterator[Stage]:
    """A stage without CHANNELS, where strangers may add the bot to chats."""
    async with bot_stage(tmp_path, access=door.access, channels=()) as opened:
        opened.finder.chats.offers = door.access.offers
        await opened.write(text="/start")  # the bot may write to those who have written to it
        await opened.world.delete(await opened.answer())
        yield opened


def added_by(stage: Stage, user: Any, title: str) -> Any:
    """A channel of `user`, who makes the bot an administrator in it."""
    channel = stage.world.add_channel(title, creator=user)
    stage.world.add_member(channel, stage.telegram.bot, admin=True)
    return channel


async def test_owners_are_told_of_a_strangers_channel_and_serve_it(learning: Stage, door: Door) -> None:
    eve = somebody(learning)
    channel = added_by(learning, eve, "Regatta")
    told = await learning.answer()
    assert f"Regatta, added by Eve ({eve.id})" in told.text
    assert buttons(told) == {"Serve Regatta": f"serve:{chat_id_of(channel)}".encode()}
    assert learning.answers(eve) == []
    given = await learning.world.press(learning.telegram.owner, told, buttons(told)["Serve Regatta"])
    assert "served" in given.message
    assert door.served == [chat_id_of(channel)]
    await until(lambda: told.text == access_texts.NO_OFFERS, pause=PAUSE)
    assert buttons(told) == {}


async def test_offers_are_listed_and_outlast_a_restart(learning: Stage, door: Door) -> None:
    await learning.write(text="/channels")
    assert (await learning.answer()).text == access_texts.NO_OFFERS
    eve = somebody(learning)
    first, second = added_by(learning, eve, "One"), added_by(learning, eve, "Two")
    await learning.answer(3)
    await learning.stop()
    await learning.start()
    learning.finder.chats.offers = door.access.offers
    learning.world.add_member(first, learning.telegram.bot, rights={"edit_messages"}, actor=eve)
    await learning.settled()
    before = len(learning.answers())
    await learning.write(text="/channels")
    listed = await learning.answer(before + 1)
    assert set(buttons(listed).values()) == {f"serve:{chat_id_of(one)}".encode() for one in (first, second)}
    learning.world.remove_member(second, learning.telegram.bot, actor=eve)
    await until(lambda: ("offer", str(chat_id_of(second))) not in door.records.stored, pause=PAUSE)
    gone = f"serve:{chat_id_of(second)}".encode()
    given = await learning.world.press(learning.telegram.owner, listed, gone)
    assert given.message == access_texts.ANSWERED
    await until(lambda: list(buttons(listed)) == ["Serve One"], pause=PAUSE)
    assert door.served == []


async def test_long_titles_and_names_fit_into_a_message(learning: Stage, door: Door) -> None:
    assert door.access.offers is not None
    for number in range(access_texts.LISTED + 5):
        by = [Person(10**15 + number, "🎬" * 120)]
        await door.access.offers.add(SeenChat(-(10**12) - number, "🎬" * 128), by)
    await learning.settled()
    before = len(learning.answers())
    await learning.write(text="/channels")
    listed = await learning.answer(before + 1)
    assert listed.text.splitlines()[-1] == "... and 5 more"
    assert len(listed.reply_markup.rows) == access_texts.LISTED + 1
    await learning.world.press(learning.telegram.owner, listed, buttons(listed)["More"])
    await until(lambda: len(listed.reply_markup.rows) == 5 + 1, pause=PAUSE)


async def test_a_chat_that_the_bot_has_left_is_not_served(learning: Stage, door: Door) -> None:
    channel = added_by(learning, somebody(learning), "Regatta")
    told = await learning.answer()
    door.left.add(chat_id_of(channel))
    given = await learning.world.press(learning.telegram.owner, told, buttons(told)["Serve Regatta"])
    assert given.message == access_texts.NOT_IN_IT
    assert door.served == []
    await until(lambda: told.text == access_texts.NO_OFFERS, pause=PAUSE)


async def test_an_owners_channel_is_no_offer(learning: Stage, door: Door) -> None:
    added_by(learning, learning.telegram.owner, "Mine")
    await learning.settled()
    assert not [kind for kind, _ in door.records.stored if kind == "offer"]
    assert [one.text for one in learning.answers() if "Mine" in one.text] == []


async def test_owners_are_told_a_few_times_a_day(learning: Stage, door: Door) -> None:
    for number in range(8):
        added_by(learning, somebody(learning, "Eve", 20 + number), f"Spam {number}")
    await until(lambda: len([kind for kind, _ in door.records.stored if kind == "offer"]) == 8, pause=PAUSE)
    await learning.settled()
    assert len([one for one in learning.answers() if "Spam" in one.text]) == 3


async def test_with_channels_set_there_is_nothing_to_choose(tmp_path: Path, door: Door) -> None:
    async with bot_stage(tmp_path, access=door.access) as stage:
        stage.finder.chats.offers = door.access.offers
        added_by(stage, somebody(stage), "Regatta")
        await stage.settled()
        assert not [kind for kind, _ in door.records.stored if kind == "offer"]


async def test_owners_who_never_wrote_to_the_bot_cost_no_answer_of_others(tmp_path: Path, door: Door) -> None:
    async with bot_stage(tmp_path, access=door.access, channels=(), owner_ids=frozenset({500_000_001, 900})) as stage:
        stage.finder.chats.offers = door.access.offers
        user = stage.world.add_user("+15550177", first_name="New", id=900, home_dc=HOME_DC)
        await stage.write(user, text="/help")
        await stage.answer(reader=user)
        added_by(stage, somebody(stage, "Eve", 20), "Regatta")
        assert "Regatta" in (await stage.answer(2, reader=user)).text
        assert stage.answers() == []
