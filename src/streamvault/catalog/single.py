"""The methods of a Catalog for a single message, which both engines derive from their general ones."""

from abc import ABC, abstractmethod

from streamvault.catalog.base import Change, Entry
from streamvault.media.model import MediaFile, Origin


class SingleMessage(ABC):
    """`get`, `put` and `remove` in terms of `entry` and `apply`."""

    @abstractmethod
    async def entry(self, origin: Origin) -> Entry | None:
        """See Catalog."""

    @abstractmethod
    async def apply(self, change: Change) -> None:
        """See Catalog."""

    async def get(self, origin: Origin) -> MediaFile | None:
        """See Catalog."""
        found = await self.entry(origin)
        return None if found is None else found.file

    async def put(self, file: MediaFile) -> None:
        """See Catalog."""
        await self.apply(Change(put=(file,)))

    async def remove(self, origin: Origin) -> None:
        """See Catalog."""
        await self.apply(Change(gone=(origin,)))
