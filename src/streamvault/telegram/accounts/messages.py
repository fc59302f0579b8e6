"""Reads messages as one account and remembers the locations of their files; concurrent reads are shared."""

from typing import Any

from streamvault.errors import FileGone, FileMissing
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.telegram.accounts.locations import Location, LocationCache, Reader, location_of, read_message
from streamvault.telegram.single_flight import SingleFlight


class MessageReader:
    """Reads messages and finds files. `locations` caches the most recently used locations."""

    def __init__(self, account: Reader) -> None:
        self.locations = LocationCache()
        self._account = account
        self._reads: SingleFlight[Origin, Any] = SingleFlight()
        self._searches: SingleFlight[tuple[Origin, FileKey], Location] = SingleFlight()

    async def message(self, origin: Origin) -> Any:
        """The raw message at `origin`. Raises as locations.read_message does."""
        return await self._reads.run(origin, lambda: read_message(self._account, origin))

    async def locate(self, file: MediaFile, key: FileKey) -> Location:
        """The location of `file`, or of its thumbnail `key`: cached, or read from its message.

        Raises FileGone when the message no longer holds it, else as `message` does.
        """
        known = self.locations.get(file.origin, key)
        return known or await self._searches.run((file.origin, key), lambda: self._search(file, key))

    async def close(self) -> None:
        """Cancel the reads in progress."""
        await self._searches.close()
        await self._reads.close()

    async def _search(self, file: MediaFile, key: FileKey) -> Location:
        try:
            message = await self.message(file.origin)
        except FileMissing as error:
            raise FileGone("the message was deleted") from error
        where = location_of(message, key, file=file)
        self.locations.put(file.origin, key, where)
        return where
