"""Other messages that hold the same file, for when its own message is deleted."""

import dataclasses
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from streamvault.errors import CatalogError, SourceUnavailable
from streamvault.media.model import MediaFile, Origin
from streamvault.telegram.single_flight import SingleFlight

_CAPACITY = 1024


class Origins(Protocol):
    """Finds the messages of a file."""

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """A few of them, the newest first. Raises CatalogError."""
        ...


class Copies(Protocol):
    """Finds files with the same bytes that are other files to Telegram: they were uploaded again."""

    async def __call__(self, origin: Origin) -> Sequence[MediaFile]:
        """Those of the file that this message holds or held. Raises CatalogError."""
        ...


class OtherOrigins:
    """Remembers which message a file is read from when its own is gone."""

    def __init__(self, known: Origins | None, copies: Copies | None = None) -> None:
        self._known, self._copies = known, copies
        self._replacements: OrderedDict[tuple[Origin, str], MediaFile] = OrderedDict()
        self._flights: SingleFlight[str, tuple[Origin, ...]] = SingleFlight()

    def current(self, file: MediaFile) -> MediaFile:
        """The file as it was last read: of another message, or a copy."""
        return self._replacements.get((file.origin, file.key.file_unique_id), file)

    async def others(self, file: MediaFile) -> list[MediaFile]:
        """The same file in every other message that is known. Raises SourceUnavailable when the catalog fails."""
        known, unique_id = self._known, file.key.file_unique_id
        if known is None:
            return []
        try:
            origins = await self._flights.run(unique_id, lambda: known.origins(unique_id))
            copies = [] if self._copies is None else await self._copies(file.origin)
        except CatalogError as error:
            raise SourceUnavailable(f"the file's other messages cannot be looked up: {error}") from error
        same = [dataclasses.replace(file, origin=origin) for origin in origins if origin != file.origin]
        return same + [copy for copy in copies if copy.size == file.size and copy.origin not in origins]

    def replace(self, file: MediaFile, other: MediaFile) -> None:
        """Read `file` as `other` from now on."""
        self._replacements[file.origin, file.key.file_unique_id] = other
        while len(self._replacements) > _CAPACITY:
            self._replacements.popitem(last=False)
