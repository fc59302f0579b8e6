"""What belongs to people, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from streamvault.catalog.personal import MAX_COLLECTIONS, MAX_MEMBERS, Collection, Watched
from streamvault.errors import CatalogError


class MemoryPersonal:
    """A Personal; `broken` makes every call fail."""

    def __init__(self) -> None:
        self.broken = False
        self._states: dict[tuple[str, str], Watched] = {}
        self._liked: dict[tuple[str, str], int] = {}
        self._collections: dict[tuple[str, int], Collection] = {}
        self._members: dict[int, dict[str, None]] = {}
        self._last = 0

    async def watched(self, user: str, file_unique_ids: Sequence[str]) -> dict[str, Watched]:
        self._check()
        return {file: self._states[user, file] for file in file_unique_ids if (user, file) in self._states}

    async def watching(self, user: str, limit: int) -> tuple[Watched, ...]:
        self._check()
        mine = [state for (owner, _), state in self._states.items() if owner == user and not state.finished]
        return tuple(sorted(mine, key=lambda state: -state.updated)[:limit])

    async def watch(self, user: str, state: Watched) -> None:
        self._check()
        known = self._states.get((user, state.file_unique_id))
        if known is None or known.updated <= state.updated:
            self._states[user, state.file_unique_id] = state

    async def unwatch(self, user: str, file_unique_id: str) -> None:
        self._check()
        self._states.pop((user, file_unique_id), None)

    async def favourites(self, user: str, limit: int, before: int | None = None) -> tuple[tuple[int, str], ...]:
        self._check()
        mine = [(place, file) for (owner, file), place in self._liked.items() if owner == user]
        return tuple(sorted((one for one in mine if before is None or one[0] < before), reverse=True)[:limit])

    async def favour(self, user: str, file_unique_id: str, *, like: bool) -> None:
        self._check()
        if not like:
            self._liked.pop((user, file_unique_id), None)
        elif (user, file_unique_id) not in self._liked:
            self._liked[user, file_unique_id] = self._next()

    async def collections(self, user: str) -> tuple[Collection, ...]:
        self._check()
        mine = [one for (owner, _), one in self._collections.items() if owner == user]
        return tuple(replace(one, files=len(self._members[one.id])) for one in sorted(mine, key=lambda one: one.name))

    async def collect(self, user: str, name: str) -> int:
        self._check()
        mine = await self.collections(user)
        if name in {one.name for one in mine}:
            raise ValueError("the name is taken")
        if len(mine) >= MAX_COLLECTIONS:
            raise ValueError("too many")
        id = self._next()
        self._collections[user, id] = Collection(id, name, 0)
        self._members[id] = {}
        return id

    async def discard(self, user: str, collection: int) -> bool:
        self._check()
        return self._collections.pop((user, collection), None) is not None

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        self._check()
        return tuple(self._members[collection]) if (user, collection) in self._collections else None

    async def include(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        self._check()
        if (user, collection) not in self._collections:
            return False
        files = self._members[collection]
        if not member:
            files.pop(file_unique_id, None)
        elif file_unique_id not in files and len(files) >= MAX_MEMBERS:
            raise ValueError("it is full")
        else:
            files.setdefault(file_unique_id)
        return True

    def _check(self) -> None:
        if self.broken:
            raise CatalogError("the database is away")

    def _next(self) -> int:
        self._last += 1
        return self._last
