"""The file of a message as a Source, read by ranges, and how it is posted so that it looks the same."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from streamvault.errors import FileGone, FileMissing, SourceError, SourceRefused
from streamvault.leech.appearance import Appearance
from streamvault.leech.messages.ports import Files
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.transfer import Finished
from streamvault.media.caption_templates import cut
from streamvault.media.linked import LinkedMessage
from streamvault.media.model import MediaFile
from streamvault.media.uploads import PART, Original, Photo

log = logging.getLogger(__name__)

CHUNK = 1 << 20
"""Bytes of a request, which may not cross a multiple of it."""
AHEAD = 4
"""Requests under way."""
GONE = "The message was deleted, or holds another file now."
CUT = "its caption was cut to the 1,024 characters that Telegram allows"


class MessageSource:
    """A leech.sources.base.Source. `read`: the message as it is now, with a file; raises SourceRefused, SourceError."""

    def __init__(self, files: Files, read: Callable[[], Awaitable[LinkedMessage]], *, as_document: bool) -> None:
        self._files, self._read, self._as_document = files, read, as_document
        self._message: LinkedMessage | None = None

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open. Raises SourceError, too."""
        self._message = await self._read()
        file, offset = _file(self._message), 0
        state = {"file": file.key.file_unique_id}
        if checkpoint is not None:
            if (checkpoint.state or {}).get("file") != state["file"] or checkpoint.described.size != file.size:
                raise SourceChanged
            offset = checkpoint.offset
        described = Described(own_name(file), file.size, file.mime_type, resumable=True)
        under_way: deque[asyncio.Task[bytes]] = deque()
        try:
            yield Opened(described, offset, self._blocks(file, offset, under_way), state)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def look(self, described: Described, finished: Finished) -> Appearance:
        """See leech.posting.Looking: as the message shows it."""
        message = self._message or await self._read()
        file, original = _file(message), message.original
        caption = cut(file.caption)
        note = CUT if caption != file.caption else ""
        if self._as_document:
            plain = Original(None, original.entities, caption_above=original.caption_above)
            return Appearance(None, file.mime_type, await self._thumb(file), note, caption, plain)
        if original.attributes is None:  # the largest picture of a photo
            photo = None if finished.big else Photo(file.width or 1, file.height or 1)
            return Appearance(photo, file.mime_type, None, note, caption, original)
        return Appearance(None, file.mime_type, await self._thumb(file), note, caption, original)

    async def _blocks(
        self, file: MediaFile, offset: int, under_way: "deque[asyncio.Task[bytes]]"
    ) -> AsyncIterator[bytes]:
        start = offset - offset % PART
        left_out = offset - start
        while start < file.size or under_way:
            while start < file.size and len(under_way) < AHEAD:
                limit = CHUNK - start % CHUNK
                under_way.append(asyncio.create_task(self._files.fetch(file, start, limit)))
                start += limit
            try:
                block = await under_way[0]
            except (FileGone, FileMissing):
                raise SourceRefused(GONE) from None
            under_way.popleft()
            yield block[left_out:]
            left_out = 0

    async def _thumb(self, file: MediaFile) -> bytes | None:
        if not file.thumb_sizes:
            return None
        try:
            return await self._files.thumbnail(file)
        except (SourceError, FileGone, FileMissing) as error:
            log.info("a thumbnail is left out: %s", error)
            return None


def own_name(file: MediaFile) -> str:
    """The sender's name of a file, or a made one."""
    return (file.sent.name if file.sent is not None else "") or file.name


def _file(message: LinkedMessage) -> MediaFile:
    if message.file is None:
        raise SourceRefused(GONE)
    return message.file
