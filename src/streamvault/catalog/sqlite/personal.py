"""The personal data in the catalog's SQLite file, in tables and schema versions of their own."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from streamvault.catalog.fields import LARGEST
from streamvault.catalog.personal import (
    MAX_COLLECTIONS,
    Collection,
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    PersonalRecord,
    Watched,
    WatchedRecord,
    check_collections,
    check_members,
    name_taken,
)
from streamvault.catalog.sqlite.hidden import TABLE, SqliteHidden, dump_hidden, restore_hidden
from streamvault.catalog.sqlite.personal_move import move
from streamvault.storage.sqlite import Run, SqliteDatabase

_FIRST = (
    """
    CREATE TABLE watched (
        user TEXT NOT NULL,
        file TEXT NOT NULL,
        position REAL NOT NULL,
        duration REAL,
        finished INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        PRIMARY KEY (user, file)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX watched_lately ON watched (user, finished, updated)",
    """
    CREATE TABLE favourites (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        user TEXT NOT NULL,
        file TEXT NOT NULL,
        UNIQUE (user, file)
    )
    """,
    "CREATE INDEX favourites_by_place ON favourites (user, place)",
    """
    CREATE TABLE collections (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user TEXT NOT NULL,
        name TEXT NOT NULL,
        UNIQUE (user, name)
    )
    """,
    """
    CREATE TABLE members (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
        file TEXT NOT NULL,
        UNIQUE (collection, file)
    )
    """,
    "CREATE INDEX members_by_place ON members (collection, place)",
)
MIGRATIONS = (_FIRST, (TABLE,))

_AMONG = "file IN (SELECT value FROM json_each(?))"
_STATE = "file, position, duration, finished, updated"
_SET_WATCHED = (
    f"INSERT INTO watched (user, {_STATE}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user, file) DO UPDATE SET "
    "position = excluded.position, duration = excluded.duration, finished = excluded.finished, "
    "updated = excluded.updated WHERE excluded.updated >= updated"
)
_ADD_FAVOURITE = "INSERT OR IGNORE INTO favourites (user, file) VALUES (?, ?)"
_AT_ONCE = 500


class SqlitePersonal(SqliteHidden):
    """The Personal in the file at `path`; an async context manager that opens and closes it."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, MIGRATIONS, component="personal")

    async def __aenter__(self) -> Self:
        await self._database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def watched(self, user: str, file_unique_ids: Sequence[str]) -> dict[str, Watched]:
        """See Personal."""
        rows = await self._database.read(
            f"SELECT {_STATE} FROM watched WHERE user = ? AND {_AMONG}", (user, json.dumps(file_unique_ids))
        )
        return {row[0]: _watched(*row) for row in rows}

    async def watching(
        self, user: str, limit: int, *, finished: bool = False, after: tuple[int, str] | None = None
    ) -> tuple[Watched, ...]:
        """See Personal."""
        updated, file = after or (LARGEST, "")
        rows = await self._database.read(
            f"SELECT {_STATE} FROM watched WHERE user = ? AND finished = ? AND updated <= ? "
            "AND (updated < ? OR file > ?) ORDER BY updated DESC, file LIMIT ?",
            (user, finished, updated, updated, file, limit),
        )
        return tuple(_watched(*row) for row in rows)

    async def set_watched(self, user: str, state: Watched) -> None:
        """See Personal."""
        await self._database.write(_SET_WATCHED, _watched_values(WatchedRecord(user, state)))

    async def clear_watched(self, user: str, file_unique_id: str) -> None:
        """See Personal."""
        await self._database.write("DELETE FROM watched WHERE user = ? AND file = ?", (user, file_unique_id))

    async def favourites(self, user: str, limit: int, before: int | None = None) -> tuple[tuple[int, str], ...]:
        """See Personal."""
        rows = await self._database.read(
            "SELECT place, file FROM favourites WHERE user = ? AND place < ? ORDER BY place DESC LIMIT ?",
            (user, (1 << 63) - 1 if before is None else before, limit),
        )
        return tuple((place, file) for place, file in rows)

    async def favourites_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """See Personal."""
        rows = await self._database.read(
            f"SELECT file FROM favourites WHERE user = ? AND {_AMONG}", (user, json.dumps(file_unique_ids))
        )
        return frozenset(row[0] for row in rows)

    async def set_favourite(self, user: str, file_unique_id: str, *, like: bool) -> None:
        """See Personal."""
        drop = "DELETE FROM favourites WHERE user = ? AND file = ?"
        await self._database.write(_ADD_FAVOURITE if like else drop, (user, file_unique_id))

    async def collections(self, user: str) -> tuple[Collection, ...]:
        """See Personal."""
        rows = await self._database.read(
            "SELECT id, name, (SELECT count(*) FROM members WHERE collection = id) FROM collections "
            "WHERE user = ? ORDER BY name LIMIT ?",
            (user, MAX_COLLECTIONS),
        )
        return tuple(Collection(*row) for row in rows)

    async def create_collection(self, user: str, name: str) -> int:
        """See Personal."""
        async with self._database.transaction() as run:
            await _check_room(run, user)
            await _check_free(run, user, name)
            rows = await run("INSERT INTO collections (user, name) VALUES (?, ?) RETURNING id", (user, name))
        return int(rows[0][0])

    async def rename_collection(self, user: str, collection: int, name: str) -> bool:
        """See Personal."""
        async with self._database.transaction() as run:
            rows = await run("SELECT name FROM collections WHERE user = ? AND id = ?", (user, collection))
            if rows and rows[0][0] != name:
                await _check_free(run, user, name)
                await run("UPDATE collections SET name = ? WHERE id = ?", (name, collection))
        return bool(rows)

    async def delete_collection(self, user: str, collection: int) -> bool:
        """See Personal."""
        async with self._database.transaction() as run:
            rows = await run("DELETE FROM collections WHERE user = ? AND id = ? RETURNING id", (user, collection))
        return bool(rows)

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        """See Personal."""
        async with self._database.transaction() as run:
            if not await _exists(run, user, collection):
                return None
            rows = await run("SELECT file FROM members WHERE collection = ? ORDER BY place", (collection,))
        return tuple(row[0] for row in rows)

    async def set_member(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        """See Personal."""
        one = (collection, file_unique_id)
        async with self._database.transaction() as run:
            if not await _exists(run, user, collection):
                return False
            if not member:
                await run("DELETE FROM members WHERE collection = ? AND file = ?", one)
            elif not await run("SELECT 1 FROM members WHERE collection = ? AND file = ?", one):
                count = (await run("SELECT count(*) FROM members WHERE collection = ?", (collection,)))[0][0]
                check_members(count + 1)
                await run("INSERT INTO members (collection, file) VALUES (?, ?)", one)
        return True

    async def move(self, user: str, to: str) -> int:
        """See Personal."""
        return await move(self._database, user, to)

    async def dump(self) -> AsyncIterator[PersonalRecord]:
        """See Personal."""
        user, file = "", ""
        while rows := await self._database.read(
            f"SELECT user, {_STATE} FROM watched WHERE (user, file) > (?, ?) ORDER BY user, file LIMIT ?",
            (user, file, _AT_ONCE),
        ):
            for row in rows:
                yield WatchedRecord(row[0], _watched(*row[1:]))
            user, file = rows[-1][:2]
        user, place = "\U0010ffff", 0  # the last user first, in the order of MongoDB's index
        while rows := await self._database.read(
            "SELECT user, place, file FROM favourites WHERE user <= ?1 AND (user < ?1 OR place > ?2) "
            "ORDER BY user DESC, place LIMIT ?3",
            (user, place, _AT_ONCE),
        ):
            for row in rows:
                yield FavouriteRecord(row[0], row[2])
            user, place = rows[-1][:2]
        user, name = "", ""
        while rows := await self._database.read(
            "SELECT id, user, name FROM collections WHERE (user, name) > (?, ?) ORDER BY user, name LIMIT ?",
            (user, name, _AT_ONCE),
        ):
            for id, user, name in rows:
                yield CollectionRecord(user, id, name, await self.members(user, id) or ())
        async for one in dump_hidden(self._database):
            yield one

    async def restore(self, found: Sequence[PersonalRecord]) -> None:
        """See Personal."""
        async with self._database.transaction() as run:
            await run.many(_SET_WATCHED, [_watched_values(one) for one in found if isinstance(one, WatchedRecord)])
            await run.many(
                _ADD_FAVOURITE, [(one.user, one.file_unique_id) for one in found if isinstance(one, FavouriteRecord)]
            )
            await restore_hidden(run, [one for one in found if isinstance(one, HiddenRecord)])
            for one in found:
                if isinstance(one, CollectionRecord):
                    await _add_members(run, await _restored_collection(run, one), one.files)


async def _restored_collection(run: Run, record: CollectionRecord) -> int:
    """The id of the user's collection of this name, which is created where there is none."""
    rows = await run("SELECT id FROM collections WHERE user = ? AND name = ?", (record.user, record.name))
    if not rows:
        await _check_room(run, record.user)
        taken = await run("SELECT 1 FROM collections WHERE id = ?", (record.id,))
        rows = await run(
            "INSERT INTO collections (id, user, name) VALUES (?, ?, ?) RETURNING id",
            (None if taken else record.id, record.user, record.name),
        )
    return int(rows[0][0])


async def _add_members(run: Run, collection: int, files: Iterable[str]) -> None:
    add = "INSERT OR IGNORE INTO members (collection, file) VALUES (?, ?)"
    await run.many(add, [(collection, file) for file in files])
    check_members((await run("SELECT count(*) FROM members WHERE collection = ?", (collection,)))[0][0])


async def _check_room(run: Run, user: str) -> None:
    check_collections((await run("SELECT count(*) FROM collections WHERE user = ?", (user,)))[0][0])


async def _check_free(run: Run, user: str, name: str) -> None:
    if await run("SELECT 1 FROM collections WHERE user = ? AND name = ?", (user, name)):
        raise name_taken(name)


async def _exists(run: Run, user: str, collection: int) -> bool:
    return bool(await run("SELECT 1 FROM collections WHERE user = ? AND id = ?", (user, collection)))


def _watched(file: str, position: float, duration: float | None, finished: int, updated: int) -> Watched:
    return Watched(file, position, duration, bool(finished), updated)


def _watched_values(record: WatchedRecord) -> tuple[object, ...]:
    """The parameters of _SET_WATCHED."""
    state = record.state
    return record.user, state.file_unique_id, state.position, state.duration, state.finished, state.updated
