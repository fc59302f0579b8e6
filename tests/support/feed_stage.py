"""Feeds, what they answer and the jobs that they become, over stores in memory."""

from typing import Any

from streamvault.leech.claiming import Bounds
from streamvault.leech.feeds.model import Feed, Parsed
from streamvault.leech.feeds.polling import Poller
from streamvault.leech.feeds.service import Feeds, WantedFeed
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from tests.support.feeds import BEGUN, WHERE, MemoryFeeds, Scripted, item
from tests.support.http_sources import Clock
from tests.support.job_store import MemoryJobs

CHAT, ANNA = -1001, 7
SECRET = b"a secret of the tests"


class Stage:
    """A feed store, a queue, what a feed answers, and a clock."""

    def __init__(self, **bounds: Any) -> None:
        self.clock = Clock()
        self.clock.now = BEGUN
        self.store, self.jobs, self.reader = MemoryFeeds(), MemoryJobs(), Scripted()
        self.sealing = Sealing(SECRET)
        self.queue = Queue(self.jobs, self.sealing, clock=self.clock, bounds=Bounds(**bounds))
        self.feeds = Feeds(self.store, self.sealing, self.reader, clock=self.clock)
        self.added: list[Job] = []
        self.may: Any = None

    def poller(self, name: str = "w1", **more: Any) -> Poller:
        if self.may is not None:
            more["may"] = self.may
        return Poller(
            self.store, self.queue, self.sealing, self.reader, name=name, on_added=self.added.append, clock=self.clock,
            jitter=lambda: 0.5, **more,
        )  # fmt: skip

    async def follow(self, *numbers: int, **wanted: Any) -> Feed:
        """A feed that was looked at once, when it had these items."""
        self.shows(*numbers)
        feed = (await self.feeds.add(WantedFeed(**{"address": WHERE, "chat_id": CHAT, **wanted}))).feed
        await self.poller().poll()
        return feed

    def shows(self, *numbers: int) -> None:
        self.reader.answer = Parsed("Films", tuple(map(item, numbers)))

    async def later(self, seconds: float = 3600.0, name: str = "w1") -> int:
        """Look at what is due some time later."""
        self.clock.now += seconds
        return await self.poller(name).poll()

    def sources(self) -> list[str]:
        return [job.source.rpartition("/")[2] for job in sorted(self.jobs.stored.values(), key=lambda job: job.created)]

    def now(self, feed: Feed) -> Feed:
        return self.store.stored[feed.id]
