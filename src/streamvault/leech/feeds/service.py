"""The feeds as people use them: added, listed, tried without effect, answered, removed."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from streamvault.errors import CatalogError, JobMissing, QuotaExceeded, SourceRefused
from streamvault.leech.addresses import Address, read_address
from streamvault.leech.feeds import transitions
from streamvault.leech.feeds.choice import HERE, Abilities
from streamvault.leech.feeds.judging import Verdict, judged
from streamvault.leech.feeds.model import LONGEST, NO_OPTIONS, SHORTEST, USUAL, Feed, Rules
from streamvault.leech.feeds.reading import Reader
from streamvault.leech.feeds.rules import check_rules
from streamvault.leech.feeds.store.base import FeedStore
from streamvault.leech.feeds.transitions import Take
from streamvault.leech.model import Asked, Options
from streamvault.leech.sealing import Sealing

EACH, ALL = 50, 1000
"""Feeds of a person, and of all."""
MAX_TRIED = 4
"""Feeds that are tried at the same time."""
_TRIES = 50
"""Of a change that others may get in the way of: one of them succeeds each time."""
NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class WantedFeed:
    """What somebody wants to be followed. `every`: seconds between two looks; `existing`: the items that it has now are
    taken, too; `asked`: where the ends of its jobs are told.
    """

    address: str
    chat_id: int
    person: int | None = None
    rules: Rules = NO_RULES
    options: Options = NO_OPTIONS
    every: float = USUAL
    existing: bool = False
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class AddedFeed:
    """A feed, and whether it is new: it may be followed already, for the same person and chat."""

    feed: Feed
    new: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """What a feed holds, and what rules make of it."""

    title: str
    verdicts: Sequence[Verdict]


class Feeds:
    """Feeds of a FeedStore. Methods raise CatalogError when the database fails. `clock` gives Unix seconds."""

    def __init__(
        self, store: FeedStore, sealing: Sealing, reader: Reader, *, abilities: Abilities = HERE,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._store = store
        self._sealing = sealing
        self._reader = reader
        self.abilities = abilities
        self._clock = clock
        self._adding = asyncio.Lock()
        self._trying = 0

    async def add(self, wanted: WantedFeed) -> AddedFeed:
        """Follow a feed, unless this person does for the same chat. Raises SourceRefused for what is no web address,
        and for rules that cannot be; QuotaExceeded where there are too many.
        """
        address = read_address(wanted.address, schemes=("http", "https"))
        rules = self._checked(wanted.rules)
        if not SHORTEST <= wanted.every <= LONGEST:
            raise SourceRefused(f"A feed is looked at every {SHORTEST:.0f} to {LONGEST:.0f} seconds.")
        mark = self._mark(address)
        async with self._adding:
            for known in await self._store.same(mark):
                if (known.chat_id, known.person) == (wanted.chat_id, wanted.person):
                    return AddedFeed(known, new=False)
            await self._check_count(wanted.person)
            while not await self._store.add(feed := self._feed(wanted, address, rules, mark)):
                continue  # there is one with this id
        return AddedFeed(replace(feed, version=1), new=True)

    async def get(self, id: str, *, person: int | None = None) -> Feed:
        """A feed, of this person only (None: of anybody). Raises JobMissing."""
        feed = await self._store.get(id)
        if feed is None or person not in (None, feed.person):
            raise JobMissing("There is no such feed.")
        return feed

    async def listed(self, *, person: int | None = None) -> Sequence[Feed]:
        """See FeedStore."""
        return await self._store.listed(person=person)

    async def remove(self, id: str, *, person: int | None = None) -> Feed:
        """Follow a feed no longer; its jobs stay. Raises JobMissing."""
        feed = await self.get(id, person=person)
        if not await self._store.delete(id):
            raise JobMissing("There is no such feed.")
        return feed

    async def answer(self, id: str, take: Take, *, person: int | None = None) -> Feed:
        """Say which of the items in question are taken. Raises JobMissing, JobConflict."""
        return await self._change(id, person, lambda feed: transitions.answered(feed, take, now=self._clock()))

    async def try_again(self, id: str, *, person: int | None = None) -> Feed:
        """Have a feed looked at soon, also one that was stopped. Raises JobMissing."""
        return await self._change(id, person, lambda feed: transitions.tried_again(feed, now=self._clock()))

    async def told(self, feed: Feed, what: str) -> None:
        """Record that this was told where the feed was asked for; nothing where it was removed."""
        try:
            await self._change(feed.id, None, lambda stored: replace(stored, told=what))
        except JobMissing:
            return

    async def try_out(self, address: str, rules: Rules) -> Tried:
        """What would be taken of a feed as it is now, and why other items are not; nothing is stored. Raises
        SourceRefused, SourceFailed, QuotaExceeded while MAX_TRIED others are tried.
        """
        read = read_address(address, schemes=("http", "https"))
        rules = self._checked(rules)
        if self._trying >= MAX_TRIED:
            raise QuotaExceeded("Several feeds are being tried at the moment: try again in a minute.")
        self._trying += 1
        try:
            look = await self._reader.look(read.full)
        finally:
            self._trying -= 1
        if look.parsed is None:
            raise SourceRefused("The feed answers that nothing is new, although it was asked for everything.")
        feed = Feed("", read.shown, 0, 0.0, rules=rules, existing=True)
        return Tried(look.parsed.title, judged(feed, look.parsed, self.abilities))

    def _checked(self, rules: Rules) -> Rules:
        if rules.pages and not self.abilities.pages:
            raise SourceRefused("Web pages are not leeched by this server: leave out `pages`.")
        return check_rules(rules)

    async def _change(self, id: str, person: int | None, change: Callable[[Feed], Feed]) -> Feed:
        for _ in range(_TRIES):
            feed = await self.get(id, person=person)
            after = change(feed)
            if after == feed:
                return feed
            if await self._store.replace(after):
                return replace(after, version=after.version + 1)
        raise CatalogError("the feed is changed by too many at once: try again")

    async def _check_count(self, person: int | None) -> None:
        if person is not None and await self._store.count(person) >= EACH:
            raise QuotaExceeded(f"There are {EACH} feeds of yours: remove one first.")
        if await self._store.count() >= ALL:
            raise QuotaExceeded(f"This server follows {ALL} feeds: one has to be removed first.")

    def _mark(self, address: Address) -> str:
        """The fingerprint, of which nobody can find out credentials."""
        if address.credentials:
            return self._sealing.mark(address.same)
        return hashlib.sha256(address.same.encode()).hexdigest()

    def _feed(self, wanted: WantedFeed, address: Address, rules: Rules, mark: str) -> Feed:
        id, now = secrets.token_hex(8), self._clock()
        sealed = None if address.full == address.shown else self._sealing.seal(id, address.full)
        return Feed(
            id, address.shown, wanted.chat_id, now, sealed=sealed, person=wanted.person, rules=rules,
            options=wanted.options, every=wanted.every, existing=wanted.existing, due=now, poll_at=now,
            fingerprint=mark, asked=wanted.asked, updated=now,
        )  # fmt: skip
