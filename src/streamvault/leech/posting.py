"""The message of one piece: its name and what identifies it, however often it is sent."""

from streamvault.leech.file_names import piece_name, posted_name
from streamvault.leech.model import Described, Job
from streamvault.leech.ports import Uploads
from streamvault.leech.transfer import Finished
from streamvault.media.uploads import Post


class Poster:
    """Posts the pieces of one job; a transfer.Posting."""

    def __init__(self, uploads: Uploads, job: Job) -> None:
        self._uploads = uploads
        self._job = job

    async def __call__(self, described: Described, finished: Finished) -> int:
        """See transfer.Posting."""
        job, piece = self._job, finished.piece
        name = posted_name(described.name, job.options.name)
        alone = finished.last and finished.number == 0
        post = Post(
            chat_id=job.chat_id,
            key=f"{job.id}/{piece.file_id}",
            file_id=piece.file_id,
            parts=finished.parts,
            big=finished.big,
            name=name if alone else piece_name(name, finished.number),
            size=piece.size or 0,
            mime_type=described.mime_type if alone else "application/octet-stream",
            caption=name,
            since=piece.sent or 0.0,
        )
        return await self._uploads.post(post)
