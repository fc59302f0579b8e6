"""Updates that get lost, come twice or in the wrong order, and a database that is away: the catalog follows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.catalog.base import Change
from streamvault.telegram.updates import receiver
from tests.support.bot_stage import PAUSE, Stage, bot_stage, origin_of
from tests.support.stack import chat_id_of
from tests.support.waiting import until


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


@pytest.fixture
async def begun(stage: Stage) -> Stage:
    """The place in Films is known from a first post."""
    await stage.row(origin_of(stage.telegram.films, await post(stage, "first.mp4")))
    return stage


def following(stage: Stage) -> Any:
    assert stage.accounts is not None
    return stage.accounts.main.client.updates


class Pushes:
    """Holds back what Telegram pushes; `pass_on` is what the bot would have received it with."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pass_on: Callable[[Any], None] = following(stage).receive
        self.held: list[Any] = []
        monkeypatch.setattr(following(stage), "receive", self.held.append)

    async def come(self, number: int) -> None:
        await until(lambda: len(self.held) >= number, pause=PAUSE)


async def post(stage: Stage, name: str) -> Any:
    return await stage.world.post(stage.telegram.films, file=stage.file(name))


async def names(stage: Stage) -> list[str]:
    return [file.name for file in await stage.rows()]


async def test_a_lost_update_is_asked_for_when_the_next_one_comes(
    begun: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushes = Pushes(begun, monkeypatch)
    await post(begun, "lost.mp4")
    last = await post(begun, "told.mp4")
    await pushes.come(2)
    pushes.pass_on(pushes.held[1])
    await begun.row(origin_of(begun.telegram.films, last))
    assert sorted(await names(begun)) == ["first.mp4", "lost.mp4", "told.mp4"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 1, 0, 2, 2), (0, 0, 0, 1, 2, 0)], ids=str)
async def test_the_order_and_number_of_pushes_do_not_matter(
    begun: Stage, monkeypatch: pytest.MonkeyPatch, order: tuple[int, ...]
) -> None:
    pushes = Pushes(begun, monkeypatch)
    made = await post(begun, "before.mp4")
    await begun.world.edit(made, file=begun.file("after.mp4", seed=2))
    await post(begun, "another.mp4")
    await pushes.come(3)
    for number in order:
        pushes.pass_on(pushes.held[number])
    await following(begun).catch_up(timeout=10)
    assert sorted(await names(begun)) == ["after.mp4", "another.mp4", "first.mp4"]


async def test_more_updates_than_may_wait_are_asked_for_later(begun: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "WAITING", 2)
    pushes = Pushes(begun, monkeypatch)
    for number in range(6):
        await post(begun, f"{number}.mp4")
    await pushes.come(6)
    for held in pushes.held:
        pushes.pass_on(held)
    await until(lambda: _has(begun, 7), pause=PAUSE)


async def _has(stage: Stage, rows: int) -> bool:
    return len(await names(stage)) == rows


async def test_a_place_is_kept_with_its_rows_and_never_before_them(begun: Stage) -> None:
    mark = f"pts/{chat_id_of(begun.telegram.films)}"
    before = await begun.catalog.mark(mark)
    await begun.catalog.__aexit__(None, None, None)
    await post(begun, "meanwhile.mp4")
    await until(lambda: following(begun).index_pending, pause=PAUSE)
    await begun.stop()
    await begun.catalog.__aenter__()
    assert await begun.catalog.mark(mark) == before
    assert await names(begun) == ["first.mp4"]
    await begun.start()
    await following(begun).catch_up(timeout=10)
    assert sorted(await names(begun)) == ["first.mp4", "meanwhile.mp4"]
    assert await begun.catalog.mark(mark) == str(begun.telegram.films.journal.pts)


async def test_a_database_that_comes_back_finds_nothing_lost(begun: Stage) -> None:
    await begun.catalog.__aexit__(None, None, None)
    kept = await post(begun, "kept.mp4")
    await post(begun, "another.mp4")
    await begun.world.edit(kept, text="a caption")
    await until(lambda: following(begun).index_pending, pause=PAUSE)
    await begun.catalog.__aenter__()
    await following(begun).catch_up(timeout=10)
    assert sorted(await names(begun)) == ["another.mp4", "first.mp4", "kept.mp4"]
    assert (await begun.row(origin_of(begun.telegram.films, kept))).caption == "a caption"


async def test_what_telegram_no_longer_tells_one_by_one_is_left_to_a_walk(tmp_path: Path) -> None:
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
        await following(stage).catch_up(timeout=10)
        assert missed == [chat_id_of(stage.telegram.films)]
        assert {f"{number}.mp4" for number in range(10, 30)} <= set(await names(stage))
        await post(stage, "live.mp4")
        await until(lambda: _has_name(stage, "live.mp4"), pause=PAUSE)


async def _has_name(stage: Stage, name: str) -> bool:
    return name in await names(stage)


async def test_a_place_that_telegram_does_not_know_begins_anew(begun: Stage) -> None:
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


async def test_a_message_to_the_bot_is_answered_once_though_it_comes_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushes = Pushes(stage, monkeypatch)
    await stage.write(text="/start")
    await pushes.come(1)
    for _ in range(3):
        pushes.pass_on(pushes.held[0])
    pushes.pass_on(raw.types.UpdatesTooLong())
    await stage.answer()
    await following(stage).catch_up(timeout=10)
    await stage.write(text="/help")
    await following(stage).catch_up(timeout=10)
    await stage.answer(2)
    assert len(stage.answers()) == 2


async def test_what_waits_from_a_channel_without_a_place_is_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [f"{number:02}.mp4" for number in range(40)]
    async with bot_stage(tmp_path, channels=()) as stage:
        pushes = Pushes(stage, monkeypatch)
        for name in wanted:
            await post(stage, name)
        await pushes.come(len(wanted))
        for pushed in pushes.held:
            pushes.pass_on(pushed)
        await following(stage)._channel_inbox.catch_up()  # the account's own part would give it time
        assert sorted(await names(stage)) == wanted


async def test_everybody_who_catches_up_at_once_is_told(begun: Stage) -> None:
    films = begun.telegram.films
    before = asyncio.get_running_loop().time()
    await asyncio.gather(*(following(begun).catch_up(timeout=30) for _ in range(5)))
    assert asyncio.get_running_loop().time() - before < 20
    assert await begun.catalog.mark(f"pts/{chat_id_of(films)}") == str(films.journal.pts)
