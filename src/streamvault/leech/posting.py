"""The messages of a job: one for each piece, and a manifest beside several. Each is sent once, whoever tries again.

Telegram sends a message once for each Post.key, so a key names the job and the upload (see Uploads.post).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from streamvault.errors import SourceFailed
from streamvault.leech.appearance import DOCUMENT, Appearance
from streamvault.leech.file_names import LONGEST, ending, piece_name, posted_name, shortened
from streamvault.leech.model import Described, Job, Transfer
from streamvault.leech.ports import Uploads
from streamvault.leech.transfer import Finished
from streamvault.media.caption_templates import filled, readable_duration, readable_size
from streamvault.media.manifest import SUFFIX, ListedPart, Manifest, write_manifest
from streamvault.media.model import MediaFile
from streamvault.media.uploads import PART, Photo, Post

MANIFEST = "manifest"
"""Where Transfer.source holds the id of the manifest's message."""

Looking = Callable[[Described, Finished], Awaitable[Appearance]]
"""How a file in one message is to be posted."""
ReadFiles = Callable[[int, Sequence[int]], Awaitable[Mapping[int, MediaFile]]]
"""The files that messages of a chat hold now, by message id."""


class Poster:
    """Posts the messages of one job; a transfer.Posting. `new_file_id`: ids of uploads. `look`: None to post documents;
    `caption`: see media.caption_templates.

    `note`: what is said of how the file was posted, "" for nothing.
    """

    def __init__(
        self, uploads: Uploads, job: Job, *, read: ReadFiles, new_file_id: Callable[[], int], look: Looking | None,
        caption: str,
    ) -> None:  # fmt: skip
        self.note = ""
        self._look = look
        self._caption = caption
        self._uploads = uploads
        self._job = job
        self._read = read
        self._new_file_id = new_file_id

    async def __call__(self, described: Described, finished: Finished) -> int:
        """See transfer.Posting."""
        job, piece = self._job, finished.piece
        name = posted_name(described.name, job.options.wished_name)
        alone = finished.last and finished.number == 0
        looks = await self._look(described, finished) if alone and self._look is not None else DOCUMENT
        self.note = looks.note
        mime_type = (looks.mime_type or described.mime_type) if alone else "application/octet-stream"
        post = Post(
            chat_id=job.chat_id,
            key=f"{job.id}/{piece.file_id}",
            file_id=piece.file_id,
            parts=finished.parts,
            big=finished.big,
            name=name if alone else piece_name(name, finished.number),
            size=piece.size or 0,
            mime_type=mime_type,
            caption=self._captioned(described, name, looks) if looks.caption is None else looks.caption,
            shown_as=looks.shown_as,
            thumb=looks.thumb,
            since=piece.sent or 0.0,
            original=looks.original,
        )
        return await self._uploads.post(post)

    def _captioned(self, described: Described, name: str, looks: Appearance) -> str:
        """The same for all messages of a file."""
        duration = None if looks.shown_as is None or isinstance(looks.shown_as, Photo) else looks.shown_as.duration
        values = {
            "name": name,
            "title": name.removesuffix(ending(name)),
            "size": "" if described.size is None else readable_size(described.size),
            "duration": readable_duration(duration),
            "source": urlsplit(self._job.source).hostname or "",
        }
        return filled(self._caption, values)

    async def list_pieces(self, transfer: Transfer) -> Transfer:
        """Post the manifest of a file in several pieces, unless it is posted; the transfer with its message.

        Raises SourceFailed when a piece was deleted meanwhile, and as Uploads.
        """
        if len(transfer.pieces) < 2 or transfer.described is None or MANIFEST in transfer.source:
            return transfer
        name = posted_name(transfer.described.name, self._job.options.wished_name)
        data = write_manifest(await self._manifest(name, transfer))
        beside = shortened(name, LONGEST - len(SUFFIX)) + SUFFIX
        message_id = await self.post_beside(transfer, MANIFEST, beside, data, mime_type="application/json")
        return replace(transfer, source={**transfer.source, MANIFEST: message_id})

    async def post_beside(self, transfer: Transfer, mark: str, name: str, data: bytes, *, mime_type: str) -> int:
        """Post a small file that belongs to the one of a complete transfer, once for each `mark`; its message. Raises
        as Uploads.
        """
        file_id, parts = self._new_file_id(), -(-len(data) // PART)
        for number in range(parts):
            part = data[number * PART : (number + 1) * PART]
            await self._uploads.save(file_id, number, part, total=parts, big=False)
        post = Post(
            chat_id=self._job.chat_id,
            key=f"{self._job.id}/{transfer.pieces[0].file_id}/{mark}",
            file_id=file_id,
            parts=parts,
            big=False,
            name=name,
            size=len(data),
            mime_type=mime_type,
        )
        return await self._uploads.post(post)

    async def _manifest(self, name: str, transfer: Transfer) -> Manifest:
        ids = [piece.message_id for piece in transfer.pieces if piece.message_id is not None]
        files = await self._read(self._job.chat_id, ids)
        if len(files) < len(ids):
            raise SourceFailed("a message of this file was deleted while the others were posted")
        parts = tuple(ListedPart(id, files[id].size, files[id].key.file_unique_id) for id in ids)
        return Manifest(name, sum(part.size for part in parts), parts)
