"""Reading exact ranges of a file."""

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
