"""The charsets of text files, which are decided by their first bytes once, and remembered."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from streamvault.http.headers import content_type
from streamvault.media.byterange import ByteRange
from streamvault.media.charsets import LOOKED_AT, charset_of, is_text
from streamvault.media.model import FileKey, MediaFile

REMEMBERED = 4096
"""Files whose charset is remembered."""


class Charsets:
    """Charsets by file; bounded, least recently used first out."""

    def __init__(self) -> None:
        self._known: OrderedDict[FileKey, str] = OrderedDict()

    async def charset(self, file: MediaFile, read: Callable[[ByteRange], Awaitable[bytes]]) -> str:
        """The charset for the Content-Type of `file`; "" for files that are no texts, and where it is not certain.

        `read` reads bytes of the file; its errors are passed on.
        """
        if not file.size or not is_text(content_type(file)):
            return ""
        if file.key in self._known:
            self._known.move_to_end(file.key)
            return self._known[file.key]
        head = await read(ByteRange(0, min(LOOKED_AT, file.size)))
        found = charset_of(head, whole=len(head) == file.size)
        self._known[file.key] = found
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found
