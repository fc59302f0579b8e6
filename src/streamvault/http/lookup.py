"""From the files that a list names to what is shown of them, and what the caller did with each."""

import asyncio
from collections.abc import Iterable, Sequence

from streamvault.catalog.base import Catalog, Entry
from streamvault.http.dependencies import HttpServices
from streamvault.http.items import Marks

AT_ONCE = 8
"""Files that are looked up side by side, for a database that is far away."""


async def newest(catalog: Catalog, file_unique_ids: Iterable[str], *, ours: frozenset[int]) -> list[Entry]:
    """Each file as its newest message in `ours` shows it, in order; files that are there no more are left out."""
    keys, found = list(file_unique_ids), list[Entry | None]()
    for begin in range(0, len(keys), AT_ONCE):
        found += await asyncio.gather(*(_newest(catalog, key, ours) for key in keys[begin : begin + AT_ONCE]))
    return [entry for entry in found if entry is not None]


async def marks_of(services: HttpServices, user: str | None, entries: Sequence[Entry]) -> Marks:
    """What there is of this user for these files."""
    if user is None or not entries:
        return Marks()
    keys = [entry.file.key.file_unique_id for entry in entries]
    personal = services.personal
    return Marks(await personal.watched(user, keys), await personal.favourites_among(user, keys))


async def _newest(catalog: Catalog, file_unique_id: str, ours: frozenset[int]) -> Entry | None:
    for origin in await catalog.origins(file_unique_id):
        entry = await catalog.entry(origin) if origin.chat_id in ours else None
        if entry is not None:
            return entry
    return None
