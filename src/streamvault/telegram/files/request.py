"""Which bytes of a file are requested."""

import dataclasses
from dataclasses import dataclass

from streamvault.media.digests import widened
from streamvault.media.model import FileKey, MediaFile


@dataclass(frozen=True, slots=True)
class FileRequest:
    """Bytes of a file or of its thumbnail. `expected`: how many have to come; None if that is not known."""

    file: MediaFile
    key: FileKey
    offset: int
    limit: int
    expected: int | None

    @property
    def stop(self) -> int:
        """The offset after the last byte: the end of the request or of the file, whichever comes first."""
        return min(self.offset + self.limit, self.file.size)

    def widened(self) -> "FileRequest":
        """The smallest request that holds this one and the digests' ranges as a whole, so that it can be verified."""
        offset, limit = widened(self.offset, self.limit)
        expected = min(offset + limit, self.file.size) - offset
        return dataclasses.replace(self, offset=offset, limit=limit, expected=expected)

    def cut(self, data: bytes, *, offset: int) -> bytes:
        """This request's bytes out of `data`, which begins at `offset` of the file."""
        start = self.offset - offset
        return data if (start, self.expected) == (0, len(data)) else data[start : start + self.limit][: self.expected]
