"""The repair of chats: what it changes, what it must not touch, and its request rate."""

import asyncio
import dataclasses
from collections.abc import Sequence

import pytest

from streamvault.errors import FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.indexing.repair import (
    LEAST_PAUSE,
    LEAST_PERIOD,
    PATIENCE,
    PAUSE,
    START_DELAY,
    Repair,
    Repaired,
    RepairPass,
    mark_name,
)
from streamvault.media.model import Origin
from streamvault.reading.retry import MAX_REFUSALS
from tests.support.files import CHANNEL, media_file
from tests.support.sources import HastyClock
from tests.support.waiting import until
from tests.support.walks import Rows, ScriptedHistory, channel, edited, files_of

OTHER = CHANNEL - 7


class Stage:
    """Repair of a scripted channel over rows in memory."""

    def __init__(self, top: int, rows: Rows | None = None) -> None:
        self.history = ScriptedHistory(channel(top))
        self.rows = rows or Rows(files_of(self.history).values())
        self.clock = HastyClock()
        self.chats = frozenset({CHANNEL})
        self.busy: set[int] = set()
        self.deleted: set[Origin] = set()
        self.repair = self.fresh()

    def fresh(self) -> Repair:
        """As after a restart."""
        return Repair(
            self.rows.catalog, self.history, chats=self.ours, deleted_recently=self.deleted.__contains__,
            busy=self.busy.__contains__, clock=self.clock, wall=lambda: 1e9 + self.clock.time(),
        )  # fmt: skip

    async def ours(self) -> frozenset[int]:
        return self.chats

    async def run(self, batches: int) -> None:
        """Let it run until so many batches are done, and not a step further."""
        running, done = asyncio.create_task(self.repair.run()), len(self.rows.changes) + batches
        self.rows.applied = lambda: len(self.rows.changes) >= done and running.cancel()
        await asyncio.wait([running], timeout=10)
        assert running.cancelled()


async def test_a_suspected_message_is_checked_soon() -> None:
    stage = Stage(350)
    there = stage.history.there
    del there[10]
    there[12] = edited(media_file(12), caption="changed")
    attending = asyncio.create_task(stage.repair.run_suspects())
    try:
        for number in (10, 12, 14):
            stage.repair.suspect(media_file(number).origin)
        await until(lambda: len(stage.rows.changes) == 2)
        assert media_file(10).origin not in stage.rows.files
        assert stage.rows.files[media_file(12).origin].caption == "changed"
        assert media_file(14).origin in stage.rows.files
        stage.history.errors.append(FileMissing("the bot is not in the chat"))
        del there[16]
        stage.repair.suspect(media_file(16).origin)
        stage.repair.suspect(media_file(12).origin)
        await until(lambda: not stage.history.errors)
        assert media_file(16).origin in stage.rows.files
        assert not attending.done()
    finally:
        attending.cancel()


async def test_a_walk_makes_the_catalog_equal_to_the_channel() -> None:
    stage = Stage(350)
    there = stage.history.there
    del stage.rows.files[media_file(8).origin]  # a gap
    del there[10]  # deleted without an update
    there[12] = None  # holds no file any more
    there[14] = edited(media_file(14), caption="changed")
    there |= {number: media_file(number) for number in range(351, 420)}  # posted without an update
    stage.rows.files[media_file(500).origin] = media_file(500)  # the newest was deleted
    assert await stage.repair.walk(CHANNEL) == Repaired(put=71, gone=3)
    assert stage.rows.files == files_of(stage.history)
    assert await stage.repair.walk(CHANNEL) == Repaired()
    assert len(stage.history.reads) == 5 + 5


async def test_single_messages_are_checked_with_one_request() -> None:
    """W: deleted and changed ones are taken over, unknown ones stay, and an error changes nothing."""
    stage = Stage(350)
    there = stage.history.there
    del there[10]
    there[12] = edited(media_file(12), caption="changed")
    stage.history.unknown = frozenset({14})
    await stage.repair.check(CHANNEL, [10, 12, 14, 300])
    assert stage.history.reads == [(10, 12, 14, 300)]
    assert media_file(10).origin not in stage.rows.files
    assert stage.rows.files[media_file(12).origin].caption == "changed"
    assert media_file(14).origin in stage.rows.files
    del there[16]
    for error in (SourceBusy(30.0), SourceUnavailable("away"), FileMissing("not in the chat")):
        stage.history.errors.append(error)
        with pytest.raises(type(error)):
            await stage.repair.check(CHANNEL, [16])
        assert media_file(16).origin in stage.rows.files


async def test_nothing_is_written_when_nothing_differs() -> None:
    stage = Stage(350)
    await stage.repair.walk(CHANNEL)
    assert stage.rows.changes == []


async def test_an_unreadable_message_is_not_removed() -> None:
    stage = Stage(350)
    stage.history.unknown = frozenset(range(100, 200))
    before = dict(stage.rows.files)
    assert await stage.repair.walk(CHANNEL) == Repaired()
    stage.history.errors += [SourceError("refused")] * MAX_REFUSALS
    with pytest.raises(SourceError):
        await stage.repair.walk(CHANNEL)
    stage.history.chat = dataclasses.replace(stage.history.chat, chat_id=OTHER)
    with pytest.raises(FileMissing):
        await stage.repair.walk(CHANNEL)
    assert stage.rows.files == before


async def test_a_message_deleted_during_the_read_is_not_stored_again() -> None:
    stage = Stage(100)
    gone = media_file(50).origin

    def delete(_: Sequence[int]) -> None:
        del stage.history.there[50], stage.rows.files[gone]
        stage.deleted.add(gone)

    stage.rows.files.pop(gone)
    stage.rows.files[gone] = media_file(50, caption="old")
    stage.history.during = delete
    await stage.repair.walk(CHANNEL)
    assert stage.rows.files == files_of(stage.history)


async def test_short_flood_waits_and_an_unavailable_database_are_waited_out() -> None:
    stage = Stage(350, Rows())
    stage.history.errors += [SourceBusy(17.0)]
    stage.rows.away = 20
    await stage.repair.walk(CHANNEL)
    assert stage.rows.files == files_of(stage.history)
    assert 17.0 in stage.clock.slept


@pytest.mark.parametrize("error", [SourceUnavailable("500"), SourceBusy(3600.0)])
async def test_a_chat_that_telegram_does_not_give_delays_no_other(error: SourceError) -> None:
    """E: the failing chat is left alone for a while, and goes on where it was once it can be read."""
    stage = Stage(350)
    stage.history.anywhere = True
    stage.chats = frozenset({CHANNEL, OTHER, OTHER - 1})
    stage.history.failing[OTHER - 1] = error  # the first in turn
    began = stage.clock.time()
    await stage.run(8)
    marks = stage.rows.marks
    assert {mark_name(CHANNEL), mark_name(OTHER)} == marks.keys() & {mark_name(one) for one in stage.chats}
    assert stage.clock.time() - began < START_DELAY + 8 * (PAUSE + PATIENCE)
    del stage.history.failing[OTHER - 1]
    await stage.run(8)
    assert RepairPass.decode(marks[mark_name(OTHER - 1)]).began > began


async def test_a_suspect_in_a_chat_that_telegram_does_not_give_delays_no_other() -> None:
    """E: files of other chats that a read has found to be gone are removed meanwhile."""
    stage = Stage(350)
    stage.history.failing[OTHER] = SourceUnavailable("500")
    del stage.history.there[10]
    attending = asyncio.create_task(stage.repair.run_suspects())
    stage.repair.suspect(Origin(OTHER, 10))
    stage.repair.suspect(media_file(10).origin)
    await until(lambda: media_file(10).origin not in stage.rows.files)
    attending.cancel()


async def test_a_million_messages_take_a_day_and_the_next_pass_begins_later() -> None:
    stage = Stage(350)
    began = stage.clock.time()
    await stage.run(5)
    assert stage.clock.time() - began == pytest.approx(START_DELAY + LEAST_PERIOD, abs=2 * PAUSE)
    assert stage.clock.slept[:4] == [START_DELAY, PAUSE, PAUSE, PAUSE]
    assert pytest.approx(86_400) == 10_000 * PAUSE
    assert stage.history.reads[4] == stage.history.reads[0]


async def test_chats_take_turns_and_none_is_slowed_down_by_a_few_others() -> None:
    stage = Stage(350)
    stage.chats = frozenset({CHANNEL, OTHER, OTHER - 1})
    await stage.run(3)
    assert stage.clock.slept[1] == PAUSE / 3
    assert [ids[-1] for ids in stage.history.reads] == [350, 300, 200]  # the others cannot be read


async def test_many_chats_together_stay_within_the_request_rate() -> None:
    stage = Stage(350)
    stage.chats = frozenset(range(OTHER - 50, OTHER)) | {CHANNEL}
    await stage.run(1)
    assert stage.clock.slept[1] == LEAST_PAUSE


async def test_a_pass_is_resumed_after_a_restart() -> None:
    stage = Stage(350)
    await stage.run(2)
    stage.repair = stage.fresh()
    await stage.run(1)
    assert [ids[-1] for ids in stage.history.reads] == [350, 300, 200]
    assert RepairPass.decode(stage.rows.marks[mark_name(CHANNEL)]).next == 100


async def test_restart_begins_the_next_pass_at_once() -> None:
    stage = Stage(350)
    stage.history.there |= {number: media_file(number) for number in range(351, 420)}
    assert await stage.repair.walk(CHANNEL, floor=350) == Repaired(put=69)
    assert stage.history.reads == [tuple(range(401, 420)), tuple(range(351, 401))]
    stage.history.reads.clear()
    await stage.run(2)
    stage.repair.restart(CHANNEL)
    await stage.run(1)
    assert [ids[-1] for ids in stage.history.reads] == [419, 400, 419]


async def test_a_chat_with_a_walk_under_way_is_skipped() -> None:
    stage = Stage(350)
    stage.busy.add(CHANNEL)
    running = asyncio.create_task(stage.repair.run())
    await until(lambda: len(stage.clock.slept) > 5)
    assert stage.history.tries == 0
    stage.busy.clear()
    await until(lambda: len(stage.history.reads) == 4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("text", [None, "", "[", "[1]", '["a", 2]', "7"])
def test_an_invalid_pass_decodes_to_one_that_ended_long_ago(text: str | None) -> None:
    assert RepairPass.decode(text) == RepairPass()
    assert RepairPass.decode(RepairPass(5.0, 9).encode()) == RepairPass(5.0, 9)
