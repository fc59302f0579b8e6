"""Reading exact ranges of a file, and files put together of a header and a rest."""

import os

from streamvault.reading.sandbox.model import BoundedFile


class BadFile(Exception):
    """The file is not what it says it is; the message says where."""


def read_at(file: BoundedFile, position: int, count: int) -> bytes:
    """`count` bytes from `position`; fewer at the end of the file or of what may be read."""
    file.seek(position)
    data = bytearray()
    while len(data) < count:
        piece = file.read(count - len(data))
        if not piece:
            break
        data += piece
    return bytes(data)


class Spliced:
    """A file of `header` and, behind it, the bytes of `file` from `position` on."""

    def __init__(self, file: BoundedFile, header: bytes, position: int) -> None:
        self._file, self._header, self._position = file, header, position
        self.size = len(header) + max(0, file.size - position)
        self._at = 0

    def read(self, count: int = -1) -> bytes:
        """As io's; may give fewer bytes than there are."""
        if count < 0:
            count = self.size
        if self._at < len(self._header):
            piece = self._header[self._at : self._at + count]
        else:
            self._file.seek(self._position + self._at - len(self._header))
            piece = self._file.read(count)
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As io's."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """As io's."""
        return self._at
