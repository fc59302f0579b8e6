"""What belongs to people, in the same SQLite file as the catalog, by tables and a connection of its own."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from streamvault.catalog.personal import MAX_COLLECTIONS, MAX_MEMBERS, Collection, Watched
from streamvault.errors import CatalogError
from streamvault.storage.sqlite import Row, SqliteDatabase

COMPONENT = "personal"
MIGRATIONS = (
    (
        "CREATE TABLE watched (user TEXT NOT NULL, file TEXT NOT NULL, position REAL NOT NULL, duration REAL, "
        "finished INTEGER NOT NULL, updated INTEGER NOT NULL, PRIMARY KEY (user, file)) WITHOUT ROWID",
        "CREATE INDEX watching ON watched (user, updated) WHERE NOT finished",
        # AUTOINCREMENT: a number that was given once is never given again, so a place in a list stays what it is
        "CREATE TABLE favourites (id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, file TEXT NOT NULL, "
        "UNIQUE (user, file))",
        "CREATE INDEX favourites_in_order ON favourites (user, id)",
        "CREATE TABLE collections (id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, name TEXT NOT NULL, "
        "UNIQUE (user, name))",
        "CREATE TABLE members (id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL "
        "REFERENCES collections ON DELETE CASCADE, file TEXT NOT NULL, UNIQUE (collection, file))",
    ),
)

_WATCHED = "file, position, duration, finished, updated"


class SqlitePersonal:
    """Personal in the file at `path`; an async context manager that opens and closes it."""

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
        rows = await self._database.read(
            f"SELECT {_WATCHED} FROM watched WHERE user = ? AND file IN ({_marks(file_unique_ids)})",
            (user, *file_unique_ids),
        )
        return {row[0]: _state(row) for row in rows}

    async def watching(self, user: str, limit: int) -> tuple[Watched, ...]:
        """See Personal."""
        rows = await self._database.read(
            f"SELECT {_WATCHED} FROM watched WHERE user = ? AND NOT finished ORDER BY updated DESC LIMIT ?",
            (user, limit),
        )
        return tuple(_state(row) for row in rows)

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
            "SELECT id, file FROM favourites WHERE user = ? AND id < coalesce(?, id + 1) ORDER BY id DESC LIMIT ?",
            (user, before, limit),
        )
        return tuple((row[0], row[1]) for row in rows)

    async def favoured(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """See Personal."""
        rows = await self._database.read(
            f"SELECT file FROM favourites WHERE user = ? AND file IN ({_marks(file_unique_ids)})",
            (user, *file_unique_ids),
        )
        return frozenset(row[0] for row in rows)

    async def favour(self, user: str, file_unique_id: str, *, like: bool) -> None:
        """See Personal."""
        statement = (
            "INSERT INTO favourites (user, file) VALUES (?, ?) ON CONFLICT DO NOTHING"
            if like
            else "DELETE FROM favourites WHERE user = ? AND file = ?"
        )
        await self._database.write(statement, (user, file_unique_id))

    async def collections(self, user: str) -> tuple[Collection, ...]:
        """See Personal."""
        rows = await self._database.read(
            "SELECT id, name, (SELECT count(*) FROM members WHERE collection = collections.id) FROM collections "
            "WHERE user = ? ORDER BY name LIMIT ?",
            (user, MAX_COLLECTIONS),
        )
        return tuple(Collection(*row) for row in rows)

    async def collect(self, user: str, name: str) -> int:
        """See Personal."""
        async with self._database.transaction() as run:
            [(count,)] = await run("SELECT count(*) FROM collections WHERE user = ?", (user,))
            if count >= MAX_COLLECTIONS:
                raise ValueError(f"there are {count} collections")
            if await run("SELECT 1 FROM collections WHERE user = ? AND name = ?", (user, name)):
                raise ValueError("the name is taken")
            [(number,)] = await run("INSERT INTO collections (user, name) VALUES (?, ?) RETURNING id", (user, name))
        return int(number)

    async def rename(self, user: str, collection: int, name: str) -> bool:
        """See Personal."""
        try:
            async with self._database.transaction() as run:
                sql = "UPDATE collections SET name = ? WHERE id = ? AND user = ? RETURNING id"
                return bool(await run(sql, (name, collection, user)))
        except CatalogError as error:
            if isinstance(error.__cause__, sqlite3.IntegrityError):
                raise ValueError("the name is taken") from error
            raise

    async def discard(self, user: str, collection: int) -> bool:
        """See Personal."""
        async with self._database.transaction() as run:
            sql = "DELETE FROM collections WHERE id = ? AND user = ? RETURNING id"
            return bool(await run(sql, (collection, user)))

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        """See Personal."""
        rows = await self._database.read(
            "SELECT m.file FROM collections AS c LEFT JOIN members AS m ON m.collection = c.id "
            "WHERE c.id = ? AND c.user = ? ORDER BY m.id LIMIT ?",
            (collection, user, MAX_MEMBERS),
        )
        return tuple(row[0] for row in rows if row[0] is not None) if rows else None

    async def include(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        """See Personal."""
        place = (collection, file_unique_id)
        async with self._database.transaction() as run:
            if not await run("SELECT 1 FROM collections WHERE id = ? AND user = ?", (collection, user)):
                return False
            if not member:
                await run("DELETE FROM members WHERE collection = ? AND file = ?", place)
            elif not await run("SELECT 1 FROM members WHERE collection = ? AND file = ?", place):
                [(count,)] = await run("SELECT count(*) FROM members WHERE collection = ?", (collection,))
                if count >= MAX_MEMBERS:
                    raise ValueError(f"there are {count} files in it")
                await run("INSERT INTO members (collection, file) VALUES (?, ?)", place)
        return True


def _state(row: Row) -> Watched:
    file, position, duration, finished, updated = row
    return Watched(file, position, duration, finished=bool(finished), updated=updated)


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
