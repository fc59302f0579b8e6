"""The interface of the personal data: watch states, favourites, hidden files and collections of each user."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_COLLECTIONS = 200
MAX_MEMBERS = 5_000
MAX_HIDDEN = 5_000


@dataclass(frozen=True, slots=True)
class Watched:
    """The watch state of a file: `position` and `duration` in seconds, `updated` in Unix seconds."""

    file_unique_id: str
    position: float
    duration: float | None
    finished: bool
    updated: int


@dataclass(frozen=True, slots=True)
class Collection:
    """A named list of `files` files in the order in which they were added. An `id` is never used twice."""

    id: int
    name: str
    files: int


@dataclass(frozen=True, slots=True)
class WatchedRecord:
    """For export: a user's watch state of a file."""

    user: str
    state: Watched


@dataclass(frozen=True, slots=True)
class FavouriteRecord:
    """For export: one of a user's favourites."""

    user: str
    file_unique_id: str


@dataclass(frozen=True, slots=True)
class HiddenRecord:
    """For export: a file that a user has hidden."""

    user: str
    file_unique_id: str


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    """For export: a user's collection with its files in order."""

    user: str
    id: int
    name: str
    files: tuple[str, ...] = ()


PersonalRecord = WatchedRecord | FavouriteRecord | CollectionRecord | HiddenRecord


def name_taken(name: str) -> ValueError:
    """The error of `create_collection` and `rename_collection` for a name that the user has given before."""
    return ValueError(f"there is already a collection called {name}")


def check_collections(count: int, most: int = MAX_COLLECTIONS) -> None:
    """Raise ValueError when a user with `count` collections may not have another one."""
    if count >= most:
        raise ValueError(f"there are {most} collections already, and no more are kept")


def check_members(count: int, most: int = MAX_MEMBERS) -> None:
    """Raise ValueError when a collection would have `count` files, which are too many."""
    if count > most:
        raise ValueError(f"a collection would have {count} files, and no more are kept than {most}")


def check_hidden(count: int) -> None:
    """Raise ValueError when a user who has hidden `count` files may not hide another one."""
    if count >= MAX_HIDDEN:
        raise ValueError(f"{count} files are hidden, and no more are kept")


class Personal(Protocol):
    """Data of each `user`, an opaque text. Every method raises CatalogError when the database fails."""

    async def watched(self, user: str, file_unique_ids: Sequence[str]) -> dict[str, Watched]:
        """The user's watch states of these files, by file_unique_id; without those that were never watched."""
        ...

    async def watching(
        self, user: str, limit: int, *, finished: bool = False, after: tuple[int, str] | None = None
    ) -> tuple[Watched, ...]:
        """The watch states that are not finished, or those that are, the latest first, of one second by file.

        `after`: `updated` and file of the last one of the page before; that one may be stored no more.
        """
        ...

    async def set_watched(self, user: str, state: Watched) -> None:
        """Store a watch state, unless a later one is stored."""
        ...

    async def clear_watched(self, user: str, file_unique_id: str) -> None:
        """Delete the watch state of a file."""
        ...

    async def favourites(self, user: str, limit: int, before: int | None = None) -> tuple[tuple[int, str], ...]:
        """(place, file_unique_id) of the favourites with a place below `before`, the last added first."""
        ...

    async def favourites_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """Those of these files that are the user's favourites."""
        ...

    async def set_favourite(self, user: str, file_unique_id: str, *, like: bool) -> None:
        """Add a file to the favourites, or remove it; idempotent."""
        ...

    async def hidden(self, user: str) -> frozenset[str]:
        """The files that the user has hidden."""
        ...

    async def set_hidden(self, user: str, file_unique_id: str, *, hidden: bool) -> None:
        """Hide a file, or show it again; idempotent. Raises ValueError when MAX_HIDDEN others are hidden."""
        ...

    async def hidden_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """Those of these files that the user has hidden."""
        ...

    async def forget_hidden(self, user: str, file_unique_ids: Sequence[str]) -> None:
        """Show these files again; idempotent."""
        ...

    async def collections(self, user: str) -> tuple[Collection, ...]:
        """All of the user's collections by name, at most MAX_COLLECTIONS."""
        ...

    async def create_collection(self, user: str, name: str) -> int:
        """The id of a new collection. Raises ValueError when the name is taken or there are MAX_COLLECTIONS."""
        ...

    async def rename_collection(self, user: str, collection: int, name: str) -> bool:
        """Rename a collection; whether it exists. Raises ValueError when another one has the name."""
        ...

    async def delete_collection(self, user: str, collection: int) -> bool:
        """Delete a collection; whether it existed."""
        ...

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        """The file_unique_ids of a collection, in order; None when the user has no such collection."""
        ...

    async def set_member(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        """Append a file, or remove it; whether the collection exists. Raises ValueError when it is full."""
        ...

    async def move(self, user: str, to: str) -> int:
        """Give a user's data to another one; the number of collections that stay, with the files that did not fit.

        The later watch state of a file is kept. Favourites stay in the order in which they were added. The files of a
        collection go behind those of the other user's collection of the same name; any other collection keeps its id.
        Nothing is deleted for want of room: what would exceed MAX_COLLECTIONS or MAX_MEMBERS remains with `user`;
        hidden files all go along, even above MAX_HIDDEN.
        It may be repeated after an error, run several times at once, and run while `user` stores more.
        """
        ...

    def dump(self) -> AsyncIterator[PersonalRecord]:
        """For export: the watch states, favourites, collections and hidden files of all users.

        A few hundred are read at a time. A user's favourites come in the order in which they were added. Both engines
        give the same data in the same order.
        """
        ...

    async def restore(self, found: Sequence[PersonalRecord]) -> None:
        """Store what `dump` gave, beside what is stored already; idempotent.

        A later watch state is kept; new favourites and members are appended. The files of a collection are added to the
        user's collection of the same name; a new collection keeps its id unless that is taken. Raises ValueError when a
        user would get more than MAX_COLLECTIONS, or a collection more than MAX_MEMBERS files.
        """
        ...
