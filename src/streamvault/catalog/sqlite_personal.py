"""What belongs to people, in the same SQLite file as the catalog, with tables and versions of its own."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from streamvault.catalog.personal import MAX_COLLECTIONS, MAX_MEMBERS, Collection, Watched
from streamvault.storage.sqlite import Run, SqliteDatabase

COMPONENT = "personal"
_FIRST = (
    """
    CREATE TABLE watched (
        user TEXT NOT NULL, file TEXT NOT NULL, position REAL NOT NULL, duration REAL, finished INTEGER NOT NULL,
        updated INTEGER NOT NULL, PRIMARY KEY (user, file)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX watched_latest ON watched (user, updated) WHERE NOT finished",
    # places and ids are never used again, so that a cursor and a link keep their meaning
    """
    CREATE TABLE favourites (
        place INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, file TEXT NOT NULL, UNIQUE (user, file)
    )
    """,
    "CREATE INDEX favourites_latest ON favourites (user, place)",
    """
    CREATE TABLE collections (
        id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (user, name)
    )
    """,
    """
    CREATE TABLE members (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
        file TEXT NOT NULL,
        UNIQUE (collection, file)
    )
    """,
)
MIGRATIONS = (_FIRST,)
_WATCHED = "file, position, duration, finished, updated"
_MANY = 500


class SqlitePersonal:
    """The Personal in the file at `path`; an async context manager that opens and closes it."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, MIGRATIONS, component=COMPONENT)

    async def __aenter__(self) -> "SqlitePersonal":
        await self._database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def watched(self, user: str, file_unique_ids: Sequence[str]) -> dict[str, Watched]:
        """See Personal."""
        found: dict[str, Watched] = {}
        for start in range(0, len(file_unique_ids), _MANY):
            some = file_unique_ids[start : start + _MANY]
            rows = await self._database.read(
                f"SELECT {_WATCHED} FROM watched WHERE user = ? AND file IN ({', '.join('?' * len(some))})",
                (user, *some),
            )
            found |= {row[0]: _watched(*row) for row in rows}
        return found

    async def watching(self, user: str, limit: int) -> tuple[Watched, ...]:
        """See Personal."""
        rows = await self._database.read(
            f"SELECT {_WATCHED} FROM watched WHERE user = ? AND NOT finished ORDER BY updated DESC LIMIT ?",
            (user, limit),
        )
        return tuple(_watched(*row) for row in rows)

    async def watch(self, user: str, state: Watched) -> None:
        """See Personal."""
        await self._database.write(
            f"INSERT INTO watched (user, {_WATCHED}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user, file) DO UPDATE SET "
            "position = excluded.position, duration = excluded.duration, finished = excluded.finished, "
            "updated = excluded.updated WHERE excluded.updated >= watched.updated",
            (user, state.file_unique_id, state.position, state.duration, state.finished, state.updated),
        )

    async def unwatch(self, user: str, file_unique_id: str) -> None:
        """See Personal."""
        await self._database.write("DELETE FROM watched WHERE user = ? AND file = ?", (user, file_unique_id))

    async def favourites(self, user: str, limit: int, before: int | None = None) -> tuple[tuple[int, str], ...]:
        """See Personal."""
        rows = await self._database.read(
            "SELECT place, file FROM favourites WHERE user = ? AND place < ? ORDER BY place DESC LIMIT ?",
            (user, (1 << 63) - 1 if before is None else before, limit),
        )
        return tuple((row[0], row[1]) for row in rows)

    async def favour(self, user: str, file_unique_id: str, *, like: bool) -> None:
        """See Personal."""
        if like:
            sql = "INSERT OR IGNORE INTO favourites (user, file) VALUES (?, ?)"
        else:
            sql = "DELETE FROM favourites WHERE user = ? AND file = ?"
        await self._database.write(sql, (user, file_unique_id))

    async def collections(self, user: str) -> tuple[Collection, ...]:
        """See Personal."""
        rows = await self._database.read(
            "SELECT c.id, c.name, count(m.place) FROM collections AS c LEFT JOIN members AS m ON m.collection = c.id "
            "WHERE c.user = ? GROUP BY c.id ORDER BY c.name LIMIT ?",
            (user, MAX_COLLECTIONS),
        )
        return tuple(Collection(*row) for row in rows)

    async def collect(self, user: str, name: str) -> int:
        """See Personal."""
        async with self._database.transaction() as run:
            taken = await run("SELECT name FROM collections WHERE user = ?", (user,))
            if (name,) in taken:
                raise ValueError(f"there is a collection {name!r} already")
            if len(taken) >= MAX_COLLECTIONS:
                raise ValueError(f"{MAX_COLLECTIONS} collections are as many as one may have")
            made = await run("INSERT INTO collections (user, name) VALUES (?, ?) RETURNING id", (user, name))
        return int(made[0][0])

    async def discard(self, user: str, collection: int) -> bool:
        """See Personal."""
        async with self._database.transaction() as run:
            gone = await run("DELETE FROM collections WHERE id = ? AND user = ? RETURNING id", (collection, user))
        return bool(gone)

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        """See Personal."""
        rows = await self._database.read(
            "SELECT c.id, (SELECT json_group_array(hex(file)) FROM "
            "(SELECT file FROM members WHERE collection = c.id ORDER BY place LIMIT ?)) "
            "FROM collections AS c WHERE c.id = ? AND c.user = ?",
            (MAX_MEMBERS, collection, user),
        )
        return tuple(bytes.fromhex(file).decode() for file in json.loads(rows[0][1])) if rows else None

    async def include(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        """See Personal."""
        async with self._database.transaction() as run:
            if not await run("SELECT 1 FROM collections WHERE id = ? AND user = ?", (collection, user)):
                return False
            if member:
                await _add(run, collection, file_unique_id)
            else:
                await run("DELETE FROM members WHERE collection = ? AND file = ?", (collection, file_unique_id))
        return True


async def _add(run: Run, collection: int, file_unique_id: str) -> None:
    await run("INSERT OR IGNORE INTO members (collection, file) VALUES (?, ?)", (collection, file_unique_id))
    if (await run("SELECT count(*) FROM members WHERE collection = ?", (collection,)))[0][0] > MAX_MEMBERS:
        raise ValueError(f"{MAX_MEMBERS} files are as many as a collection may hold")


def _watched(file: str, position: float, duration: float | None, finished: int, updated: int) -> Watched:
    return Watched(file, position, duration, finished=bool(finished), updated=updated)
