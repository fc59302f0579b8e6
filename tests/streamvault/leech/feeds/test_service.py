"""Feeds as people use them."""

import pytest

from streamvault.errors import CatalogError, QuotaExceeded, SourceRefused
from streamvault.leech.feeds.model import Parsed, Rules
from streamvault.leech.feeds.service import EACH, WantedFeed
from streamvault.leech.queue import Wanted
from tests.support.feed_stage import ANNA, CHAT, Stage
from tests.support.feeds import WHERE, item


async def test_a_feed_is_followed_once() -> None:
    stage = Stage()
    feed = await stage.follow(1, person=ANNA)
    again = await stage.feeds.add(WantedFeed("HTTPS://feeds.example:443/rss#x", CHAT, ANNA))
    assert (again.new, again.feed.id) == (False, feed.id)
    for other in (WantedFeed(WHERE, CHAT, 8), WantedFeed(WHERE, -1002, ANNA)):
        assert (await stage.feeds.add(other)).new
    assert [one.id for one in await stage.feeds.listed(person=8)] != [feed.id]


async def test_what_cannot_be_followed_is_said() -> None:
    stage = Stage()
    for wanted, word in (
        (WantedFeed("ftp://h/rss", CHAT), "has to begin"), (WantedFeed("", CHAT), "no address"),
        (WantedFeed(WHERE, CHAT, every=10.0), "every 300"), (WantedFeed(WHERE, CHAT, every=1e9), "every 300"),
        (WantedFeed(WHERE, CHAT, rules=Rules(include=("-",))), "neither letters"),
    ):  # fmt: skip
        with pytest.raises(SourceRefused, match=word):
            await stage.feeds.add(wanted)
    for number in range(EACH):
        await stage.feeds.add(WantedFeed(f"{WHERE}?{number}", CHAT, ANNA))
    with pytest.raises(QuotaExceeded, match="remove one"):
        await stage.feeds.add(WantedFeed(WHERE, CHAT, ANNA))
    assert (await stage.feeds.add(WantedFeed(WHERE, CHAT, 8))).new


async def test_trying_a_feed_stores_nothing() -> None:
    stage = Stage()
    stage.reader.answer = Parsed("Films", (item(1), item(2, title="Film 2 CAM"), item(3, enclosures=())))
    tried = await stage.feeds.try_out(WHERE, Rules(exclude=("cam",)))
    assert (tried.title, [one.why for one in tried.verdicts]) == ("Films", [None, "excluded", "page"])
    assert tried.verdicts[0].address == "https://files.example/1.mkv"
    assert (stage.store.stored, stage.jobs.stored) == ({}, {})


async def test_an_item_that_was_a_job_already_is_none_again() -> None:
    stage = Stage()
    feed = await stage.follow(1)
    mine = await stage.queue.add(Wanted("https://files.example/2.mkv", CHAT))
    stage.shows(2, 1)
    await stage.later()
    assert list(stage.jobs.stored) == [mine.job.id]
    assert (stage.added, stage.now(feed).picks) == ([], ())


async def test_a_database_that_fails_is_told() -> None:
    stage = Stage()
    await stage.follow(1)
    stage.store.failing = True
    with pytest.raises(CatalogError):
        await stage.later()
