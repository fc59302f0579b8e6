"""/link over the emulated Telegram: links of a replied file, which is copied unless an indexed channel has it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.bot_stage import PAUSE, Stage, assert_links, bot_stage, origin_of
from tests.support.waiting import until
from tgemulator.world.model import Forward


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


async def test_link_in_private_copies_the_replied_file(tmp_path: Path) -> None:
    async with bot_stage(tmp_path) as stage:
        fault = stage.telegram.emulator.faults.error(400, "MEDIA_EMPTY", method="messages.sendMedia")
        film = await stage.write(file=stage.file("later.mp4"))
        await stage.answer(1)
        fault.lift()
        await stage.write(text="/link", reply_to=film)
        answer = await stage.answer(2)
        [kept] = stage.kept()
        assert kept.file is film.file
        assert_links(stage, answer.text, origin_of(stage.telegram.vault, kept))


async def test_link_in_a_group_copies_a_file_that_only_the_group_has(tmp_path: Path) -> None:
    async with bot_stage(tmp_path) as stage:
        other = stage.world.add_user("+15550199", first_name="Other")
        group = stage.world.add_channel("Talk", creator=stage.telegram.owner, megagroup=True)
        for user in (stage.telegram.bot, other):
            stage.world.add_member(group, user)
        film = await stage.world.post(group, sender=other, file=stage.file("shared.mp4"))
        command = await stage.world.post(group, sender=stage.telegram.owner, text="/link@vault_bot", reply_to=film.id)
        answer = await group_answer(stage, group)
        [kept] = stage.kept()
        assert kept.file is film.file
        assert_links(stage, answer.text, origin_of(stage.telegram.vault, kept))
        assert answer.reply_to == command.id


async def group_answer(stage: Stage, group: Any) -> Any:
    def look() -> list[Any]:
        return [one for one in group.messages.values() if one.sender_id == stage.telegram.bot.id and one.text]

    return (await until(look, pause=PAUSE))[0]


async def test_a_command_for_another_bot_is_ignored(stage: Stage) -> None:
    group = stage.world.add_channel("Talk", creator=stage.telegram.owner, megagroup=True)
    stage.world.add_member(group, stage.telegram.bot, admin=True)
    await stage.world.post(group, sender=stage.telegram.owner, text="/link@other_bot")
    await stage.settled()
    assert [one for one in group.messages.values() if one.sender_id == stage.telegram.bot.id and one.text] == []


async def test_link_in_an_indexed_group_copies_nothing(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, channels=()) as stage:
        group = stage.world.add_channel("Talk", creator=stage.telegram.owner, megagroup=True)
        stage.world.add_member(group, stage.telegram.bot, admin=True)
        film = await stage.world.post(group, sender=stage.telegram.owner, file=stage.file())
        await stage.row(origin_of(group, film))
        await stage.world.post(group, sender=stage.telegram.owner, text="/link", reply_to=film.id)
        answer = await group_answer(stage, group)
        assert_links(stage, answer.text, origin_of(group, film))
        assert stage.kept() == []


async def test_link_on_a_forward_from_an_indexed_channel_copies_nothing(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, started=False) as stage:
        films, owner = stage.telegram.films, stage.telegram.owner
        post = await stage.world.post(films, file=stage.file())
        group = stage.world.add_channel("Talk", creator=owner, megagroup=True)
        stage.world.add_member(group, stage.telegram.bot)
        await stage.start()
        forward = await stage.world.post(group, sender=owner, file=post.file, forward=Forward(films.peer, post=post.id))
        await stage.world.post(group, sender=owner, text="/link", reply_to=forward.id)
        answer = await group_answer(stage, group)
        assert_links(stage, answer.text, origin_of(films, post))
        assert stage.kept() == []
        assert await stage.row(origin_of(films, post))
