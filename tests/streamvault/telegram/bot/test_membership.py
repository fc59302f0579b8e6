"""MEMBERS may name a channel: Telegram says who is in it, at a bounded rate."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.telegram.bot.membership import MOST_WAITING, PAUSE, ChannelMembership
from tests.support.bot_stage import Stage, bot_stage
from tests.support.stack import HOME_DC, chat_id_of


@pytest.mark.parametrize("by_name", [True, False])
async def test_who_is_in_the_channel_is_a_member(tmp_path: Path, by_name: bool) -> None:
    async with bot_stage(tmp_path) as stage:
        films = stage.telegram.films
        films.username = "good_films"
        ann = stage.world.add_user("+15550101", first_name="Ann", home_dc=HOME_DC)
        eve = stage.world.add_user("+15550102", first_name="Eve", home_dc=HOME_DC)
        stage.world.add_member(films, ann)
        for person in (ann, eve):
            await stage.write(person, text="/start")  # the bot has seen them both
            await stage.answer(1, reader=person)
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        channel: int | str = "@good_films" if by_name else chat_id_of(films)
        membership = ChannelMembership([channel], lambda: stage.bot.client, sleep=sleep, clock=lambda: sum(slept))
        assert await membership.holds(ann.id) is True
        assert slept == [], "an answer does not wait for the time until the next question"
        assert await membership.holds(eve.id) is False
        assert await membership.holds(987654321) is None, "the bot has never seen this person"
        stage.world.remove_member(films, ann)
        assert await membership.holds(ann.id) is False
        assert slept == [PAUSE] * 3


async def test_a_flood_wait_and_too_many_questions_are_no_answer(tmp_path: Path) -> None:
    async with bot_stage(tmp_path) as stage:
        ann = stage.world.add_user("+15550101", first_name="Ann", home_dc=HOME_DC)
        stage.world.add_member(stage.telegram.films, ann)
        await stage.write(ann, text="/start")
        await stage.answer(1, reader=ann)
        gate = asyncio.Event()
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            await gate.wait()
            slept.append(seconds)

        membership = ChannelMembership(
            [chat_id_of(stage.telegram.films)], lambda: stage.bot.client, sleep=sleep, clock=lambda: sum(slept)
        )
        assert await membership.holds(ann.id) is True
        asked = [asyncio.ensure_future(membership.holds(ann.id)) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        assert await membership.holds(ann.id) is None
        gate.set()
        assert await asyncio.gather(*asked) == [True] * MOST_WAITING
        stage.telegram.emulator.faults.flood_wait(30, method="channels.getParticipant", times=1)
        assert await membership.holds(ann.id) is None
        assert await membership.holds(ann.id) is None, "it is not asked again before the wait is over"


async def test_who_is_muted_in_the_channel_is_in_it(tmp_path: Path) -> None:
    async with bot_stage(tmp_path) as stage:
        ann = await seen(stage, "Ann")
        films = stage.telegram.films
        stage.world.add_member(films, ann)
        membership = ChannelMembership([chat_id_of(films)], lambda: stage.bot.client, sleep=_at_once)
        client = stage.bot.client
        assert client is not None
        films.members[ann.id].muted_by = films.creator_id
        answer = await client.invoke(
            raw.functions.channels.GetParticipant(
                channel=await client.resolve_peer(chat_id_of(films)), participant=await client.resolve_peer(ann.id)
            )
        )
        assert isinstance(answer.participant, raw.types.ChannelParticipantBanned)
        assert await membership.holds(ann.id) is True
        stage.world.remove_member(films, ann, actor=stage.telegram.owner)
        assert await membership.holds(ann.id) is False


@pytest.mark.parametrize("broken", ["@no_such_channel", -1001234567890])
@pytest.mark.parametrize("first", [True, False])
async def test_a_broken_channel_hides_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: int | str, first: bool
) -> None:
    async with bot_stage(tmp_path) as stage:
        ann, eve = await seen(stage, "Ann"), await seen(stage, "Eve")
        films = stage.telegram.films
        stage.world.add_member(films, ann)
        works = chat_id_of(films)
        membership = ChannelMembership(
            [broken, works] if first else [works, broken], lambda: stage.bot.client, sleep=_at_once
        )
        for _ in range(3):
            assert await membership.holds(ann.id) is True
            assert await membership.holds(eve.id) is None, "she may be in the other one"
        told = [one for one in caplog.records if "which MEMBERS names" in one.message and one.levelname == "WARNING"]
        assert [str(broken) in one.message for one in told] == [True], "it is said once"


async def seen(stage: Stage, name: str) -> Any:
    """A person who has written to the bot."""
    person = stage.world.add_user(f"+1555010{len(name)}{ord(name[0])}", first_name=name, home_dc=HOME_DC)
    await stage.write(person, text="/start")
    await stage.answer(1, reader=person)
    return person


async def test_without_channels_nobody_is_in_one_and_without_a_bot_there_is_no_answer() -> None:
    assert await ChannelMembership([], lambda: None).holds(1) is False
    assert await ChannelMembership([-1001], lambda: None, sleep=_at_once).holds(1) is None


async def _at_once(_: float) -> None:
    pass
