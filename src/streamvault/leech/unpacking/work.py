"""What is done for a job whose file is to be unpacked, from its source to the messages of the files in it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from streamvault.errors import SourceRefused
from streamvault.leech.disk import LeechDisk
from streamvault.leech.held import HeldJob
from streamvault.leech.kept_rooms import kept_room
from streamvault.leech.model import Described, Transfer
from streamvault.leech.queue import Queue
from streamvault.leech.sources.base import Source
from streamvault.leech.transfer import Recorder
from streamvault.leech.unpacking import progress as recorded
from streamvault.leech.unpacking.choosing import Contents, contents_of
from streamvault.leech.unpacking.fetching import SPARE, ArchiveFetching, Fetched
from streamvault.leech.unpacking.model import Damaged, Member
from streamvault.leech.unpacking.progress import Progress
from streamvault.leech.unpacking.reading import ArchiveFile, MemberSource

MOST = 64 << 30
"""Bytes of all files in an archive where no setting says it."""

SendFile = Callable[[HeldJob, Source, Transfer, Recorder], Awaitable[Transfer]]
"""Posts the file of a source and lists its pieces, as far as a transfer has not got; the transfer in the end."""
Discard = Callable[[HeldJob, Sequence[int]], Awaitable[None]]
"""Deletes messages of a job."""


@dataclass(frozen=True, slots=True)
class UnpackWork:
    """`space`: bytes that the disk may hold; `most`: of all files in an archive, 0 for MOST."""

    disk: LeechDisk
    queue: Queue
    send: SendFile
    discard: Discard
    space: int
    most: int = 0

    async def __call__(self, held: HeldJob, source: Source) -> None:
        """Raises LeechError, SourceError, LeaseLost."""
        async with kept_room(self.disk, self.queue, held, SPARE, most=self.space) as room:
            held.doing = "fetching the archive"
            fetching = ArchiveFetching(source, room, self.space, lambda done, total: _note(held, done, total))
            fetched = await fetching.run()
            held.doing = "reading the archive"
            archive = ArchiveFile(fetched.path, fetched.kind, fetched.size, most=self.most or MOST)
            entries = await archive.entries()
            contents = contents_of(entries, fetched.kind, fetched.size, most=self.most or MOST)
            held.doing = None
            await self._begin(held, fetched, contents)
            for member in contents.members[_progress(held).done :]:
                await self._post(held, archive, member)
            await self._end(held, contents)

    async def _begin(self, held: HeldJob, fetched: Fetched, contents: Contents) -> None:
        """Go on where the same archive was begun; what was posted of another one is deleted."""
        known = Progress.of(held.job.transfer)
        if known is not None and known.digest == fetched.digest:
            return
        await self.discard(held, _messages(held.job.transfer))
        described = Described(fetched.described.name, contents.size)
        await held.store(recorded.begun(described, fetched.digest, need=fetched.size + SPARE))

    async def _post(self, held: HeldJob, archive: ArchiveFile, member: Member) -> None:
        progress, source = _progress(held), MemberSource(archive, member)
        transfer = recorded.member_transfer(held.job.transfer, progress, source.described)
        recorder = _MemberRecorder(held, progress)
        try:
            sent = await self.send(held, source, transfer, recorder)
        except Damaged:
            pieces = held.job.transfer.pieces[progress.pieces :]
            await self.discard(held, _messages(replace(held.job.transfer, pieces=pieces)))
            await held.store(recorded.after_damaged(held.job.transfer, progress, member))
            return
        await recorder.store(sent)
        await held.store(recorded.after_member(held.job.transfer, progress, member, sent.notes))

    async def _end(self, held: HeldJob, contents: Contents) -> None:
        transfer, progress = held.job.transfer, _progress(held)
        if not transfer.pieces:
            raise SourceRefused(f"none of the {len(progress.damaged):,} files in this archive can be read")
        await held.store(recorded.complete(transfer, progress, contents))


class _MemberRecorder:
    """A transfer.Recorder of one file among several."""

    def __init__(self, held: HeldJob, progress: Progress) -> None:
        self._held, self._progress = held, progress

    async def store(self, transfer: Transfer) -> None:
        """See Recorder."""
        await self._held.store(self._whole(transfer))

    def note(self, transfer: Transfer) -> None:
        """See Recorder."""
        self._held.note(self._whole(transfer))

    def _whole(self, transfer: Transfer) -> Transfer:
        return recorded.whole_transfer(self._held.job.transfer, self._progress, transfer)


def _progress(held: HeldJob) -> Progress:
    progress = Progress.of(held.job.transfer)
    assert progress is not None
    return progress


def _messages(transfer: Transfer) -> list[int]:
    return [piece.message_id for piece in transfer.pieces if piece.message_id is not None]


def _note(held: HeldJob, done: int, total: int | None) -> None:
    """Show how much of the archive is fetched; nothing of it is with Telegram yet."""
    of = "" if total is None else f" of {total >> 20:,}"
    held.doing = f"fetching the archive: {done >> 20:,}{of} MiB"
