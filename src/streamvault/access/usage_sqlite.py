"""Counts for limits in the SQLite file of the catalog, which one server alone uses."""

from collections.abc import Mapping
from pathlib import Path

from streamvault.storage.sqlite import SqliteDatabase
from streamvault.storage.sqlite_store import SqliteStore

COMPONENT = "usage"
MIGRATIONS = (
    (
        "CREATE TABLE usage (counter TEXT NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL, "
        "count INTEGER NOT NULL, PRIMARY KEY (counter, number, key)) WITHOUT ROWID",
    ),
)


class SqliteUsage(SqliteStore):
    """See UsageStore."""

    shared = False

    def __init__(self, path: Path) -> None:
        """Opened as an async context manager; raises as SqliteDatabase."""
        super().__init__(SqliteDatabase(path, MIGRATIONS, component=COMPONENT))

    async def add(self, counter: str, window: int, counts: Mapping[str, int]) -> dict[str, int]:
        """See UsageStore."""
        found: dict[str, int] = {}
        async with self._database.transaction() as run:
            for key, count in counts.items():
                rows = await run(
                    "INSERT INTO usage (counter, number, key, count) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET count = count + excluded.count RETURNING count",
                    (counter, window, key, count),
                )
                found[key] = rows[0][0]
        return found

    async def load(self, counter: str, window: int, *, most: int) -> dict[str, int]:
        """See UsageStore."""
        rows = await self._database.read(
            "SELECT key, count FROM usage WHERE counter = ? AND number = ? ORDER BY count DESC LIMIT ?",
            (counter, window, most),
        )
        return dict(rows)

    async def streams(self, node: str, counts: Mapping[str, int], *, now: float) -> dict[str, int]:
        """See UsageStore: there are no others."""
        return {}

    async def purge(self, windows: Mapping[str, int]) -> None:
        """See UsageStore."""
        async with self._database.transaction() as run:
            await run.many("DELETE FROM usage WHERE counter = ? AND number < ?", list(windows.items()))
