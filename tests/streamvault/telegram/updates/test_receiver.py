"""The catalog stays right when updates are lost, repeated or reordered, and when the database is away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.catalog.base import Change
from streamvault.reading.lanes import Lanes
from streamvault.telegram.history.source import TelegramHistory
from streamvault.telegram.updates import queues
from tests.support.bot_stage import PAUSE, Stage, bot_stage, origin_of
from tests.support.stack import chat_id_of
from tests.support.waiting import until


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


@pytest.fixture
async def begun(stage: Stage) -> Stage:
    """The pts of Films is stored, by a first post."""
    await stage.row(origin_of(stage.telegram.films, await post(stage, "first.mp4")))
    return stage


def updates_of(stage: Stage) -> Any:
    assert stage.accounts is not None
    return stage.accounts.main.client.updates


class Pushes:
    """Holds back what Telegram pushes; `pass_on` gives it to the bot's receiver."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pass_on: Callable[[Any], None] = updates_of(stage).receive
        self.held: list[Any] = []
        monkeypatch.setattr(updates_of(stage), "receive", self.held.append)

    async def wait_for(self, number: int) -> None:
        await until(lambda: len(self.held) >= number, pause=PAUSE)


async def post(stage: Stage, name: str) -> Any:
    return await stage.world.post(stage.telegram.films, file=stage.file(name))


async def names(stage: Stage) -> list[str]:
    return [file.name for file in await stage.rows()]


async def test_a_lost_update_is_fetched_when_the_next_one_comes(begun: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pushes = Pushes(begun, monkeypatch)
    await post(begun, "lost.mp4")
    last = await post(begun, "pushed.mp4")
    await pushes.wait_for(2)
    pushes.pass_on(pushes.held[1])
    await begun.row(origin_of(begun.telegram.films, last))
    assert sorted(await names(begun)) == ["first.mp4", "lost.mp4", "pushed.mp4"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 1, 0, 2, 2), (0, 0, 0, 1, 2, 0)], ids=str)
async def test_the_order_and_number_of_pushes_do_not_matter(
    begun: Stage, monkeypatch: pytest.MonkeyPatch, order: tuple[int, ...]
) -> None:
    pushes = Pushes(begun, monkeypatch)
    made = await post(begun, "before.mp4")
    await begun.world.edit(made, file=begun.file("after.mp4", seed=2))
    await post(begun, "another.mp4")
    await pushes.wait_for(3)
    for number in order:
        pushes.pass_on(pushes.held[number])
    await updates_of(begun).catch_up(timeout=10)
    assert sorted(await names(begun)) == ["after.mp4", "another.mp4", "first.mp4"]


async def test_more_updates_than_may_be_pending_are_fetched_as_a_difference(
    begun: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "MAX_PENDING", 2)
    pushes = Pushes(begun, monkeypatch)
    for number in range(6):
        await post(begun, f"{number}.mp4")
    await pushes.wait_for(6)
    for held in pushes.held:
        pushes.pass_on(held)
    await until(lambda: _has(begun, 7), pause=PAUSE)


async def _has(stage: Stage, rows: int) -> bool:
    return len(await names(stage)) == rows


async def test_a_pts_is_stored_with_its_rows_and_never_before_them(begun: Stage) -> None:
    mark = f"pts/{chat_id_of(begun.telegram.films)}"
    before = await begun.catalog.mark(mark)
    await begun.catalog.__aexit__(None, None, None)
    await post(begun, "meanwhile.mp4")
    await until(lambda: updates_of(begun).index_pending, pause=PAUSE)
    await begun.stop()
    await begun.catalog.__aenter__()
    assert await begun.catalog.mark(mark) == before
    assert await names(begun) == ["first.mp4"]
    await begun.start()
    await updates_of(begun).catch_up(timeout=10)
    assert sorted(await names(begun)) == ["first.mp4", "meanwhile.mp4"]
    assert await begun.catalog.mark(mark) == str(begun.telegram.films.journal.pts)


async def test_nothing_is_lost_while_the_database_is_away(begun: Stage) -> None:
    await begun.catalog.__aexit__(None, None, None)
    kept = await post(begun, "kept.mp4")
    await post(begun, "another.mp4")
    await begun.world.edit(kept, text="a caption")
    await until(lambda: updates_of(begun).index_pending, pause=PAUSE)
    await begun.catalog.__aenter__()
    await updates_of(begun).catch_up(timeout=10)
    assert sorted(await names(begun)) == ["another.mp4", "first.mp4", "kept.mp4"]
    assert (await begun.row(origin_of(begun.telegram.films, kept))).caption == "a caption"


async def test_a_difference_that_is_too_long_is_left_to_a_walk(tmp_path: Path) -> None:
    async with bot_stage(tmp_path) as stage:
        await stage.row(origin_of(stage.telegram.films, await post(stage, "first.mp4")))
        await stage.stop()
        stage.telegram.films.journal.resize(3)
        for number in range(30):
            await post(stage, f"{number}.mp4")
        missed: list[int] = []

        async def note(chat_id: int, *, followed: bool) -> None:
            assert followed
            missed.append(chat_id)

        await stage.start(missed=note)
        await updates_of(stage).catch_up(timeout=10)
        assert missed == [chat_id_of(stage.telegram.films)]
        assert {f"{number}.mp4" for number in range(10, 30)} <= set(await names(stage))
        await post(stage, "live.mp4")
        await until(lambda: _has_name(stage, "live.mp4"), pause=PAUSE)


@pytest.mark.parametrize("posts", [0, 3], ids=["empty", "with posts"])
async def test_what_a_walk_saw_is_where_updates_are_followed_from(tmp_path: Path, posts: int) -> None:
    """15: no live post came, and Telegram does not say which channels have changed."""
    async with bot_stage(tmp_path) as stage:
        stage.world.tell_of_channels = False
        series = stage.world.add_channel("Series", creator=stage.telegram.owner)
        stage.world.add_member(series, stage.telegram.bot, admin=True)
        await stage.stop()
        for number in range(posts):
            await stage.world.post(series, file=stage.file(f"old {number}.mp4", seed=number))
        stage.settings = stage.settings.model_copy(update={"channels": (chat_id_of(series),)})
        await stage.start()
        assert stage.accounts is not None
        history = TelegramHistory(stage.accounts, gate=lambda _: Lanes(lambda: 8))
        assert await history.newest(chat_id_of(series)) >= posts
        await stage.stop()
        pts = int(await stage.catalog.mark(f"pts/{chat_id_of(series)}") or 0)
        assert pts == series.journal.pts
        for number in range(3):
            await stage.world.post(series, file=stage.file(f"missed {number}.mp4", seed=10 + number))
        await stage.start()
        await updates_of(stage).catch_up(timeout=10)
        assert sorted(await names(stage)) == ["missed 0.mp4", "missed 1.mp4", "missed 2.mp4"]


async def test_posts_that_come_while_telegram_is_asked_for_the_pts_are_listed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """15: their updates arrive after the answer that counts them already."""
    films = stage.telegram.films
    stage.world.tell_of_channels = False
    await stage.stop()
    await stage.catalog.apply(Change(marks={f"pts/{chat_id_of(films)}": None}))
    await stage.start()
    pushes = Pushes(stage, monkeypatch)

    async def current_pts() -> int:
        for number in range(3):
            await post(stage, f"new {number}.mp4")
        return int(films.journal.pts)

    await updates_of(stage).follow(chat_id_of(films), current_pts)
    await pushes.wait_for(3)
    for updates in pushes.held:
        pushes.pass_on(updates)
    await until(lambda: _has_name(stage, "new 2.mp4"), pause=PAUSE)
    assert sorted(await names(stage)) == ["new 0.mp4", "new 1.mp4", "new 2.mp4"]


async def test_a_pts_that_is_known_is_not_lowered(begun: Stage) -> None:
    films = chat_id_of(begun.telegram.films)
    known = await begun.catalog.mark(f"pts/{films}")

    async def lower() -> int:
        return 1

    await updates_of(begun).follow(films, lower)
    await updates_of(begun).catch_up(timeout=10)
    assert await begun.catalog.mark(f"pts/{films}") == known


async def _has_name(stage: Stage, name: str) -> bool:
    return name in await names(stage)


async def test_a_pts_that_telegram_does_not_know_is_replaced(begun: Stage) -> None:
    await begun.stop()
    mark = f"pts/{chat_id_of(begun.telegram.films)}"
    await begun.catalog.apply(Change(marks={mark: "100000"}))
    await post(begun, "second.mp4")
    await begun.start()
    await until(lambda: _has_name(begun, "second.mp4"), pause=PAUSE)


async def test_the_chats_of_a_new_bot_are_known_once_it_is_connected(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, channels=()) as stage:
        assert chat_id_of(stage.telegram.films) in await stage.finder.our_chats()


async def test_a_chat_gets_its_new_title(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, channels=()) as stage:
        stage.telegram.films.title = "Better films"
        await post(stage, "film.mp4")
        await until(lambda: _is_called(stage, "Better films"), pause=PAUSE)


async def _is_called(stage: Stage, title: str) -> bool:
    return (await stage.catalog.chats()).get(chat_id_of(stage.telegram.films)) == title


async def test_a_message_to_the_bot_that_is_pushed_again_is_answered_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushes = Pushes(stage, monkeypatch)
    await stage.write(text="/start")
    await pushes.wait_for(1)
    for _ in range(3):
        pushes.pass_on(pushes.held[0])
    pushes.pass_on(raw.types.UpdatesTooLong())
    await stage.answer()
    await updates_of(stage).catch_up(timeout=10)
    await stage.write(text="/help")
    await updates_of(stage).catch_up(timeout=10)
    await stage.answer(2)
    assert len(stage.answers()) == 2


async def test_pending_updates_of_a_channel_without_a_pts_are_applied_by_catch_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = [f"{number:02}.mp4" for number in range(40)]
    async with bot_stage(tmp_path, channels=()) as stage:
        pushes = Pushes(stage, monkeypatch)
        for name in posted:
            await post(stage, name)
        await pushes.wait_for(len(posted))
        for pushed in pushes.held:
            pushes.pass_on(pushed)
        await updates_of(stage)._channels.catch_up()  # the account's would leave time to handle the queue
        assert sorted(await names(stage)) == posted


async def test_concurrent_catch_ups_all_return(begun: Stage) -> None:
    films = begun.telegram.films
    before = asyncio.get_running_loop().time()
    await asyncio.gather(*(updates_of(begun).catch_up(timeout=30) for _ in range(5)))
    assert asyncio.get_running_loop().time() - before < 20
    assert await begun.catalog.mark(f"pts/{chat_id_of(films)}") == str(films.journal.pts)
