"""What reading needs from the outside: the chunks of a file, and its thumbnail."""

from typing import Protocol

from streamvault.media.model import MediaFile


class ChunkSource(Protocol):
    """Where chunks come from; implemented by telegram/, wrapped by retrying and the like."""

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        """Bytes `[offset, min(offset + limit, file.size))` of `file`.

        `offset` and `limit` obey media/chunks.py's alignment rules; fewer bytes than promised are
        never returned. Cancelling the call abandons only the wait.

        Raises FileGone, SourceBusy, SourceUnavailable, ShortRead or SourceError.
        """
        ...


class ThumbnailSource(Protocol):
    """Where thumbnails come from: they are small and of unknown size, so they come whole."""

    async def thumbnail(self, file: MediaFile) -> bytes:
        """JPEG bytes of the largest of `file.thumb_sizes`. Cancelling the call abandons only the wait.

        Raises FileMissing when the file has no thumbnail; otherwise as `ChunkSource.fetch`.
        """
        ...
