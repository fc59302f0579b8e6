"""What both engines do before they write a batch: which version of each message to store, and which keys are free."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from streamvault.media.model import MediaFile, Origin

_ON_THE_LOOP = 20  # files; the words of more are computed in a thread, so that streams are not held up

Words = TypeVar("Words")
Result = TypeVar("Result")
Versions = Mapping[Origin, Sequence[tuple[MediaFile, Words]]]
"""The versions of each message in the order of arrival, with what an engine indexes of their texts."""


class StoredVersion(Protocol):
    """What decides whether a new version replaces the stored one: Unix seconds, `edited` 0 where it never was."""

    @property
    def date(self) -> int: ...

    @property
    def edited(self) -> int: ...


async def prepare_versions(files: Sequence[MediaFile], words_of: Callable[[MediaFile], Words]) -> Versions[Words]:
    """`files` by message, with their words. Raises ValueError for a thumbnail."""
    if any(file.key.thumb_size for file in files):
        raise ValueError("a catalog holds files, not their thumbnails")
    return await computed(len(files), lambda: _by_message(files, words_of))


async def computed(files: int, compute: Callable[[], Result]) -> Result:
    """What `compute` returns, which reads the texts of so many files: of many in a thread."""
    return await asyncio.to_thread(compute) if files > _ON_THE_LOOP else compute()


def latest_versions(
    versions: Versions[Words], stored: Mapping[Origin, StoredVersion]
) -> Iterator[tuple[MediaFile, Words]]:
    """The version of each message that remains when all are put in order, with the first date, if any is newer."""
    for origin, several in versions.items():
        old = stored.get(origin)
        date, edited = (old.date, old.edited) if old else (several[0][0].date, -1)
        last = None
        for file, words in several:
            if (file.edit_date or 0) >= edited:
                edited, last = file.edit_date or 0, (replace(file, date=date), words)
        if last is not None:
            yield last


async def next_free(
    wanted: Iterable[int], taken: Iterable[int], is_taken: Callable[[int], Awaitable[object]]
) -> list[int]:
    """`wanted` keys, each replaced by the next free one where it is taken or occurs twice.

    `taken` are the stored ones among `wanted`; `is_taken` looks for another one in the database.
    """
    used, found = set(taken), []
    for key in wanted:
        while key in used:
            key += 1
            if key not in used and await is_taken(key):
                used.add(key)
        used.add(key)
        found.append(key)
    return found


def _by_message(files: Sequence[MediaFile], words_of: Callable[[MediaFile], Words]) -> Versions[Words]:
    versions: dict[Origin, list[tuple[MediaFile, Words]]] = {}
    for file in files:
        versions.setdefault(file.origin, []).append((file, words_of(file)))
    return versions
