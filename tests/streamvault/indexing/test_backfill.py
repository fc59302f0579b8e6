"""The walk through a history: its requests, its behaviour on failures and kills, and what it must not change."""

import asyncio
import contextlib
import dataclasses
import math
from collections.abc import Awaitable, Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.errors import CatalogError, FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.indexing.backfill import AHEAD, Backfill, mark_name
from streamvault.indexing.progress import Progress, WalkPosition
from streamvault.media.model import MediaFile, Origin
from streamvault.reading.retry import FIRST_DELAY, MAX_REFUSALS
from tests.support.files import CHANNEL, media_file
from tests.support.proof import full
from tests.support.sources import HastyClock
from tests.support.waiting import until
from tests.support.walks import Killed, Rows, ScriptedHistory, channel, edited, files_of


class Stage:
    """A walk over a scripted channel and rows in memory."""

    def __init__(self, there: dict[int, MediaFile | None], rows: Rows | None = None) -> None:
        self.history = ScriptedHistory(there)
        self.rows = rows or Rows()
        self.clock = HastyClock()
        self.deleted: set[Origin] = set()
        self.backfill = Backfill(
            self.rows.catalog, self.history, deleted_recently=self.deleted.__contains__, clock=self.clock
        )
        self.told: list[Progress] = []

    async def walk(self, *, again: bool = False) -> Progress:
        before = asyncio.all_tasks()
        try:
            return await self.backfill.walk(CHANNEL, again=again, on_progress=self.told.append)
        finally:
            assert asyncio.all_tasks() <= before

    def assert_equal(self) -> None:
        assert self.rows.files == files_of(self.history)


@pytest.mark.parametrize("top", [1, 99, 100, 101, 2345])
async def test_a_walk_finds_every_file_with_the_fewest_reads(top: int) -> None:
    stage = Stage(channel(top, every=3) | {top: media_file(top)})
    over = await stage.walk()
    stage.assert_equal()
    assert len(stage.history.reads) == math.ceil(top / 100)
    assert [ids[-1] for ids in stage.history.reads] == sorted((ids[-1] for ids in stage.history.reads), reverse=True)
    assert over == Progress(
        CHANNEL, top, top, len(stage.rows.files), over.remaining_seconds, "finished", known=over.known
    )
    assert over.known == (await stage.rows.counts()).files


async def test_an_empty_chat_is_finished_at_once() -> None:
    stage = Stage({})
    assert (await stage.walk()).state == "finished"
    assert stage.history.reads == []


async def test_a_second_walk_reads_only_what_is_new() -> None:
    stage = Stage(channel(250))
    await stage.walk()
    stage.history.there |= channel(480)
    stage.history.reads.clear()
    over = await stage.walk()
    stage.assert_equal()
    assert stage.history.reads == [tuple(range(401, 481)), tuple(range(301, 401)), tuple(range(251, 301))]
    assert over.files == 115
    stage.history.reads.clear()
    assert (await stage.walk()).state == "finished"
    assert stage.history.reads == []


async def test_again_reads_all_and_writes_what_differs() -> None:
    stage = Stage(channel(250))
    await stage.walk()
    stage.history.there[8] = edited(media_file(8), caption="changed")
    del stage.history.there[6]
    stage.rows.changes.clear()
    await stage.walk(again=True)
    stage.assert_equal()
    assert len(stage.history.reads) == 6
    assert [len(change.put) + len(change.gone) for change in stage.rows.changes] == [0, 0, 0, 2]


@given(st.integers(1, 1500), st.lists(st.integers(0, 6), max_size=4), st.integers(1, 4), st.integers(0, 300))
@settings(max_examples=60 if full() else 25)
def test_a_killed_walk_is_resumed_where_it_was(top: int, kills: list[int], every: int, more: int) -> None:
    async def scenario() -> None:
        rows = Rows()
        stage = Stage(channel(top, every=every), rows)
        reads = 0
        for applies in kills:
            rows.kill_after = applies
            with contextlib.suppress(Killed):
                await stage.walk()
            reads += len(stage.history.reads)
            stage = Stage(stage.history.there, rows)
        rows.kill_after = None
        stage.history.there |= channel(top + more, every=every)
        over = await stage.walk()
        stage.assert_equal()
        assert over.done == over.top == top + more
        reads += len(stage.history.reads)
        assert reads <= math.ceil(top / 100) + (1 + AHEAD) * len(kills) + more // 100 + 2

    asyncio.run(scenario())


async def test_no_more_than_a_few_reads_are_ahead() -> None:
    stage = Stage(channel(3000))
    stage.history.gate.clear()
    walking = asyncio.create_task(stage.walk())
    await until(lambda: stage.history.under_way == AHEAD)
    stage.history.gate.set()
    await walking
    assert stage.history.most_under_way == AHEAD


async def test_a_flood_wait_is_waited_out_to_the_second_and_reported() -> None:
    stage = Stage(channel(250))
    stage.history.during = _once(lambda: stage.history.errors.append(SourceBusy(33.0)))
    await stage.walk()
    stage.assert_equal()
    assert stage.clock.slept == [33.0]
    waits = [one for one in stage.told if one.state == "waiting"]
    assert [one.detail for one in waits] == ["Telegram asks to wait 33 s"]
    assert stage.told[-1].state == "walking"


async def test_lost_connections_and_an_unavailable_database_only_delay_a_walk() -> None:
    stage = Stage(channel(450))
    stage.history.errors += [SourceUnavailable("lost")] * 3
    stage.history.during = _once(lambda: setattr(stage.rows, "away", 5))
    await stage.walk()
    stage.assert_equal()
    assert len(stage.history.reads) == 5
    assert stage.clock.slept[:3] == [FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY]
    assert {one.detail for one in stage.told} == {"", "Telegram cannot be reached", "the database is away"}


async def test_a_refusal_of_telegram_ends_the_walk_and_keeps_its_position() -> None:
    stage = Stage(channel(450))
    counted = 0

    def refuse(ids: Sequence[int]) -> None:
        nonlocal counted
        counted += 1
        if counted == 2:
            stage.history.errors += [SourceError("refused")] * 3 * MAX_REFUSALS

    stage.history.during = refuse
    with pytest.raises(SourceError, match="refused"):
        await stage.walk()
    assert WalkPosition.decode(stage.rows.marks[mark_name(CHANNEL)]).next == 300
    stage.history.errors.clear()
    await stage.walk()
    stage.assert_equal()


async def test_a_chat_that_the_bot_has_left_ends_the_walk_and_removes_nothing() -> None:
    stage = Stage(channel(450))
    await stage.walk()
    stage.history.chat = dataclasses.replace(stage.history.chat, chat_id=-1)
    with pytest.raises(FileMissing):
        await stage.walk(again=True)
    stage.assert_equal()


async def test_a_message_deleted_during_the_read_is_not_stored_again() -> None:
    stage = Stage(channel(100))
    gone = media_file(50).origin

    def delete(_: Sequence[int]) -> None:
        del stage.history.there[50]
        stage.deleted.add(gone)

    stage.history.during = delete
    await stage.walk()
    stage.assert_equal()


async def test_an_older_read_does_not_overwrite_an_edit() -> None:
    stage = Stage(channel(100))
    newer = edited(media_file(50), caption="newer")

    def edit(_: Sequence[int]) -> None:
        stage.history.there[50] = stage.rows.files[newer.origin] = newer

    stage.history.during = edit
    await stage.walk()
    stage.assert_equal()


async def test_a_message_posted_between_the_two_reads_is_kept() -> None:
    """A message that a read did not find is stored by the live index before the batch is."""
    stage = Stage({1: None, 99: None})
    late = media_file(98)

    def post(_: Sequence[int]) -> None:
        stage.history.there[98] = stage.rows.files[late.origin] = late

    stage.history.during = post
    await stage.walk()
    assert stage.rows.files == {late.origin: late}


async def test_deleted_messages_are_removed_also_above_the_newest_one() -> None:
    stale = [media_file(number) for number in (3, 120)]
    other = media_file(3, chat_id=CHANNEL + 1)
    stage = Stage(channel(80), Rows([*stale, other]))
    await stage.walk()
    assert stage.rows.files == files_of(stage.history) | {other.origin: other}


async def test_on_stored_is_called_after_each_stored_batch() -> None:
    stage = Stage(channel(150))
    told: list[Origin] = []

    async def stored(change: object) -> None:
        if not told and stage.clock.slept == []:
            raise CatalogError("the database is away")
        assert change is stage.rows.changes[-1]
        told.extend(file.origin for file in stage.rows.changes[-1].put)

    stage.backfill.on_stored = stored
    await stage.walk()
    assert set(told) == set(stage.rows.files)


async def test_progress_grows_and_estimates_the_rest() -> None:
    stage = Stage(channel(1000))
    stage.history.during = lambda _: stage.clock.advance(2.0)
    await stage.walk()
    done = [one.done for one in stage.told]
    assert done == sorted(done)
    assert done[-1] == 1000
    assert stage.told[0].remaining_seconds is None
    halfway = next(one for one in stage.told if one.done == 500)
    assert halfway.remaining_seconds == pytest.approx(10.0, abs=2.0 * (AHEAD + 1))


@pytest.mark.parametrize("phase", ["reading", "waiting", "storing"])
async def test_cancelling_leaves_no_task_behind(phase: str) -> None:
    stage = Stage(channel(1000))
    stuck = asyncio.Event()
    if phase == "reading":
        stage.history.gate.clear()
        stage.history.during = lambda _: stuck.set()
    elif phase == "waiting":
        stage.history.errors = [SourceBusy(1000)]
        stage.clock.sleep = _forever(stuck)  # type: ignore[method-assign, assignment]
    else:
        stage.rows.apply = _forever(stuck)  # type: ignore[method-assign, assignment]
    walking = asyncio.create_task(stage.walk())
    await stuck.wait()
    walking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walking
    assert stage.history.under_way == 0


@pytest.mark.parametrize("text", [None, "", "{", "[1]", '["a", 1, 2, 3]', "[5, 1, 2, 3]", "[0, 9, 2, 3]"])
def test_an_invalid_position_decodes_to_the_start(text: str | None) -> None:
    assert WalkPosition.decode(text) == WalkPosition()


def test_a_position_survives_encoding() -> None:
    place = WalkPosition(floor=5, next=7, top=9, files=1)
    assert WalkPosition.decode(place.encode()) == place
    assert (place.done, place.finished) == (7, False)


def _once(action: Callable[[], object]) -> Callable[[Sequence[int]], None]:
    """Do it during the first read."""
    left = [action]

    def during(_: Sequence[int]) -> None:
        if left:
            left.pop()()

    return during


def _forever(stuck: asyncio.Event) -> Callable[[object], Awaitable[None]]:
    """Report the call, and never return."""

    async def wait(_: object) -> None:
        stuck.set()
        await asyncio.Event().wait()

    return wait
