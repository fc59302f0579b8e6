"""The interfaces to Telegram that reading needs: chunks of a file, and its thumbnail; implemented by telegram/."""

from typing import Protocol

from streamvault.media.model import MediaFile


class ChunkSource(Protocol):
    """Where chunks come from."""

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        """Bytes `[offset, min(offset + limit, file.size))` of `file`.

        `offset` and `limit` obey the alignment rules of media/chunks.py; fewer bytes are never returned. Cancelling
        the call abandons only the wait.

        Raises FileGone, SourceBusy, SourceUnavailable, ShortRead or SourceError.
        """
        ...


class ThumbnailSource(Protocol):
    """Where thumbnails come from; whole, because they are small and their size is not known before."""

    async def thumbnail(self, file: MediaFile) -> bytes:
        """JPEG bytes of the largest of `file.thumb_sizes`. Cancelling the call abandons only the wait.

        Raises FileMissing when the file has no thumbnail; otherwise as `ChunkSource.fetch`.
        """
        ...
