"""Several files of one job, posted one after the other, each once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from streamvault.errors import SourceRefused
from streamvault.leech.held import HeldJob
from streamvault.leech.model import TORRENT, Described, Transfer
from streamvault.leech.sources.base import Source
from streamvault.leech.transfer import Recorder
from streamvault.leech.unpacking import progress as recorded
from streamvault.leech.unpacking.choosing import Contents
from streamvault.leech.unpacking.model import Damaged, Member
from streamvault.leech.unpacking.progress import Progress

SendFile = Callable[[HeldJob, Source, Transfer, Recorder], Awaitable[Transfer]]
"""Posts the file of a source and lists its pieces, as far as a transfer has not got; the transfer in the end."""
Discard = Callable[[HeldJob, Sequence[int]], Awaitable[None]]
"""Deletes messages of a job."""


@dataclass(frozen=True, slots=True)
class Several:
    """The files of a job; begin it before anything else."""

    held: HeldJob
    send: SendFile
    discard: Discard

    @property
    def done(self) -> int:
        """How many files are posted, or cannot be read."""
        return self._progress.done

    async def begin(self, described: Described, digest: str, *, need: int) -> None:
        """Go on where files of the same `digest` were begun; what was posted of others is deleted. `need`: bytes that
        the job needs on the disk.
        """
        known = Progress.of(self.held.job.transfer)
        if known is not None and known.digest == digest:
            return
        await self.discard(self.held, _messages(self.held.job.transfer))
        begun = recorded.begun(described, digest, need=need)
        kept = {name: value for name, value in self.held.job.transfer.source.items() if name == TORRENT}
        await self.held.store(replace(begun, source={**begun.source, **kept}))

    async def post(self, source: Source, described: Described, member: Member) -> None:
        """The next file. Raises what sending does."""
        progress = self._progress
        transfer = recorded.member_transfer(self.held.job.transfer, progress, described)
        recorder = _MemberRecorder(self.held, progress)
        try:
            sent = await self.send(self.held, source, transfer, recorder)
        except Damaged:
            pieces = self.held.job.transfer.pieces[progress.pieces :]
            await self.discard(self.held, _messages(replace(self.held.job.transfer, pieces=pieces)))
            await self.held.store(recorded.after_damaged(self.held.job.transfer, progress, member))
            return
        await recorder.store(sent)
        await self.held.store(recorded.after_member(self.held.job.transfer, progress, member, sent.notes))

    async def end(self, contents: Contents, what: str) -> None:
        """All of them are posted. Raises SourceRefused where none could be read; `what` they are of."""
        transfer, progress = self.held.job.transfer, self._progress
        if not transfer.pieces:
            raise SourceRefused(f"none of the {len(progress.damaged):,} files in this {what} can be read")
        await self.held.store(recorded.complete(transfer, progress, contents))

    @property
    def _progress(self) -> Progress:
        progress = Progress.of(self.held.job.transfer)
        assert progress is not None
        return progress


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


def _messages(transfer: Transfer) -> list[int]:
    return [piece.message_id for piece in transfer.pieces if piece.message_id is not None]
