"""Gives the personal data of one user to another one, in SQLite."""

from streamvault.catalog.personal import MAX_COLLECTIONS, MAX_MEMBERS
from streamvault.storage.sqlite import Run, SqliteDatabase

_STATE = "file, position, duration, finished, updated"
_WATCHED = (
    f"INSERT INTO watched (user, {_STATE}) SELECT ?2, {_STATE} FROM watched WHERE user = ?1 "
    "ON CONFLICT (user, file) DO UPDATE SET position = excluded.position, duration = excluded.duration, "
    "finished = excluded.finished, updated = excluded.updated WHERE excluded.updated >= updated"
)
_THERE = "SELECT file FROM members WHERE collection = ?2"
_MEMBERS = (
    "INSERT INTO members (collection, file) SELECT ?2, file FROM members WHERE collection = ?1 "
    f"AND file NOT IN ({_THERE}) ORDER BY place LIMIT max(0, ?3 - (SELECT count(*) FROM members WHERE collection = ?2))"
)


async def move(database: SqliteDatabase, user: str, to: str) -> int:
    """See Personal. Each collection is moved in a transaction of its own, so that other writes come between them."""
    if user == to:
        return 0
    both = (user, to)
    async with database.transaction() as run:
        await run(_WATCHED, both)
        await run("DELETE FROM watched WHERE user = ?", (user,))
    async with database.transaction() as run:
        await run("UPDATE OR IGNORE favourites SET user = ?2 WHERE user = ?1", both)
        await run("DELETE FROM favourites WHERE user = ?", (user,))
    async with database.transaction() as run:
        await run("UPDATE OR IGNORE hidden SET user = ?2 WHERE user = ?1", both)
        await run("DELETE FROM hidden WHERE user = ?", (user,))
    left, mine = 0, "SELECT id FROM collections WHERE user = ? ORDER BY id LIMIT ?"
    for (id,) in await database.read(mine, (user, MAX_COLLECTIONS)):
        async with database.transaction() as run:
            left += not await _move_collection(run, id, user, to)
    return left


async def _move_collection(run: Run, id: int, user: str, to: str) -> bool:
    """Move a collection, or those of its files that fit into the one of the same name; whether nothing is left."""
    mine = await run("SELECT name FROM collections WHERE id = ? AND user = ?", (id, user))
    if not mine:
        return True  # it was deleted or moved meanwhile
    same = await run("SELECT id FROM collections WHERE user = ? AND name = ?", (to, mine[0][0]))
    return await _join(run, id, same[0][0]) if same else await _give(run, id, to)


async def _join(run: Run, collection: int, other: int) -> bool:
    """Move the files that fit into another collection; whether all did, and the empty collection is deleted."""
    await run(_MEMBERS, (collection, other, MAX_MEMBERS))
    await run(f"DELETE FROM members WHERE collection = ?1 AND file IN ({_THERE})", (collection, other))
    empty = "id = ?1 AND NOT EXISTS (SELECT 1 FROM members WHERE collection = ?1)"
    return bool(await run(f"DELETE FROM collections WHERE {empty} RETURNING id", (collection,)))


async def _give(run: Run, collection: int, to: str) -> bool:
    """Make a collection another user's, if there is room for it; whether there was."""
    room = "(SELECT count(*) FROM collections WHERE user = ?2) < ?3"
    give = f"UPDATE collections SET user = ?2 WHERE id = ?1 AND {room} RETURNING id"
    return bool(await run(give, (collection, to, MAX_COLLECTIONS)))
