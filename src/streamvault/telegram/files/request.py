"""What is wanted of a file."""

import dataclasses
from dataclasses import dataclass

from streamvault.media.digests import widened
from streamvault.media.model import FileKey, MediaFile


@dataclass(frozen=True, slots=True)
class FileRequest:
    """Bytes of a file or of its thumbnail; `expected` of them, if that is known."""

    file: MediaFile
    key: FileKey
    offset: int
    limit: int
    expected: int | None

    @property
    def stop(self) -> int:
        """Where the bytes of a file end: it may end before them."""
        return min(self.offset + self.limit, self.file.size)

    def widened(self) -> "FileRequest":
        """As much more of the file as it takes to verify these bytes."""
        offset, limit = widened(self.offset, self.limit)
        expected = min(offset + limit, self.file.size) - offset
        return dataclasses.replace(self, offset=offset, limit=limit, expected=expected)

    def cut(self, data: bytes, *, offset: int) -> bytes:
        """These bytes out of `data`, which begins at `offset` of the file."""
        start = self.offset - offset
        return data if (start, self.expected) == (0, len(data)) else data[start : start + self.limit][: self.expected]
