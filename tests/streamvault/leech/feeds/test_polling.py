"""Feeds become jobs, once each, whatever dies in between."""

import asyncio
from dataclasses import replace
from typing import Any

from streamvault.errors import SourceFailed, SourceRefused, SourceUnavailable
from streamvault.leech.feeds import polling, transitions
from streamvault.leech.feeds.model import FeedState, Parsed, Rules
from streamvault.leech.feeds.polling import Poller
from streamvault.leech.feeds.reading import FeedGone, Look
from streamvault.leech.feeds.service import WantedFeed
from streamvault.leech.feeds.transitions import CATCH_UP, Answered
from streamvault.leech.model import Asked, State
from tests.support.feed_stage import ANNA, CHAT, Stage
from tests.support.feeds import WHERE, Scripted, item


async def test_what_is_new_becomes_jobs() -> None:
    stage = Stage()
    asked = Asked(9, 5, 77)
    feed = await stage.follow(1, 2, person=ANNA, asked=asked, rules=Rules(titles=True))
    assert stage.sources() == []
    assert (stage.now(feed).title, stage.now(feed).lease) == ("Films", None)
    stage.shows(4, 3, 2, 1)
    assert await stage.later() == 1
    assert sorted(stage.sources()) == ["3.mkv", "4.mkv"]
    [job, other] = stage.added
    assert (job.person, job.chat_id, job.asked, job.options.name) == (ANNA, CHAT, asked, "Film 3")
    assert other.options.name == "Film 4"
    after = stage.now(feed)
    assert (after.taken, after.picks, after.lease, after.changed) == (2, (), None, stage.clock.now)
    assert stage.reader.asked[-1] == (WHERE, '"1"', "Mon, 30 Nov 2026 18:00:00 GMT")
    assert await stage.later(5) == 0, "nothing is due"


async def test_pages_are_for_yt_dlp_where_they_are_wished() -> None:
    """R3."""
    page = item(2, enclosures=())
    for wished, expected in ((False, []), (True, [("https://feeds.example/page/2", True), ("3.mkv", False)])):
        stage = Stage()
        await stage.follow(1, rules=Rules(pages=wished))
        stage.reader.answer = Parsed("Films", (page, item(1)))
        await stage.later()
        stage.reader.answer = Parsed("Films", (*((item(3),) if wished else ()), page, item(1)))
        await stage.later()
        told = [(job.source, job.options.ytdlp) for job in stage.added]
        assert [(source.removeprefix("https://files.example/"), asked) for source, asked in told] == expected


async def test_a_crash_at_any_write_brings_each_item_once() -> None:
    """What was a job, and was cancelled meanwhile, does not come again either."""
    for writes in range(4):
        stage = Stage()
        feed = await stage.follow(1)
        stage.shows(3, 2, 1)
        stage.store.writes_left = writes
        await stage.later()
        stage.store.writes_left, stage.store.failing = None, False
        for job in stage.jobs.stored.values():
            stage.jobs.stored[job.id] = replace(job, state=State.CANCELLED)
        stage.shows(1)  # they have left the document
        if writes < 2:
            stage.shows(3, 2, 1)  # nothing of them was stored
        stage.reader.asked.clear()
        await stage.later(transitions.LEASE, name="w2")
        await stage.later(3600, name="w2")
        assert sorted(stage.sources()) == ["2.mkv", "3.mkv"], writes
        assert stage.now(feed).lease is None
        assert stage.now(feed).picks == ()


async def test_a_database_of_jobs_that_fails_loses_nothing() -> None:
    stage = Stage()
    feed = await stage.follow(1)
    stage.shows(3, 2, 1)
    stage.jobs.failing = True
    await stage.later()
    assert len(stage.now(feed).picks) == 2
    stage.jobs.failing = False
    stage.shows(1)
    await stage.later(transitions.BUSY_PAUSE)
    assert sorted(stage.sources()) == ["2.mkv", "3.mkv"]


async def test_of_several_workers_one_looks_at_a_feed() -> None:
    stage = Stage()
    await stage.follow(1)
    stage.shows(2, 1)
    stage.clock.now += 3600
    looks = len(stage.reader.asked)
    assert sum(await asyncio.gather(*(stage.poller(f"w{n}").poll() for n in range(5)))) == 1
    assert len(stage.reader.asked) == looks + 1
    assert stage.sources() == ["2.mkv"]


async def test_who_was_too_slow_writes_nothing() -> None:
    stage = Stage()
    feed = await stage.follow(1)
    stage.shows(2, 1)

    class Slow(Scripted):
        async def look(self, address: str, **_: Any) -> Look:
            stage.clock.now += transitions.LEASE
            await stage.poller("w2").poll()
            return Look(Answered(), Parsed("Stale", (item(9), item(1))))

    slow = Poller(stage.store, stage.queue, stage.sealing, Slow(), name="w1", clock=stage.clock)
    stage.clock.now += 3600
    await slow.poll()
    assert stage.sources() == ["2.mkv"]
    assert stage.now(feed).title == "Films"


async def test_a_feed_that_is_removed_while_it_is_read_brings_nothing() -> None:
    stage = Stage()
    feed = await stage.follow(1)

    class Removing(Scripted):
        async def look(self, address: str, **_: Any) -> Look:
            await stage.feeds.remove(feed.id)
            return Look(Answered(), Parsed("", (item(9),)))

    stage.clock.now += 3600
    await Poller(stage.store, stage.queue, stage.sealing, Removing(), name="w", clock=stage.clock).poll()
    assert (stage.sources(), stage.store.stored) == ([], {})


async def test_many_new_items_wait_for_an_answer() -> None:
    stage = Stage()
    feed = await stage.follow(0)
    stage.shows(*range(20, -1, -1))
    await stage.later()
    assert stage.sources() == []
    assert len(stage.now(feed).question) == 20
    stage.shows(21, *range(20, -1, -1))
    await stage.later()
    assert stage.sources() == ["21.mkv"], "the feed goes on"
    await stage.feeds.answer(feed.id, "newest")
    await stage.later(1)
    assert sorted(stage.sources()) == sorted(f"{n}.mkv" for n in range(20 - CATCH_UP + 1, 22))
    assert stage.now(feed).question == ()


async def test_items_wait_while_somebody_has_too_many_jobs() -> None:
    stage = Stage(open=2)
    feed = await stage.follow(0, person=ANNA)
    stage.shows(3, 2, 1, 0)
    await stage.later()
    assert stage.sources() == ["1.mkv", "2.mkv"]
    assert [pick.title for pick in stage.now(feed).picks] == ["Film 3"]
    stage.reader.answer = SourceFailed("it is away")
    await stage.later(3600)
    stage.jobs.stored = {}
    await stage.later(3600)
    assert stage.sources() == ["3.mkv"], "also while the feed fails"
    assert stage.now(feed).taken == 3


async def test_failures_are_shown_and_end() -> None:
    stage = Stage()
    feed = await stage.follow(1)
    for error, state in (
        (SourceFailed("the host is away", retry_after=7200.0), FeedState.ACTIVE),
        (SourceRefused("no such feed (404)"), FeedState.ACTIVE),
        (FeedGone("it is gone for good (410)"), FeedState.STOPPED),
    ):  # fmt: skip
        stage.reader.answer = error
        assert await stage.later(86_400.0) == 1
        now = stage.now(feed)
        assert (now.error, now.state, now.lease) == (str(error), state, None)
        assert error.args != ("the host is away",) or now.poll_at == stage.clock.now + 7200.0
    assert await stage.later(1e7) == 0, "it is not asked for years"
    stage.shows(2, 1)
    await stage.feeds.try_again(feed.id)
    assert await stage.later(1) == 1
    assert (stage.sources(), stage.now(feed).error) == (["2.mkv"], None)


async def test_a_moved_feed_is_asked_at_its_new_address() -> None:
    stage = Stage()
    feed = await stage.follow(1)
    stage.reader.answered = Answered(moved="https://new.example/rss")
    for _ in range(5):
        await stage.later(86_400.0)
    assert stage.now(feed).address == "https://new.example/rss"
    assert stage.reader.asked[-1][0] == "https://new.example/rss"
    assert (await stage.feeds.add(WantedFeed("http://new.example/rss", CHAT))).new
    assert not (await stage.feeds.add(WantedFeed("https://new.example/rss", CHAT))).new


async def test_feeds_of_who_may_no_longer_leech_rest() -> None:
    stage = Stage()
    allowed: set[int] = set()

    async def may(person: int, chat_id: int) -> bool:
        assert chat_id == CHAT
        return person in allowed

    stage.may = may
    feed = await stage.follow(1, person=ANNA)
    stage.shows(2, 1)
    await stage.later()
    assert (stage.reader.asked, stage.now(feed).error) == ([], polling.NOT_ALLOWED)
    allowed.add(ANNA)
    await stage.later(86_400.0)
    assert (len(stage.reader.asked), stage.now(feed).error) == (1, None)

    async def unknown(person: int, chat_id: int) -> bool:
        raise SourceUnavailable("Telegram is away")

    stage.may = unknown
    await stage.later()
    assert len(stage.reader.asked) == 1


async def test_passwords_are_sealed_and_reach_the_feed() -> None:
    stage = Stage()
    feed = await stage.follow(1, address="https://user:p%40ss-word@feeds.example/rss")
    stage.shows(2, 1)
    await stage.later()
    assert {asked[0] for asked in stage.reader.asked} == {"https://user:p%40ss-word@feeds.example/rss"}
    assert "ss-word" not in repr(stage.store.stored)
    assert stage.now(feed).address == "https://feeds.example/rss"
