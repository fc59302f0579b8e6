"""The catalog follows the channels: posts, edits, deletions, memberships, and what happens while the bot is offline."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.errors import FileMissing
from tests.support.bot_stage import PAUSE, Stage, assert_links, bot_stage, origin_of
from tests.support.stack import chat_id_of
from tests.support.waiting import until


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


async def test_a_post_is_indexed_without_a_command(stage: Stage) -> None:
    post = await stage.world.post(stage.telegram.films, file=stage.file("поезд.mkv"), text="a caption")
    row = await stage.row(origin_of(stage.telegram.films, post))
    assert (row.name, row.caption) == ("поезд.mkv", "a caption")
    assert stage.answers() == []
    assert stage.kept() == []


async def test_a_text_post_is_no_file(stage: Stage) -> None:
    await stage.world.post(stage.telegram.films, text="hello")
    await stage.settled()
    assert await stage.rows() == []


async def test_an_edit_replaces_the_file_and_keeps_its_date(stage: Stage) -> None:
    post = await stage.world.post(stage.telegram.films, file=stage.file("before.mp4"))
    origin = origin_of(stage.telegram.films, post)
    before = await stage.row(origin)
    await stage.world.edit(post, file=stage.file("after.mp4", seed=2))
    after = await stage.row(origin, "after.mp4")
    assert after.date == before.date
    assert after.key != before.key


@pytest.mark.parametrize("pushed", [True, False])
async def test_a_deletion_is_applied_when_it_is_pushed(tmp_path: Path, pushed: bool) -> None:
    async with bot_stage(tmp_path) as stage:
        emulator = stage.telegram.emulator
        emulator.world.tell_bots_of_deletions = pushed
        post = await stage.world.post(stage.telegram.films, file=stage.file())
        origin = origin_of(stage.telegram.films, post)
        await stage.row(origin)
        await stage.world.delete(post)
        if pushed:
            await stage.no_row(origin)
            with pytest.raises(FileMissing):
                await stage.finder.find(origin.chat_id, origin.message_id)
        else:
            await stage.settled()
            assert [file.origin for file in await stage.rows()] == [origin]


async def test_a_chat_that_is_not_in_channels_is_not_indexed(stage: Stage) -> None:
    other = stage.world.add_channel("Other", creator=stage.telegram.owner)
    stage.world.add_member(other, stage.telegram.bot, admin=True)
    post = await stage.world.post(other, file=stage.file())
    await stage.settled()
    assert await stage.rows() == []
    with pytest.raises(FileMissing):
        await stage.finder.find(chat_id_of(other), post.id)


async def test_a_file_cannot_be_streamed_from_a_private_chat(stage: Stage) -> None:
    sent = await stage.write(file=stage.file())
    await stage.answer()
    for chat_id in (stage.telegram.owner.id, stage.telegram.bot.id):
        with pytest.raises(FileMissing):
            await stage.finder.find(chat_id, sent.id)


async def test_without_channels_every_chat_of_the_bot_is_indexed(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, channels=()) as stage:
        other = stage.world.add_channel("Otros ñ", creator=stage.telegram.owner)
        stage.world.add_member(other, stage.telegram.bot, admin=True)
        await title_becomes(stage, chat_id_of(other), "Otros ñ")
        post = await stage.world.post(other, file=stage.file())
        await stage.row(origin_of(other, post))
        stage.world.remove_member(other, stage.telegram.bot)
        await title_becomes(stage, chat_id_of(other), None)
        with pytest.raises(FileMissing):
            await stage.finder.find(chat_id_of(other), post.id)


async def title_becomes(stage: Stage, chat_id: int, title: str | None) -> None:
    async def look() -> bool:
        return (await stage.catalog.chats()).get(chat_id) == title

    await until(look, pause=PAUSE)


async def test_channels_named_by_username_are_resolved_at_start(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, started=False, channels=("@Good_Films",)) as stage:
        stage.telegram.films.username = "good_films"
        post = await stage.world.post(stage.telegram.films, file=stage.file())
        await stage.start()
        assert chat_id_of(stage.telegram.films) in await stage.finder.our_chats()
        assert (await stage.finder.find(chat_id_of(stage.telegram.films), post.id)).name == "film.mp4"


async def test_an_unknown_username_in_channels_does_not_keep_the_others_out(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, started=False) as stage:
        films = chat_id_of(stage.telegram.films)
        stage.settings = stage.settings.model_copy(update={"channels": ("@nobody_here", films)})
        await stage.start()
        post = await stage.world.post(stage.telegram.films, file=stage.file("film.mp4"))
        await stage.row(origin_of(stage.telegram.films, post))
        assert stage.finder.chats.unresolved == {"nobody_here"}


async def test_what_happened_while_the_bot_was_offline_is_caught_up(stage: Stage) -> None:
    films = stage.telegram.films
    first = await stage.world.post(films, file=stage.file("first.mp4"))
    await stage.row(origin_of(films, first))
    await stage.write(text="/start")
    await stage.answer()
    await stage.stop()
    await stage.world.edit(first, file=stage.file("edited.mp4", seed=2))
    second = await stage.world.post(films, file=stage.file("second.mp4", seed=3))
    await stage.write(file=stage.file("sent.mp4", seed=4))
    await stage.start()
    await stage.row(origin_of(films, first), "edited.mp4")
    await stage.row(origin_of(films, second), "second.mp4")
    assert_links(stage, (await stage.answer(2)).text, origin_of(stage.telegram.vault, stage.kept()[0]))
    await stage.settled()
    assert len(stage.kept()) == 1
