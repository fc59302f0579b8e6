"""Where else a file is, once its message is gone: the same file in other messages."""

import dataclasses
from collections import OrderedDict
from typing import Protocol

from streamvault.errors import CatalogError, SourceUnavailable
from streamvault.media.model import MediaFile, Origin
from streamvault.telegram.single_flight import SingleFlight

_CAPACITY = 1024


class Origins(Protocol):
    """What knows the messages of a file; the newest come first, and they are few. Raises CatalogError."""

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]: ...


class OtherOrigins:
    """Remembers from which message a file is read in place of its own."""

    def __init__(self, known: Origins | None) -> None:
        self._known = known
        self._moved: OrderedDict[tuple[Origin, str], Origin] = OrderedDict()
        self._flights: SingleFlight[str, tuple[Origin, ...]] = SingleFlight()

    def current(self, file: MediaFile) -> MediaFile:
        """The file where it was found last."""
        origin = self._moved.get((file.origin, file.key.file_unique_id))
        return file if origin is None else dataclasses.replace(file, origin=origin)

    async def others(self, file: MediaFile) -> list[MediaFile]:
        """The same file in every other message that is known. SourceUnavailable when the catalog does not answer."""
        known, unique_id = self._known, file.key.file_unique_id
        if known is None:
            return []
        try:
            origins = await self._flights.run(unique_id, lambda: known.origins(unique_id))
        except CatalogError as error:
            raise SourceUnavailable(f"the file's other messages cannot be looked up: {error}") from error
        return [dataclasses.replace(file, origin=origin) for origin in origins if origin != file.origin]

    def found(self, file: MediaFile, origin: Origin) -> None:
        """`file` is read from there from now on."""
        self._moved[file.origin, file.key.file_unique_id] = origin
        while len(self._moved) > _CAPACITY:
            self._moved.popitem(last=False)
