"""From a feed on a web server to files in the channel, through the end of the worker."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from streamvault.access.audit import Audit
from streamvault.access.store.sqlite import SqliteAccessRecords
from streamvault.datadir import secret_key
from streamvault.leech.feeds.model import Feed
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.feeds.store.sqlite import SqliteFeeds
from streamvault.leech.model import State
from streamvault.leech.sealing import Sealing
from tests.e2e.test_leech_chat import hears, told, write
from tests.support.feeds import Scripted, entry, rss
from tests.support.leech_stage import MIB, Stage, film, leech_stage
from tests.support.raw_server import Answer, Request, ranged, response
from tests.support.waiting import until


@dataclass
class Podcast:
    """A web server with a feed of `numbers`, and the film of each."""

    numbers: list[int] = field(default_factory=lambda: [1])
    looks: int = 0
    fetched: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        if request.target != "/rss":
            self.fetched.append(request.target)
            return ranged(request, self.film(int(request.target[1:-4])), etag='"1"')
        self.looks += 1
        etag = f'"{self.numbers}"'
        if request.headers.get("if-none-match") == etag:
            return response("304 Not Modified", etag=etag)
        items = (entry(number, f"/{number}.mkv") for number in reversed(self.numbers))
        return response("200 OK", rss(*items), etag=etag, content_type="application/rss+xml")

    def film(self, number: int) -> bytes:
        return film(MIB + number, seed=number)

    def posts(self, *numbers: int) -> list[tuple[str, str]]:
        return [(f"{n}.mkv", hashlib.sha256(self.film(n)).hexdigest()) for n in numbers]


async def posted(stage: Stage, podcast: Podcast, *numbers: int) -> None:
    """Wait until exactly these films are in the channel, and their jobs have ended."""
    await until(lambda: len(stage.posts()) >= len(numbers), timeout=60, pause=0.05)

    async def over() -> bool:
        jobs = await stage.queue.listed(limit=100)
        assert not [job for job in jobs if job.state is State.FAILED], jobs
        return [job.state for job in jobs] == [State.DONE] * len(numbers)

    await until(over, timeout=60, pause=0.05)
    assert sorted(stage.posts()) == sorted(podcast.posts(*numbers))


async def handed_over(stage: Stage, store: SqliteFeeds, taken: int) -> Feed:
    """The only feed, once so many of its items are jobs and no worker holds it."""

    async def look() -> Feed | None:
        assert stage.worker is None or not stage.worker.done(), stage.worker
        [feed] = await store.listed()
        assert feed.error is None
        return feed if feed.taken >= taken and feed.lease is None else None

    return await until(look, timeout=60, pause=0.05)


async def test_what_is_new_in_a_feed_is_posted_once_and_told(tmp_path: Path) -> None:
    podcast = Podcast([1, 2])
    async with leech_stage(tmp_path, podcast) as stage, SqliteFeeds(stage.settings.database_path) as store:
        stage.start()
        await hears(stage.world, stage.bot)
        await write(stage, f"/rss {stage.web.url('/rss')} -a")
        await told(stage, "Followed:")
        await posted(stage, podcast, 1, 2)
        await told(stage, "Done: 1.mkv")
        await told(stage, "Done: 2.mkv")
        feed = await handed_over(stage, store, 2)
        assert (feed.title, feed.person) == ("Films", stage.world.owner.id)

        podcast.numbers = [1, 2, 3, 4]
        feeds = Feeds(store, Sealing(secret_key(stage.settings)), Scripted())
        await feeds.try_again(feed.id)
        await handed_over(stage, store, 4)
        await stage.stop()
        podcast.numbers = [1, 2, 4]
        await feeds.try_again(feed.id)
        looks = podcast.looks
        stage.start()
        await until(lambda: podcast.looks > looks, timeout=60, pause=0.05)
        await posted(stage, podcast, 1, 2, 3, 4)
        assert (await handed_over(stage, store, 4)).taken == 4
        await stage.stop()
        async with SqliteAccessRecords(stage.settings.database_path) as records:
            noted = [(one.what, one.address) for one in await Audit(records).listed(limit=20)]
        assert noted.count(("leeched", "feed")) == 4
        assert ("feed added", "bot") in noted
