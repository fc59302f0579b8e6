"""The files that users have hidden, in SQLite: a part of the personal data."""

import json
from collections.abc import AsyncIterator, Sequence

from streamvault.catalog.personal import HiddenRecord, check_hidden
from streamvault.storage.sqlite import Run, SqliteDatabase

TABLE = "CREATE TABLE hidden (user TEXT NOT NULL, file TEXT NOT NULL, PRIMARY KEY (user, file)) WITHOUT ROWID"
_ADD = "INSERT OR IGNORE INTO hidden (user, file) VALUES (?, ?)"
_DROP = "DELETE FROM hidden WHERE user = ? AND file = ?"
_AT_ONCE = 500


class SqliteHidden:
    """The methods of Personal for what is hidden."""

    _database: SqliteDatabase

    async def hidden(self, user: str) -> frozenset[str]:
        """See Personal."""
        rows = await self._database.read("SELECT file FROM hidden WHERE user = ?", (user,))
        return frozenset(row[0] for row in rows)

    async def hidden_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """See Personal."""
        among = "SELECT file FROM hidden WHERE user = ? AND file IN (SELECT value FROM json_each(?))"
        rows = await self._database.read(among, (user, json.dumps(file_unique_ids)))
        return frozenset(row[0] for row in rows)

    async def forget_hidden(self, user: str, file_unique_ids: Sequence[str]) -> None:
        """See Personal."""
        async with self._database.transaction() as run:
            await run.many(_DROP, [(user, file) for file in file_unique_ids])

    async def set_hidden(self, user: str, file_unique_id: str, *, hidden: bool) -> None:
        """See Personal."""
        async with self._database.transaction() as run:
            if hidden:
                others = "SELECT count(*) FROM hidden WHERE user = ? AND file <> ?"
                check_hidden((await run(others, (user, file_unique_id)))[0][0])
            await run(_ADD if hidden else _DROP, (user, file_unique_id))


async def restore_hidden(run: Run, found: Sequence[HiddenRecord]) -> None:
    """Hide these files."""
    await run.many(_ADD, [(one.user, one.file_unique_id) for one in found])


async def dump_hidden(database: SqliteDatabase) -> AsyncIterator[HiddenRecord]:
    """Everything that is hidden, by user and file."""
    user, file = "", ""
    while rows := await database.read(
        "SELECT user, file FROM hidden WHERE (user, file) > (?, ?) ORDER BY user, file LIMIT ?", (user, file, _AT_ONCE)
    ):
        for user, file in rows:
            yield HiddenRecord(user, file)
