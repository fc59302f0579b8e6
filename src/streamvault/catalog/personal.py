"""What belongs to people: how far they watched, what they like, and their own collections."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_COLLECTIONS = 200
MAX_MEMBERS = 5_000


@dataclass(frozen=True, slots=True)
class Watched:
    """How far a file was watched: `position` and `duration` in seconds, `updated` in Unix seconds."""

    file_unique_id: str
    position: float
    duration: float | None
    finished: bool
    updated: int


@dataclass(frozen=True, slots=True)
class Collection:
    """A named list of files, in the order in which they were added. `id` is made by the store and never used again."""

    id: int
    name: str
    files: int


@dataclass(frozen=True, slots=True)
class WatchedRecord:
    """How far a user watched a file."""

    user: str
    state: Watched


@dataclass(frozen=True, slots=True)
class FavouriteRecord:
    """One of a user's favourites."""

    user: str
    file_unique_id: str


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    """A user's collection with everything in it, in order."""

    user: str
    id: int
    name: str
    files: tuple[str, ...] = ()


PersonalRecord = WatchedRecord | FavouriteRecord | CollectionRecord


class Personal(Protocol):
    """Kept per `user`, an opaque text. Every method raises CatalogError when the database fails."""

    async def watched(self, user: str, file_unique_ids: Sequence[str]) -> dict[str, Watched]:
        """What this user has watched of these files."""
        ...

    async def watching(self, user: str, limit: int) -> tuple[Watched, ...]:
        """What the user has begun and not finished, the latest first."""
        ...

    async def set_watched(self, user: str, state: Watched) -> None:
        """Remember it, unless a later one is known."""
        ...

    async def clear_watched(self, user: str, file_unique_id: str) -> None:
        """Forget it."""
        ...

    async def favourites(self, user: str, limit: int, before: int | None = None) -> tuple[tuple[int, str], ...]:
        """(place, file_unique_id), the last added first, those with a place below `before`."""
        ...

    async def favourites_among(self, user: str, file_unique_ids: Sequence[str]) -> frozenset[str]:
        """Which of these files are among the user's favourites."""
        ...

    async def set_favourite(self, user: str, file_unique_id: str, *, like: bool) -> None:
        """Add it to the favourites, or take it away; twice is as once."""
        ...

    async def collections(self, user: str) -> tuple[Collection, ...]:
        """All of the user's collections by name, at most MAX_COLLECTIONS."""
        ...

    async def create_collection(self, user: str, name: str) -> int:
        """A new collection's id. ValueError when the name is taken or there are too many."""
        ...

    async def rename_collection(self, user: str, collection: int, name: str) -> bool:
        """Give a collection another name; whether it is there. ValueError when another one has the name."""
        ...

    async def delete_collection(self, user: str, collection: int) -> bool:
        """Delete a collection; whether it was there."""
        ...

    async def members(self, user: str, collection: int) -> tuple[str, ...] | None:
        """The file_unique_ids in a collection, in order; None when there is no such collection of this user."""
        ...

    async def set_member(self, user: str, collection: int, file_unique_id: str, *, member: bool) -> bool:
        """Add a file at the end, or take it away; whether the collection is there. ValueError when it is full."""
        ...

    def dump(self) -> AsyncIterator[PersonalRecord]:
        """All that there is of everybody, read a few hundred at a time: watch state, favourites, collections.

        Each user's favourites come in the order in which they were added. Two stores with the same give it in the same
        order. For export.
        """
        ...

    async def restore(self, found: Sequence[PersonalRecord]) -> None:
        """Put in what `dump` gave; again is as once.

        A later watch state stays, and so does what else is there: favourites and members that are new come behind it.
        A collection joins the user's one of its name; a new one keeps its id unless that is taken. ValueError when a
        user would get too many collections, or one of them too many files.
        """
        ...
