"""The feeds in MongoDB: one collection, whose documents are changed one at a time and without transactions.

Updates are filtered by plain values only; see access/store/mongo.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from pymongo import IndexModel

from streamvault.leech.feeds.model import Feed
from streamvault.leech.feeds.store.base import MAX_FEEDS
from streamvault.leech.feeds.store.codec import feed_of, text_of
from streamvault.leech.store.codec import id_of, key_of
from streamvault.storage.mongo_store import MongoStore

VERSION = 1
INDEXES = [
    IndexModel([("created", -1), ("id", -1)], name="by_time"),
    IndexModel([("person", 1), ("created", -1), ("id", -1)], name="by_person"),
    IndexModel([("state", 1), ("due", 1), ("id", 1)], name="by_due"),
    IndexModel([("fingerprint", 1), ("created", -1)], name="by_source"),
]
_WHOLE = {"value": 1, "version": 1}
_LATEST_FIRST = [("created", -1), ("id", -1)]
_Document = dict[str, Any]


class MongoFeeds(MongoStore):
    """The FeedStore in a MongoDatabase; an async context manager that creates its indexes."""

    component, what, version = "feeds", "the feeds", VERSION
    indexes: ClassVar = {"feeds": INDEXES}
    collection = "feeds"

    async def add(self, feed: Feed) -> bool:
        """See FeedStore."""
        key = key_of(feed.id)
        document = {"_id": key, "id": key, "created": float(feed.created), "version": 1, **_values(feed)}
        return await self._insert(document)

    async def get(self, id: str) -> Feed | None:
        """See FeedStore."""
        row = await self._server.run(self._in.find_one({"_id": key_of(id)}, _WHOLE))
        return None if row is None else _feed(row)

    async def replace(self, feed: Feed) -> bool:
        """See FeedStore."""
        same = {"_id": key_of(feed.id), "version": feed.version, "created": float(feed.created)}
        change = {"$set": {**_values(feed), "version": feed.version + 1}}
        return bool((await self._server.run(self._in.update_one(same, change))).matched_count)

    async def delete(self, id: str) -> bool:
        """See FeedStore."""
        return bool((await self._server.run(self._in.delete_one({"_id": key_of(id)}))).deleted_count)

    async def due(self, now: float, *, limit: int) -> Sequence[str]:
        """See FeedStore."""
        if limit < 1:  # 0 would be no limit
            return ()
        limit = min(limit, MAX_FEEDS)
        free = {"state": "active", "due": {"$lte": now}, "held_until": {"$lte": now}}
        found = self._in.find(free, {"id": 1}).sort([("due", 1), ("id", 1)]).limit(limit)
        return [id_of(row["id"]) for row in await self._server.run(found.to_list(limit))]

    async def listed(self, *, person: int | None = None) -> Sequence[Feed]:
        """See FeedStore."""
        return await self._found(_whose(person))

    async def same(self, fingerprint: str) -> Sequence[Feed]:
        """See FeedStore."""
        return await self._found({"fingerprint": key_of(fingerprint)})

    async def count(self, person: int | None = None) -> int:
        """See FeedStore."""
        return int(await self._server.run(self._in.count_documents(_whose(person))))

    async def _found(self, wanted: _Document) -> Sequence[Feed]:
        found = self._in.find(wanted, _WHOLE).sort(_LATEST_FIRST).limit(MAX_FEEDS)
        return [_feed(row) for row in await self._server.run(found.to_list(MAX_FEEDS))]


def _whose(person: int | None) -> _Document:
    return {} if person is None else {"person": person}


def _values(feed: Feed) -> _Document:
    """What `replace` replaces. A feed without a lease has one that ended in 1970."""
    lease = feed.lease
    return {
        "state": feed.state.value,
        "person": feed.person,
        "fingerprint": key_of(feed.fingerprint),
        "due": float(feed.due),
        "held_until": 0.0 if lease is None else float(lease.until),
        "value": text_of(feed),
    }


def _feed(row: _Document) -> Feed:
    return feed_of(row["value"], row["version"])
