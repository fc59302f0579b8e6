"""Looks up the entries of files by file_unique_id, and the caller's personal data of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from streamvault.catalog.base import Catalog, Entry
from streamvault.http.dependencies import HttpServices
from streamvault.http.items import PersonalState
from streamvault.media.model import Origin

AT_ONCE = 8
"""Files that are looked up concurrently, for a database with a long round trip."""


async def entries_in_front(catalog: Catalog, file_unique_ids: Iterable[str], *, chats: frozenset[int]) -> list[Entry]:
    """The entry of each file in its message in front within `chats`, in order; without files that have none there."""
    found = await _some_at_once([partial(_in_front, catalog, key, chats) for key in file_unique_ids])
    return [entry for entry in found if entry is not None]


async def entries_at(catalog: Catalog, origins: Iterable[Origin]) -> list[Entry | None]:
    """The entry of each of these messages, in order."""
    return await _some_at_once([partial(catalog.entry, origin) for origin in origins])


async def personal_state(services: HttpServices, user: str | None, entries: Sequence[Entry]) -> PersonalState:
    """The user's watch states, favourites and hidden ones among these files."""
    if user is None or not entries:
        return PersonalState()
    keys = [entry.file.key.file_unique_id for entry in entries]
    personal = services.personal
    return PersonalState(
        *await asyncio.gather(
            personal.watched(user, keys), personal.favourites_among(user, keys), personal.hidden_among(user, keys)
        )
    )


async def _some_at_once(lookups: Sequence[Callable[[], Awaitable[Entry | None]]]) -> list[Entry | None]:
    found: list[Entry | None] = []
    for begin in range(0, len(lookups), AT_ONCE):
        found += await asyncio.gather(*(look() for look in lookups[begin : begin + AT_ONCE]))
    return found


async def _in_front(catalog: Catalog, file_unique_id: str, chats: frozenset[int]) -> Entry | None:
    for origin in await catalog.origins(file_unique_id):
        entry = await catalog.entry(origin) if origin.chat_id in chats else None
        if entry is not None:
            return entry
    return None
