"""What belongs to people, in memory."""

import dataclasses
from collections.abc import AsyncIterator, Sequence

from streamvault.catalog import personal
from streamvault.catalog.personal import (
    MAX_COLLECTIONS,
    MAX_MEMBERS,
    Collection,
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    PersonalRecord,
    Watched,
    WatchedRecord,
)


@dataclasses.dataclass
class _Shelf:
    name: str
    files: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class _Person:
    watched: dict[str, Watched] = dataclasses.field(default_factory=dict)
    liked: dict[str, int] = dataclasses.field(default_factory=dict)
    hidden: set[str] = dataclasses.field(default_factory=set)
    shelves: dict[int, _Shelf] = dataclasses.field(default_factory=dict)


class MemoryPersonal:
    """Personal over dictionaries; `people` by user."""

    def __init__(self) -> None:
        self.people: dict[str, _Person] = {}
        self._numbers = 0

    async def watched(self, user: str, file_unique_ids: Sequence[str]) -> dict[str, Watched]:
        known = self._of(user).watched
        return {key: known[key] for key in file_unique_ids if key in known}

    async def watching(
        self, user: str, limit: int, *, finished: bool = False, after: tuple[int, str] | None = None
    ) -> tuple[Watched, ...]:
        def place(state: Watched) -> tuple[int, str]:
            return -state.updated, state.file_unique_id

        found = [state for state in self._of(user).watched.values() if state.finished == finished]
        if after is not None:
            found = [state for state in found if place(state) > (-after[0], after[1])]
        return tuple(sorted(found, key=place)[:limit])

    async def set_watched(self, user: str, state: Watched) -> None:
        known = self._of(user).watched
        if state.file_unique_id not in known or known[state.file_unique_id].updated <= state.updated:
            known[state.file_unique_id] = state

    async def clear_watched(self, user: str, file_unique_id: str) -> None:
        self._of(user).watched.pop(file_unique_id, None)

    async def favourites(self, user: str, limit: int, before: int | None = None) -> tuple[tuple[int, str], ...]:
        places = [(place, key) for key, place in self._of(user).liked.items() if before is None or place < before]
        return tuple(sorted(places, reverse=True)[:limit])

    async def favourites_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(file_unique_ids) & self._of(user).liked.keys()

    async def set_favourite(self, user: str, file_unique_id: str, *, like: bool) -> None:
        liked = self._of(user).liked
        if like:
            liked.setdefault(file_unique_id, self._next())
        else:
            liked.pop(file_unique_id, None)

    async def hidden(self, user: str) -> frozenset[str]:
        return frozenset(self._of(user).hidden)

    async def hidden_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(file_unique_ids) & self._of(user).hidden

    async def forget_hidden(self, user: str, file_unique_ids: Sequence[str]) -> None:
        self._of(user).hidden -= set(file_unique_ids)

    async def set_hidden(self, user: str, file_unique_id: str, *, hidden: bool) -> None:
        mine = self._of(user).hidden
        if hidden:
            if len(mine - {file_unique_id}) >= personal.MAX_HIDDEN:
                raise ValueError(f"{len(mine)} are hidden")
            mine.add(file_unique_id)
        else:
            mine.discard(file_unique_id)

    async def collections(self, user: str) -> tuple[Collection, ...]:
        shelves = self._of(user).shelves.items()
        return tuple(sorted((Collection(i, s.name, len(s.files)) for i, s in shelves), key=lambda one: one.name))

    async def create_collection(self, user: str, name: str) -> int:
        shelves = self._of(user).shelves
        if len(shelves) >= MAX_COLLECTIONS:
            raise ValueError(f"there are {len(shelves)} collections")
        self._check_name(user, name)
        number = self._next()
        shelves[number] = _Shelf(name)
        return number

    async def rename_collection(self, user: str, collection: int, name: str) -> bool:
        shelves = self._of(user).shelves
        if collection not in shelves:
            return False
        if shelves[collection].name != name:
            self._check_name(user, name)
        shelves[collection].name = name
        return True

    async def delete_collection(self, user: str, collection: int) -> bool:
        return self._of(user).shelves.pop(collection, None) is not None

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        shelf = self._of(user).shelves.get(collection)
        return None if shelf is None else tuple(shelf.files)

    async def set_member(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        shelf = self._of(user).shelves.get(collection)
        if shelf is None:
            return False
        if member and file_unique_id not in shelf.files:
            if len(shelf.files) >= MAX_MEMBERS:
                raise ValueError(f"{len(shelf.files) + 1} files")
            shelf.files.append(file_unique_id)
        elif not member and file_unique_id in shelf.files:
            shelf.files.remove(file_unique_id)
        return True

    async def move(self, user: str, to: str) -> int:
        if user == to:
            return 0
        old, new = self._of(user), self._of(to)
        for state in old.watched.values():
            await self.set_watched(to, state)
        old.watched.clear()
        new.liked = old.liked | new.liked
        old.liked = {}
        new.hidden |= old.hidden
        old.hidden = set()
        for number, shelf in sorted(old.shelves.items()):
            same = next((one for one in new.shelves.values() if one.name == shelf.name), None)
            if same is not None:
                fitting = [file for file in shelf.files if file not in same.files]
                same.files += fitting[: MAX_MEMBERS - len(same.files)]
                shelf.files = [file for file in shelf.files if file not in same.files]
                if not shelf.files:
                    del old.shelves[number]
            elif len(new.shelves) < MAX_COLLECTIONS:
                new.shelves[number] = old.shelves.pop(number)
        return len(old.shelves)

    async def dump(self) -> AsyncIterator[PersonalRecord]:
        people = sorted(self.people.items())
        for user, person in people:
            for _, state in sorted(person.watched.items()):
                yield WatchedRecord(user, state)
        for user, person in reversed(people):
            for _, key in sorted((place, key) for key, place in person.liked.items()):
                yield FavouriteRecord(user, key)
        for user, person in people:
            for number, shelf in sorted(person.shelves.items(), key=lambda one: one[1].name):
                yield CollectionRecord(user, number, shelf.name, tuple(shelf.files))
        for user, person in people:
            for key in sorted(person.hidden):
                yield HiddenRecord(user, key)

    async def restore(self, found: Sequence[PersonalRecord]) -> None:
        for one in found:
            match one:
                case WatchedRecord():
                    await self.set_watched(one.user, one.state)
                case FavouriteRecord():
                    await self.set_favourite(one.user, one.file_unique_id, like=True)
                case HiddenRecord():
                    self._of(one.user).hidden.add(one.file_unique_id)
                case CollectionRecord():
                    await self._put_up(one)

    async def _put_up(self, new: CollectionRecord) -> None:
        mine = self._of(new.user).shelves
        known = next((number for number, shelf in mine.items() if shelf.name == new.name), None)
        if known is None:
            known = await self.create_collection(new.user, new.name)
            if not any(new.id in person.shelves for person in self.people.values()):
                mine[new.id] = mine.pop(known)
                known, self._numbers = new.id, max(self._numbers, new.id)
        for file in new.files:
            await self.set_member(new.user, known, file, member=True)

    def _of(self, user: str) -> _Person:
        return self.people.setdefault(user, _Person())

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    def _check_name(self, user: str, name: str) -> None:
        if any(shelf.name == name for shelf in self._of(user).shelves.values()):
            raise ValueError(f"the collection {name} exists")
