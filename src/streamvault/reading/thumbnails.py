"""Telegram's own thumbnails, fetched once, in a lane below playback, and kept in the picture cache."""

import dataclasses

from streamvault.errors import FileMissing
from streamvault.media.model import FileKey, MediaFile
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.picture_cache import PictureCache
from streamvault.reading.shared_work import SharedWork
from streamvault.reading.source import ThumbnailSource


class Thumbnails:
    """A ThumbnailSource that caches another one in `pictures` and asks it within the THUMBNAILS lane."""

    def __init__(self, source: ThumbnailSource, cells: Cells, *, pictures: PictureCache | None = None) -> None:
        self._source = source
        self._cells = cells
        self._pictures = pictures
        self._under_way: SharedWork[FileKey, bytes] = SharedWork()

    async def thumbnail(self, file: MediaFile) -> bytes:
        """See ThumbnailSource."""
        if not file.thumb_sizes:
            raise FileMissing("the file has no thumbnail")
        key = dataclasses.replace(file.key, thumb_size=file.thumb_sizes[-1])
        held = await self._pictures.get(key) if self._pictures else None
        return held or await self._under_way.get(key, lambda: self._fetch(file, key))

    async def _fetch(self, file: MediaFile, key: FileKey) -> bytes:
        async with self._cells.lanes(file.dc_id).slot(Lane.THUMBNAILS, "thumbnails"):
            picture = await self._source.thumbnail(file)
        if self._pictures is not None and picture:
            self._pictures.put(key, picture)
        return picture
