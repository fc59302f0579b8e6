"""The backfills of a server: one per chat, two at a time, with followers, resumed after a kill."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streamvault.errors import CatalogError, FileMissing, SourceError, SourceUnavailable
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.chats import Named, OurChats
from streamvault.indexing.progress import Progress
from streamvault.indexing.walks import AT_ONCE, MARK, Walks
from streamvault.media.history import FoundChat
from streamvault.reading.retry import MAX_REFUSALS
from tests.support.files import CHANNEL
from tests.support.sources import HastyClock
from tests.support.waiting import until
from tests.support.walks import Rows, ScriptedHistory, channel, files_of


class Stage:
    """Walks over one scripted channel and rows in memory."""

    def __init__(self, top: int = 250, *, rows: Rows | None = None, channels: tuple[Named, ...] = ()) -> None:
        self.history = ScriptedHistory(channel(top))
        self.rows = rows or Rows(chats=[CHANNEL])
        self.chats = OurChats(self.rows.catalog, channels=channels)
        clock = HastyClock()
        backfill = Backfill(self.rows.catalog, self.history, clock=clock)
        self.walks = Walks(backfill, self.history, catalog=self.rows.catalog, chats=self.chats, clock=clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Walks]:
        before = asyncio.all_tasks()
        running = asyncio.create_task(self.walks.run())
        try:
            yield self.walks
        finally:
            running.cancel()
            ended = await asyncio.gather(running, return_exceptions=True)
            assert isinstance(ended[0], asyncio.CancelledError)
            assert asyncio.all_tasks() <= before

    async def finish(self, chat_id: int = CHANNEL) -> list[Progress]:
        """Follow to the end."""
        return [progress async for progress in self.walks.follow(chat_id)]


async def test_a_walk_goes_from_queued_to_walking_to_finished() -> None:
    stage = Stage()
    async with stage.running() as walks:
        assert (await walks.start(CHANNEL)).state == "queued"
        assert json.loads(stage.rows.marks[MARK]) == [CHANNEL]
        told = await stage.finish()
    assert told[-1].state == "finished"
    assert told[-1].done == 250
    assert walks.states == (told[-1],)
    assert stage.rows.files == files_of(stage.history)
    assert MARK not in stage.rows.marks


async def test_a_walk_under_way_is_left_as_it_is_and_one_that_is_over_may_begin_again() -> None:
    stage = Stage()
    stage.history.gate.clear()
    async with stage.running() as walks:
        await walks.start(CHANNEL)
        await until(lambda: stage.history.under_way)
        assert (await walks.start(CHANNEL, again=True)).state == "walking"
        stage.history.gate.set()
        await stage.finish()
        assert len(stage.history.reads) == 3
        await walks.start(CHANNEL, again=True)
        await stage.finish()
    assert len(stage.history.reads) == 6


async def test_walks_under_way_are_bounded() -> None:
    numbers = [CHANNEL + n for n in range(AT_ONCE + 2)]
    stage = Stage(rows=Rows(chats=numbers))
    stage.history.anywhere = True
    stage.history.gate.clear()
    async with stage.running() as walks:
        for number in numbers:
            await walks.start(number)
        await until(lambda: stage.history.under_way == 3 * AT_ONCE)
        assert [one.state for one in walks.states] == ["walking"] * AT_ONCE + ["queued"] * 2
        stage.history.gate.set()
        for number in numbers:
            assert (await stage.finish(number))[-1].state == "finished"


async def test_walks_that_wait_for_telegram_do_not_hold_up_the_others() -> None:
    """E: as many as may run at once wait without end; the walk behind them is finished in spite of it."""
    failing = [CHANNEL + n for n in range(1, AT_ONCE + 1)]
    stage = Stage(rows=Rows(chats=[CHANNEL, *failing]))
    stage.history.failing = dict.fromkeys(failing, SourceUnavailable("500"))
    async with stage.running() as walks:
        for number in (*failing, CHANNEL):
            await walks.start(number)
        assert (await stage.finish(CHANNEL))[-1].state == "finished"
        assert [walks.busy(number) for number in failing] == [True] * AT_ONCE
        stage.history.failing.clear()
        stage.history.anywhere = True
        for number in failing:
            assert (await stage.finish(number))[-1].state == "finished"


async def test_a_walk_that_fails_says_why_and_may_be_begun_again() -> None:
    stage = Stage()
    stage.history.errors += [SourceError("the chat is on fire")] * MAX_REFUSALS
    async with stage.running() as walks:
        await walks.start(CHANNEL)
        failed = (await stage.finish())[-1]
        assert (failed.state, failed.detail) == ("failed", "the chat is on fire")
        assert MARK not in stage.rows.marks
        await walks.start(CHANNEL)
        assert (await stage.finish())[-1].state == "finished"


async def test_walks_of_a_killed_process_are_resumed() -> None:
    stage = Stage()
    stage.history.gate.clear()
    async with stage.running() as walks:
        await walks.start(CHANNEL)
        await until(lambda: stage.history.under_way)
    restarted = Stage(rows=stage.rows)
    restarted.rows.away = 3
    async with restarted.running() as walks:
        await until(lambda: walks.busy(CHANNEL))
        await restarted.finish()
    assert restarted.rows.files == files_of(restarted.history)


async def test_a_walk_started_right_after_a_restart_keeps_the_unfinished_ones() -> None:
    left = CHANNEL - 1
    stage = Stage(rows=Rows(chats=[CHANNEL, left]))
    stage.rows.marks[MARK] = json.dumps([left])
    await stage.walks.start(CHANNEL)
    assert json.loads(stage.rows.marks[MARK]) == [left, CHANNEL]


async def test_a_username_and_an_unknown_number_become_ours_when_the_bot_is_in_it() -> None:
    for asked in ("@films", CHANNEL):
        stage = Stage(rows=Rows())
        assert (await stage.walks.start(asked)).chat_id == CHANNEL
        assert stage.rows.known_chats == {CHANNEL: "Films"}


async def test_with_channels_set_other_chats_are_not_walked() -> None:
    stage = Stage(rows=Rows(), channels=("@Films",))
    assert (await stage.walks.start("@films")).chat_id == CHANNEL
    assert stage.rows.known_chats == {}
    with pytest.raises(FileMissing):
        await Stage(rows=Rows(), channels=(CHANNEL - 1,)).walks.start(CHANNEL)


async def test_a_chat_that_cannot_be_found_or_looked_for_is_an_error() -> None:
    stage = Stage(rows=Rows())
    with pytest.raises(FileMissing):
        await stage.walks.start(CHANNEL - 5)
    stage.history.find = _lost  # type: ignore[method-assign]
    with pytest.raises(SourceUnavailable):
        await stage.walks.start("@films")
    stage = Stage()
    assert await stage.chats.holds(CHANNEL)
    stage.rows.away = 1
    with pytest.raises(CatalogError):
        await stage.walks.start(CHANNEL)
    assert stage.walks.states == ()


async def test_a_slow_follower_gets_the_latest_of_each_chat_only() -> None:
    stage = Stage(2000)
    with stage.walks.following() as slow:
        async with stage.running() as walks:
            await walks.start(CHANNEL)
            await stage.finish()
        news = await slow.next()
        assert news is not None
        assert [one.state for one in news] == ["finished"]
        assert stage.walks.followers == 1
    assert stage.walks.followers == 0


async def test_followers_get_the_current_progress_and_the_end() -> None:
    stage = Stage()
    async with stage.running() as walks:
        await walks.start(CHANNEL)
        await stage.finish()
        with walks.following() as late:
            assert [one.state for one in await late.next() or ()] == ["finished"]
            waiting = asyncio.create_task(late.next())
            await asyncio.sleep(0)
            walks.end_followers()
            assert await waiting is None
        with walks.following() as too_late:
            assert len(await too_late.next() or ()) == 1
            assert await too_late.next() is None


async def test_an_unexpected_error_in_a_walk_is_raised() -> None:
    stage = Stage()

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    stage.history.messages = broken  # type: ignore[method-assign, assignment]
    running = asyncio.create_task(stage.walks.run())
    await stage.walks.start(CHANNEL)
    with pytest.raises(ExceptionGroup) as caught:
        await running
    assert caught.group_contains(ZeroDivisionError)


async def _lost(chat: int | str) -> FoundChat:
    raise SourceUnavailable(f"lost while looking for {chat}")
