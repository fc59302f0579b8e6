"""Feeds for tests: documents, the store in memory, a reader that a test scripts."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from streamvault.errors import CatalogError
from streamvault.leech.feeds import transitions
from streamvault.leech.feeds.model import Enclosure, Feed, Item, Parsed
from streamvault.leech.feeds.reading import Look
from streamvault.leech.feeds.store.base import MAX_FEEDS
from streamvault.leech.feeds.store.codec import text_of
from streamvault.leech.feeds.transitions import Answered
from streamvault.leech.store.codec import key_of

DAY = 86_400.0
BEGUN = 1_000_000.0
"""When the feed of `feed` was added."""
WHERE = "https://feeds.example/rss"


class MemoryFeeds:
    """A FeedStore over a dictionary. `failing` makes every method raise CatalogError without effect; `fail_at`: the
    number of the writes that are left until one fails without effect, and all after it.
    """

    def __init__(self) -> None:
        self.failing = False
        self.stored: dict[str, Feed] = {}
        self.writes_left: int | None = None

    async def add(self, feed: Feed) -> bool:
        self._check()
        if feed.id in self.stored:
            return False
        self.stored[feed.id] = _copied(replace(feed, version=1))
        return True

    async def get(self, id: str) -> Feed | None:
        self._check()
        return copy.deepcopy(self.stored.get(id))

    async def replace(self, feed: Feed) -> bool:
        self._check()
        if self.writes_left is not None:
            self.writes_left -= 1
            self.failing = self.writes_left < 0
            self._check()
        new, known = _copied(feed), self.stored.get(feed.id)
        if known is None or (known.version, known.created) != (feed.version, feed.created):
            return False
        self.stored[feed.id] = replace(new, version=feed.version + 1)
        return True

    async def delete(self, id: str) -> bool:
        self._check()
        return self.stored.pop(id, None) is not None

    async def due(self, now: float, *, limit: int) -> Sequence[str]:
        self._check()
        free = [one for one in self.stored.values() if transitions.claimable(one, now)]
        ordered = sorted(free, key=lambda one: (one.due, key_of(one.id)))
        return [one.id for one in ordered[: max(0, min(limit, MAX_FEEDS))]]

    async def listed(self, *, person: int | None = None) -> Sequence[Feed]:
        self._check()
        return self._latest(lambda one: person in (None, one.person))

    async def same(self, fingerprint: str) -> Sequence[Feed]:
        self._check()
        return self._latest(lambda one: one.fingerprint == fingerprint)

    async def count(self, person: int | None = None) -> int:
        self._check()
        return len(self._latest(lambda one: person in (None, one.person)))

    def _latest(self, wanted: Callable[[Feed], bool]) -> list[Feed]:
        found = [one for one in self.stored.values() if wanted(one)]
        return copy.deepcopy(sorted(found, key=lambda one: (one.created, key_of(one.id)), reverse=True)[:MAX_FEEDS])

    def _check(self) -> None:
        if self.failing:
            raise CatalogError("the database does not answer")


class Scripted:
    """A Reader that answers with `answer`, which is a document or raised; `asked`: the validators of each look."""

    def __init__(self, answer: Parsed | Exception | None = None) -> None:
        self.answer = answer
        self.answered = Answered('"1"', "Mon, 30 Nov 2026 18:00:00 GMT")
        self.asked: list[tuple[str, str | None, str | None]] = []

    async def look(self, address: str, *, etag: str | None = None, modified: str | None = None) -> Look:
        self.asked.append((address, etag, modified))
        if isinstance(self.answer, Exception):
            raise self.answer
        return Look(self.answered, self.answer)


def item(number: int, *, at: float | None = None, **fields: Any) -> Item:
    """An item with a film of its own; `at`: seconds since BEGUN."""
    told: dict[str, Any] = {
        "title": f"Film {number}", "guid": f"guid-{number}", "link": f"https://feeds.example/page/{number}",
        "published": None if at is None else BEGUN + at, "enclosures": (film(f"https://files.example/{number}.mkv"),),
    }  # fmt: skip
    return Item(**(told | fields))


def film(address: str, mime_type: str = "video/x-matroska") -> Enclosure:
    return Enclosure(address, mime_type)


def feed(**fields: Any) -> Feed:
    """A feed that has been read once, with an item that is long gone."""
    told: dict[str, Any] = {"started": True, "seen": ("gold",), "due": BEGUN, "poll_at": BEGUN}
    return Feed("f1", WHERE, -1001, BEGUN, **(told | fields))


def rss(*items: str, head: str = '<?xml version="1.0" encoding="utf-8"?>', title: str = "Films") -> bytes:
    """A document with these items."""
    spaces = 'xmlns:torrent="http://xmlns.ezrss.it/0.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    return f'{head}<rss version="2.0" {spaces}><channel><title>{title}</title>{"".join(items)}</channel></rss>'.encode()


def entry(number: int, address: str, *, more: str = "") -> str:
    """An item of a document."""
    return (
        f"<item><title>Film {number}</title><guid isPermaLink='false'>guid-{number}</guid>"
        f"<enclosure url='{address}' type='video/x-matroska' length='1'/>{more}</item>"
    )


def _copied(feed: Feed) -> Feed:
    text_of(feed)  # what cannot be stored is refused
    return copy.deepcopy(feed)
