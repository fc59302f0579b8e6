"""Other messages that hold the same file, for when its own message is deleted."""

import dataclasses
from collections import OrderedDict
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


class OtherOrigins:
    """Remembers which message a file is read from when its own is gone."""

    def __init__(self, known: Origins | None) -> None:
        self._known = known
        self._replacements: OrderedDict[tuple[Origin, str], Origin] = OrderedDict()
        self._flights: SingleFlight[str, tuple[Origin, ...]] = SingleFlight()

    def current(self, file: MediaFile) -> MediaFile:
        """The file with the origin that it was last read from."""
        origin = self._replacements.get((file.origin, file.key.file_unique_id))
        return file if origin is None else dataclasses.replace(file, origin=origin)

    async def others(self, file: MediaFile) -> list[MediaFile]:
        """The same file in every other message that is known. Raises SourceUnavailable when the catalog fails."""
        known, unique_id = self._known, file.key.file_unique_id
        if known is None:
            return []
        try:
            origins = await self._flights.run(unique_id, lambda: known.origins(unique_id))
        except CatalogError as error:
            raise SourceUnavailable(f"the file's other messages cannot be looked up: {error}") from error
        return [dataclasses.replace(file, origin=origin) for origin in origins if origin != file.origin]

    def replace(self, file: MediaFile, origin: Origin) -> None:
        """Read `file` from `origin` from now on."""
        self._replacements[file.origin, file.key.file_unique_id] = origin
        while len(self._replacements) > _CAPACITY:
            self._replacements.popitem(last=False)
