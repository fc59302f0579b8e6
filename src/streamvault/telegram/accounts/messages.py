"""What one account knows of messages: each read once for all who ask at once, and where its files are."""

from typing import Any

from streamvault.errors import FileGone, FileMissing
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.telegram.accounts.locations import Location, LocationCache, Reader, located, read_message
from streamvault.telegram.single_flight import SingleFlight


class MessageReader:
    """`locations` are those that were used last."""

    def __init__(self, account: Reader) -> None:
        self.locations = LocationCache()
        self._account = account
        self._reads: SingleFlight[Origin, Any] = SingleFlight()
        self._searches: SingleFlight[tuple[Origin, FileKey], Location] = SingleFlight()

    async def message(self, origin: Origin) -> Any:
        """The raw message of `origin`; see locations.read_message."""
        return await self._reads.run(origin, lambda: read_message(self._account, origin))

    async def locate(self, file: MediaFile, key: FileKey) -> Location:
        """Where `file`, or its thumbnail `key`, is: as remembered, or as its message says now.

        Raises FileGone when the message no longer holds it, and what `message` raises.
        """
        known = self.locations.get(file.origin, key)
        return known or await self._searches.run((file.origin, key), lambda: self._search(file, key))

    async def close(self) -> None:
        """End what is under way."""
        await self._searches.close()
        await self._reads.close()

    async def _search(self, file: MediaFile, key: FileKey) -> Location:
        try:
            message = await self.message(file.origin)
        except FileMissing as error:
            raise FileGone("the message was deleted") from error
        where = located(message, key, file=file)
        self.locations.put(file.origin, key, where)
        return where
