"""Gives the personal data of one user to another one, in SQLite."""

from streamvault.catalog.personal import MAX_COLLECTIONS, MAX_MEMBERS
from streamvault.storage.sqlite import Run

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


async def move(run: Run, user: str, to: str) -> int:
    """See Personal; inside a transaction."""
    if user == to:
        return 0
    both = (user, to)
    await run(_WATCHED, both)
    await run("DELETE FROM watched WHERE user = ?", (user,))
    await run("UPDATE OR IGNORE favourites SET user = ?2 WHERE user = ?1", both)
    await run("DELETE FROM favourites WHERE user = ?", (user,))
    left = 0
    for id, name in await run("SELECT id, name FROM collections WHERE user = ? ORDER BY id", (user,)):
        same = await run("SELECT id FROM collections WHERE user = ? AND name = ?", (to, name))
        moved = await _join(run, id, same[0][0]) if same else await _give(run, id, to)
        left += not moved
    return left


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
