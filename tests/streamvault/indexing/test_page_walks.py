"""The walk by pages: gaps cause no requests, nothing is removed before a read by id, and the fallback to ids."""

import asyncio
import contextlib
import math
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.errors import SourceBusy, SourceUnavailable
from streamvault.indexing.backfill import STRETCH, Backfill
from streamvault.indexing.progress import Progress
from streamvault.indexing.reconcile import MOST_STORED
from streamvault.media.model import MediaFile
from tests.support.files import CHANNEL, media_file
from tests.support.proof import full
from tests.support.sources import HastyClock
from tests.support.walks import Killed, Rows, ScriptedHistory, channel, edited, files_of

ALWAYS = 1 << 30


class Stage:
    """A walk over a scripted channel and rows in memory, with a user account for so many pages."""

    def __init__(self, there: dict[int, MediaFile | None], rows: Rows | None = None, *, pages: int = ALWAYS) -> None:
        self.history = ScriptedHistory(there)
        self.history.pages = pages
        self.rows = rows or Rows()
        self.backfill = Backfill(self.rows.catalog, self.history, clock=HastyClock())

    async def walk(self, *, again: bool = False) -> Progress:
        before = asyncio.all_tasks()
        try:
            return await self.backfill.walk(CHANNEL, again=again)
        finally:
            assert asyncio.all_tasks() <= before

    def assert_equal(self) -> None:
        assert self.rows.files == files_of(self.history)


def sparse(top: int, step: int) -> dict[int, MediaFile | None]:
    """Every `step`th message is there, and holds a file."""
    return {number: media_file(number) for number in range(top, 0, -step)}


async def test_gaps_cause_no_requests() -> None:
    stage = Stage(sparse(1_000_000, 2000))
    over = await stage.walk()
    stage.assert_equal()
    assert (over.done, over.top, over.files, over.state) == (1_000_000, 1_000_000, 500, "finished")
    assert len(stage.history.tops) == 6  # five hundreds, and that there is nothing below them
    assert stage.history.reads == []
    assert len(stage.rows.changes) == 6


async def test_a_second_walk_reads_what_is_new_and_nothing_below_it() -> None:
    stage = Stage(channel(250))
    await stage.walk()
    stage.history.there |= channel(480)
    stage.history.tops.clear()
    await stage.walk()
    stage.assert_equal()
    assert stage.history.tops == [480, 380, 280]


async def test_a_message_missing_on_a_page_is_removed_only_if_its_id_is_empty() -> None:
    stage = Stage(channel(300))
    await stage.walk()
    for number in (40, 42, 280):
        del stage.history.there[number]
    stage.history.there[100] = None
    stage.history.unknown = frozenset({42, 60})  # hidden, for the moment
    await stage.walk(again=True)
    assert {origin.message_id for origin in stage.rows.files} == set(range(2, 301, 2)) - {40, 280, 100}
    assert sorted(number for ids in stage.history.reads for number in ids) == [40, 42, 60, 100, 280]


async def test_a_file_edited_into_an_old_message_after_the_page_was_read_stays() -> None:
    stage = Stage({**channel(150), 101: None})

    def edit(ids: Sequence[int]) -> None:
        """The live index stores an edit after the page has been read."""
        if 101 in ids:
            stage.history.there[101] = stage.rows.files[media_file(101).origin] = edited(media_file(101))

    stage.history.during = edit
    await stage.walk()
    stage.assert_equal()
    assert media_file(101).origin in stage.rows.files


async def test_an_emptied_channel_is_removed_in_bounded_batches() -> None:
    stage = Stage(channel(2000, every=1))
    await stage.walk()
    stage.history.there = {2000: media_file(2000)}
    stage.rows.changes.clear()
    await stage.walk(again=True)
    stage.assert_equal()
    assert max(len(change.gone) for change in stage.rows.changes) <= MOST_STORED
    assert all(len(ids) <= 100 for ids in stage.history.reads)
    assert len(stage.history.reads) <= 2000 / 100 + 1


async def test_a_walk_falls_back_to_ids_and_tries_pages_again_after_a_stretch() -> None:
    top = STRETCH + 1500
    stage = Stage(channel(top), pages=3)
    asked: list[int] = []

    def later(ids: Sequence[int]) -> None:
        asked.append(ids[-1])
        if len(asked) > 10:
            stage.history.pages = ALWAYS

    stage.history.during = later
    await stage.walk()
    stage.assert_equal()
    assert stage.history.tops[:3] == [top, top - 100, top - 200]
    assert len(stage.history.reads) == STRETCH // 100
    assert len(stage.history.tops) == 3 + math.ceil((top - 300 - STRETCH) / 100)


async def test_a_flood_wait_and_a_lost_connection_are_waited_out() -> None:
    stage = Stage(sparse(90_000, 100))
    stage.history.errors = [SourceBusy(7.0), SourceUnavailable("lost"), SourceBusy(1.0)]
    await stage.walk()
    stage.assert_equal()
    assert len(stage.history.tops) == 10


@given(
    st.sets(st.integers(1, 5000), min_size=1, max_size=400),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=4),
    st.sets(st.integers(1, 5000), max_size=50),
    st.integers(0, 200),
)
@settings(max_examples=80 if full() else 30)
def test_any_mixture_of_kills_pages_and_ids_ends_with_what_is_there(
    ids: set[int], kills: list[tuple[int, int]], stale: set[int], more: int
) -> None:
    async def scenario() -> None:
        there: dict[int, MediaFile | None] = {n: media_file(n) if n % 3 else None for n in ids}
        rows = Rows(media_file(n) for n in stale if n <= max(ids))  # some of them are gone, and some hold no file
        for applies, pages in kills:
            stage = Stage(there, rows, pages=pages)
            rows.kill_after = applies
            with contextlib.suppress(Killed):
                await stage.walk()
        rows.kill_after = None
        there |= {max(ids) + n: media_file(max(ids) + n) for n in range(1, more + 1)}
        stage = Stage(there, rows)
        over = await stage.walk()
        stage.assert_equal()
        assert over.done == over.top == max(there)
        assert len(stage.history.tops) <= math.ceil(len(there) / 100) + 2 + len(kills)

    asyncio.run(scenario())
