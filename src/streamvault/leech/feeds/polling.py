"""The part of a worker that looks at feeds which are due, and makes jobs of what is new.

What a look found is stored with the feed before any job is made of it; a job's id follows from the feed and the item.
So a worker may end at any step: the next one makes the jobs that are missing.
"""

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import NoReturn

from streamvault.errors import (
    CatalogError,
    LeechError,
    QuotaExceeded,
    SourceError,
    SourceFailed,
    SourceRefused,
)
from streamvault.leech.addresses import read_address
from streamvault.leech.feeds import transitions
from streamvault.leech.feeds.choice import HERE, Abilities
from streamvault.leech.feeds.model import Feed, Pick
from streamvault.leech.feeds.reading import FeedGone, Look, Reader
from streamvault.leech.feeds.store.base import FeedStore
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.sealing import Sealing

log = logging.getLogger(__name__)

POLL = 2.0
"""Seconds between two looks for feeds that are due."""
AT_ONCE = 3
"""Feeds that are looked at at the same time."""
_TRIES = 20
NOT_ALLOWED = "who added this feed may no longer leech into its channel"

MayLeech = Callable[[int, int], Awaitable[bool]]
"""Whether a person may leech into a chat. Raises CatalogError, SourceError where that cannot be told now."""


async def _anybody(person: int, chat_id: int) -> bool:
    return True


class Poller:
    """`name` is unique among all workers. `may`: see MayLeech; `on_added` is called with each new job, `on_changed`
    with each feed that was written. `clock` gives Unix seconds, `jitter` numbers between 0 and 1.
    """

    def __init__(
        self, store: FeedStore, queue: Queue, sealing: Sealing, reader: Reader, *, name: str,
        abilities: Abilities = HERE, may: MayLeech = _anybody, on_added: Callable[[Job], None] = lambda _: None,
        on_changed: Callable[[Feed], None] = lambda _: None, clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self._store, self._queue, self._sealing, self._reader = store, queue, sealing, reader
        self._name = name
        self._abilities = abilities
        self._may = may
        self._on_added = on_added
        self._on_changed = on_changed
        self._clock, self._sleep, self._jitter = clock, sleep, jitter

    async def run(self) -> NoReturn:
        """Until cancelled; a feed that it holds then is taken up by another when the lease ends."""
        while True:
            try:
                await self.poll()
            except CatalogError as error:
                log.debug("no feed is looked at: %s", error)
            except Exception:  # the next look may go well
                log.exception("feeds")
            await self._sleep(POLL)

    async def poll(self) -> int:
        """Look at all feeds that are due now; how many. Raises CatalogError."""
        ids = await self._store.due(self._clock(), limit=100)
        places = asyncio.Semaphore(AT_ONCE)
        return sum(await asyncio.gather(*(self._one(id, places) for id in ids)))

    async def _one(self, id: str, places: asyncio.Semaphore) -> bool:
        async with places:
            try:
                feed = await self._claimed(id)
                if feed is None:
                    return False
                await self._look(feed)
            except CatalogError as error:
                log.debug("feed %s is looked at later: %s", id, error)
            except Exception:
                log.exception("feed %s", id)
                return False
            return True

    async def _claimed(self, id: str) -> Feed | None:
        feed = await self._store.get(id)
        if feed is None or not transitions.claimable(feed, self._clock()):
            return None
        held = transitions.claimed(feed, self._name, now=self._clock())
        return replace(held, version=held.version + 1) if await self._store.replace(held) else None

    async def _look(self, feed: Feed) -> None:
        """All that is due of a held feed, which is let go of."""
        if not await self._is_allowed(feed):
            now, jitter = self._clock(), self._jitter()
            await self._save(feed, lambda one: transitions.failed(one, NOT_ALLOWED, now=now, jitter=jitter))
            return
        held: Feed | None = feed
        if feed.picks:
            held = await self._hand_over(feed)
        if held is not None and held.poll_at <= self._clock():
            held = await self._read(held)
            if held is not None and held.lease is not None:
                held = await self._hand_over(held)
        if held is not None and held.lease is not None:
            await self._save(held, transitions.released)

    async def _is_allowed(self, feed: Feed) -> bool:
        """Raises CatalogError where that cannot be told now."""
        try:
            return feed.person is None or await self._may(feed.person, feed.chat_id)
        except SourceError as error:
            raise CatalogError("it cannot be told who may leech") from error

    async def _read(self, feed: Feed) -> Feed | None:
        """The feed after a look at its document, without a lease where it has no picks; None where it was lost."""
        try:
            whole = transitions.asks_all(feed)
            address = self._sealing.opened(feed.id, feed.sealed) if feed.sealed else feed.address
            look = await self._reader.look(
                address, etag=None if whole else feed.etag, modified=None if whole else feed.modified
            )
        except FeedGone as error:
            return await self._save(feed, partial(transitions.stopped, reason=str(error), now=self._clock()))
        except LeechError as error:
            after = error.retry_after if isinstance(error, SourceFailed) else None
            change = partial(
                transitions.failed, reason=str(error), retry_after=after, now=self._clock(), jitter=self._jitter()
            )
            return await self._save(feed, change)
        return await self._save(feed, self._change(look, now=self._clock(), jitter=self._jitter()))

    def _change(self, look: Look, *, now: float, jitter: float) -> Callable[[Feed], Feed]:
        """What a look makes of the feed."""

        def change(feed: Feed) -> Feed:
            if look.parsed is None:
                after = transitions.unchanged(feed, look.answered, now=now, jitter=jitter)
            else:
                after = transitions.read(
                    feed, look.answered, look.parsed, now=now, jitter=jitter, abilities=self._abilities,
                    seal=self._sealing.seal,
                )  # fmt: skip
            after = self._moved(after)
            return after if after.picks else transitions.released(after)

        return change

    async def _hand_over(self, feed: Feed) -> Feed | None:
        """Make jobs of the picks; the feed without them, None where it was lost."""
        done, lost, later = set[str](), 0, None
        for pick in feed.picks:
            try:
                added = await self._queue.add(self._wanted(feed, pick))
            except QuotaExceeded:
                later = transitions.BUSY_PAUSE
                break
            except SourceRefused as error:
                log.warning("an item of feed %s is left out: %s", feed.id, error)
                lost += 1
            else:
                if added.new:
                    self._on_added(added.job)
            done.add(pick.id)
        now = self._clock()
        return await self._save(feed, lambda one: transitions.handed_over(one, done, now=now, later=later, lost=lost))

    def _wanted(self, feed: Feed, pick: Pick) -> Wanted:
        options = replace(feed.options, ytdlp=pick.page)
        if feed.rules.titles and pick.title:
            options = replace(options, name=pick.title.replace("/", " ").replace("\\", " "))
        address = self._sealing.opened(pick.id, pick.sealed)
        return Wanted(address, feed.chat_id, feed.person, options, asked=feed.asked, id=pick.id)

    def _moved(self, feed: Feed) -> Feed:
        """The feed at the address that it has moved to, where that is due; not one with credentials."""
        address = transitions.moves(feed, now=self._clock())
        if address is None or feed.sealed:
            return feed
        log.info("feed %s has moved to %s", feed.id, address)
        same = read_address(address, schemes=("http", "https")).same
        return replace(feed, address=address, moved=None, fingerprint=hashlib.sha256(same.encode()).hexdigest())

    async def _save(self, feed: Feed, change: Callable[[Feed], Feed]) -> Feed | None:
        """Store what `change` makes of a held feed as it is now; None where it was removed, or is held by another."""
        for _ in range(_TRIES):
            after = change(feed)
            if await self._store.replace(after):
                self._on_changed(after)
                return replace(after, version=after.version + 1)
            stored = await self._store.get(feed.id)
            if stored is None or stored.lease is None or stored.fence != feed.fence:
                return None
            feed = stored
        raise CatalogError("the feed is changed by too many at once")
