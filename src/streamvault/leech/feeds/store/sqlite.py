"""The feeds in the catalog's SQLite file, in a table and schema versions of their own."""

from collections.abc import Sequence
from pathlib import Path

from streamvault.leech.feeds.model import Feed
from streamvault.leech.feeds.store.base import MAX_FEEDS
from streamvault.leech.feeds.store.codec import feed_of, text_of
from streamvault.leech.store.codec import id_of, key_of
from streamvault.storage.sqlite import SqliteDatabase
from streamvault.storage.sqlite_store import SqliteStore

_FIRST = (
    """
    CREATE TABLE feeds (
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        person INTEGER,
        fingerprint TEXT NOT NULL,
        state TEXT NOT NULL,
        due REAL NOT NULL,
        held_until REAL,
        version INTEGER NOT NULL,
        value TEXT NOT NULL
    )
    """,
    "CREATE INDEX feeds_by_time ON feeds (created, id)",
    "CREATE INDEX feeds_by_person ON feeds (person, created, id)",
    "CREATE INDEX feeds_due ON feeds (state, due, id)",
    "CREATE INDEX feeds_by_source ON feeds (fingerprint, created, id)",
)
MIGRATIONS = (_FIRST,)

_COLUMNS = "state, person, fingerprint, due, held_until, value"


class SqliteFeeds(SqliteStore):
    """The FeedStore in the file at `path`; an async context manager that opens and closes it. Changes survive a power
    cut: what became a job must not become another one.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(SqliteDatabase(path, MIGRATIONS, component="feeds", durable=True))

    async def add(self, feed: Feed) -> bool:
        """See FeedStore."""
        insert = (
            f"INSERT INTO feeds (id, created, version, {_COLUMNS}) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING"
        )
        return await self._count(insert, (key_of(feed.id), feed.created, *_values(feed))) > 0

    async def get(self, id: str) -> Feed | None:
        """See FeedStore."""
        rows = await self._database.read("SELECT value, version FROM feeds WHERE id = ?", (key_of(id),))
        return feed_of(*rows[0]) if rows else None

    async def replace(self, feed: Feed) -> bool:
        """See FeedStore."""
        update = (
            f"UPDATE feeds SET version = version + 1, ({_COLUMNS}) = (?, ?, ?, ?, ?, ?) "
            "WHERE id = ? AND version = ? AND created = ?"
        )
        return await self._count(update, (*_values(feed), key_of(feed.id), feed.version, feed.created)) > 0

    async def delete(self, id: str) -> bool:
        """See FeedStore."""
        return await self._count("DELETE FROM feeds WHERE id = ?", (key_of(id),)) > 0

    async def due(self, now: float, *, limit: int) -> Sequence[str]:
        """See FeedStore."""
        found = await self._database.read(
            "SELECT id FROM feeds WHERE state = 'active' AND due <= ?1 AND (held_until IS NULL OR held_until <= ?1) "
            "ORDER BY due, id LIMIT ?2",
            (now, max(0, min(limit, MAX_FEEDS))),
        )
        return [id_of(key) for (key,) in found]

    async def listed(self, *, person: int | None = None) -> Sequence[Feed]:
        """See FeedStore."""
        whose, parameters = ("1", ()) if person is None else ("person = ?", (person,))
        return await self._found(f"{whose} ORDER BY created DESC, id DESC", parameters)

    async def same(self, fingerprint: str) -> Sequence[Feed]:
        """See FeedStore."""
        return await self._found("fingerprint = ? ORDER BY created DESC, id DESC", (key_of(fingerprint),))

    async def count(self, person: int | None = None) -> int:
        """See FeedStore."""
        whose, parameters = ("1", ()) if person is None else ("person = ?", (person,))
        return int((await self._database.read(f"SELECT count(*) FROM feeds WHERE {whose}", parameters))[0][0])

    async def _found(self, wanted: str, parameters: Sequence[object]) -> Sequence[Feed]:
        rows = await self._database.read(
            f"SELECT value, version FROM feeds WHERE {wanted} LIMIT {MAX_FEEDS}", parameters
        )
        return [feed_of(*row) for row in rows]


def _values(feed: Feed) -> tuple[object, ...]:
    """The values of _COLUMNS."""
    lease = feed.lease
    return feed.state, feed.person, key_of(feed.fingerprint), feed.due, lease and lease.until, text_of(feed)
