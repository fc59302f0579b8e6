"""Thumbnails behind what is being played."""

from streamvault.media.model import MediaFile
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.source import ThumbnailSource


class Thumbnails:
    """A ThumbnailSource that asks another one in its lane."""

    def __init__(self, source: ThumbnailSource, cells: Cells) -> None:
        self._source = source
        self._cells = cells

    async def thumbnail(self, file: MediaFile) -> bytes:
        """See ThumbnailSource."""
        async with self._cells.lanes(file.dc_id).slot(Lane.THUMBNAILS, "thumbnails"):
            return await self._source.thumbnail(file)
