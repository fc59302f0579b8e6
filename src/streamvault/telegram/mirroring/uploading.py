"""The bytes of files uploaded again, for sources that may not be copied from."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import replace
from typing import Any

from pyrogram import raw

from streamvault.errors import FileGone, FileMissing, PartsLost, SourceError
from streamvault.leech.mirror.model import Upload
from streamvault.leech.mirror.ports import CopyRefused, Progress
from streamvault.leech.mirror.posts import TOO_LARGE, Seen
from streamvault.media.model import MediaFile
from streamvault.media.uploads import PART, SMALL_FILE
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.files.posting import fits
from streamvault.telegram.files.upload import AccountUploads
from streamvault.telegram.files.upload_refusals import refused

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Parts on their way, so that so many are in memory."""
RECORDED = 16
"""Parts after which it is recorded how far an upload is: 8 MiB."""
TRIES = 3
"""How often a file is uploaded whose parts Telegram loses."""

ReadPart = Callable[[MediaFile, int], Awaitable[bytes]]
"""Up to PART bytes of a file from an offset on, a multiple of PART; raises as reading.source.ChunkSource."""
ReadThumb = Callable[[MediaFile], Awaitable[bytes]]
"""The thumbnail of a file; raises as reading.source.ThumbnailSource."""


class Uploading:
    """Uploads files of messages as one account."""

    def __init__(self, account: Account, *, read: ReadPart, read_thumb: ReadThumb) -> None:
        self._account = account
        self._uploads = AccountUploads(account)
        self._read, self._read_thumb = read, read_thumb

    async def stored(self, peer: Any, post: Seen, progress: Progress | None = None) -> Any:
        """The raw Document or Photo of a new file with the bytes of the message's. What `progress` says that Telegram
        has is not sent again, unless Telegram has forgotten it. Raises CopyRefused, SourceError.
        """
        file = post.file
        if file is None:
            raise CopyRefused("there is no file to upload again")
        if file.size > (await self._uploads.limits()).piece:
            raise CopyRefused(TOO_LARGE)
        known = progress.upload_of(post.id) if progress is not None else None
        for _ in range(TRIES):
            if known is None or known.file != file.key.file_unique_id:
                known = Upload(post.id, file.key.file_unique_id, secrets.randbits(63))
            try:
                return await self._upload(peer, post, file, known, progress)
            except FileGone as error:
                raise CopyRefused("its file was deleted while it was copied") from error
            except PartsLost as error:
                log.info("the upload of message %d begins anew: %s", post.id, error)
                known = None
        raise CopyRefused("Telegram keeps losing the parts of its file")

    async def _upload(self, peer: Any, post: Seen, file: MediaFile, upload: Upload, progress: Progress | None) -> Any:
        found = message_media.raw_media(post.raw)
        file_id, total, big = upload.file_id, -(-file.size // PART), file.size > SMALL_FILE
        await self._send_parts(file, upload, progress, total=total, big=big)
        name = file.sent.name if file.sent else file.name
        kind = raw.types.InputFileBig if big else raw.types.InputFile
        extra = {} if big else {"md5_checksum": ""}
        media = await self._media(kind(id=file_id, parts=total, name=name, **extra), found, file)
        try:
            answer = await self._account.call(raw.functions.messages.UploadMedia(peer=peer, media=media))
        except SourceError as error:
            meaning = refused(error)
            raise (meaning if isinstance(meaning, PartsLost) else error) from error
        return answer.photo if isinstance(answer, raw.types.MessageMediaPhoto) else answer.document

    async def _send_parts(
        self, file: MediaFile, upload: Upload, progress: Progress | None, *, total: int, big: bool
    ) -> None:
        """Send the parts that Telegram may lack, and record how far that is."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def send(part: int) -> None:
            async with limit:
                data = await self._read(file, part * PART)
                await self._uploads.save(upload.file_id, part, data, total=total, big=big)

        for first in range(upload.parts, total, RECORDED):
            if progress is not None and big:
                await progress.note(replace(upload, parts=first))
            await _all(send(part) for part in range(first, min(first + RECORDED, total)))
        if progress is not None and big:
            await progress.note(replace(upload, parts=total))

    async def _media(self, uploaded: Any, found: Any, file: MediaFile) -> Any:
        if isinstance(found, raw.types.Photo):
            return raw.types.InputMediaUploadedPhoto(file=uploaded)
        kinds = {type(attribute) for attribute in found.attributes}
        plain = not kinds - {raw.types.DocumentAttributeFilename, raw.types.DocumentAttributeImageSize}
        return raw.types.InputMediaUploadedDocument(
            file=uploaded,
            mime_type=found.mime_type,
            attributes=found.attributes,
            thumb=await self._thumb(file),
            nosound_video=(raw.types.DocumentAttributeAnimated not in kinds) or None,
            force_file=plain or None,
        )

    async def _thumb(self, file: MediaFile) -> Any:
        if not file.thumb_sizes:
            return None
        try:
            data = await self._read_thumb(file)
        except (SourceError, FileMissing) as error:
            log.debug("a thumbnail is left out: %s", error)
            return None
        if not fits(data):
            return None
        file_id = secrets.randbits(63)
        await self._uploads.save(file_id, 0, data, total=1, big=False)
        return raw.types.InputFile(id=file_id, parts=1, name="thumb.jpg", md5_checksum="")


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all of it at once; the first error ends the rest."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
