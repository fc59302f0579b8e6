"""What a worker does for one leech job: from its source, put in order, through memory to its messages."""

import secrets
from collections.abc import Sequence

from streamvault.leech.appearance import is_looked_into
from streamvault.leech.held import HeldJob
from streamvault.leech.model import State
from streamvault.leech.mp4.source import NOTE, FaststartSource
from streamvault.leech.ports import Uploads
from streamvault.leech.posting import Poster, ReadFiles
from streamvault.leech.queue import Queue
from streamvault.leech.seen import SeenSource
from streamvault.leech.sources.choice import source_of
from streamvault.leech.sources.http.client import Client
from streamvault.leech.transfer import TransferRun
from streamvault.reading.sandbox.again import Run
from streamvault.server.leech_looking import Looking


class Work:
    """A leech.worker.Work. `run`: Sandbox.run, None where films cannot be looked into; `caption`: its template."""

    def __init__(
        self, queue: Queue, client: Client, uploads: Uploads, read: ReadFiles, run: Run | None, *, caption: str
    ) -> None:
        self._queue, self._client, self._uploads, self._read, self._run = queue, client, uploads, read, run
        self._caption = caption

    async def __call__(self, held: HeldJob) -> None:
        job, uploads, as_document = held.job, self._uploads, held.job.options.as_document
        source = source_of(self._client, self._queue.address(job))
        seen = SeenSource(source if as_document else FaststartSource(source), is_looked_into)
        look = None if as_document else Looking(seen, self._run)
        poster = Poster(uploads, job, read=self._read, new_file_id=_new_file_id, look=look, caption=self._caption)
        held.state = State.TRANSFERRING

        async def discard(ids: Sequence[int]) -> None:
            await uploads.delete(job.chat_id, ids)

        def notes() -> tuple[str, ...]:
            return tuple(note for note in (poster.note, seen.state.get(NOTE, "")) if note)

        run = TransferRun(
            seen, uploads, job.transfer, recorder=held, post=poster, discard=discard, new_file_id=_new_file_id,
            notes=notes,
        )  # fmt: skip
        transfer = await run.run()
        held.state = State.JOINING
        await held.store(await poster.list_pieces(transfer))


def _new_file_id() -> int:
    return secrets.randbits(63)
