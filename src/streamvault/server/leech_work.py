"""What a worker does for one leech job: from its source, put in order, through memory to its messages."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from streamvault.leech.appearance import is_looked_into
from streamvault.leech.disk import LeechDisk
from streamvault.leech.file_names import posted_name
from streamvault.leech.held import HeldJob
from streamvault.leech.model import State
from streamvault.leech.mp4.source import NOTE, FaststartSource
from streamvault.leech.ports import Uploads
from streamvault.leech.posting import Poster, ReadFiles
from streamvault.leech.queue import Queue
from streamvault.leech.seen import SeenSource
from streamvault.leech.sources.base import Source
from streamvault.leech.sources.choice import source_of
from streamvault.leech.sources.http.client import Client
from streamvault.leech.transfer import TransferRun
from streamvault.leech.ytdlp.naming import beside_name
from streamvault.leech.ytdlp.program import Ytdlp
from streamvault.leech.ytdlp.work import Side, YtdlpWork
from streamvault.media.types import type_of
from streamvault.reading.sandbox.again import Run
from streamvault.server.leech_looking import Looking

TOOLS_FOLDER = "tools"
"""In DATA_DIR/leech: the programs that children may start."""
_BESIDE = "beside"
"""Where Transfer.source holds which subtitles are posted."""


@dataclass(frozen=True, slots=True)
class Sites:
    """What jobs need that yt-dlp works for; see YtdlpWork."""

    ytdlp: Ytdlp
    disk: LeechDisk
    space: int
    most: int


class Work:
    """A leech.worker.Work. `run`: Sandbox.run, None where films cannot be looked into; `caption`: its template."""

    def __init__(
        self, queue: Queue, client: Client, uploads: Uploads, read: ReadFiles, run: Run | None, sites: Sites, *,
        caption: str,
    ) -> None:  # fmt: skip
        self._queue, self._client, self._uploads, self._read, self._run = queue, client, uploads, read, run
        self._caption = caption
        self._ytdlp = YtdlpWork(
            sites.ytdlp, client, sites.disk, queue, self._send, self._send_beside, space=sites.space, most=sites.most
        )

    async def __call__(self, held: HeldJob) -> None:
        address = self._queue.address(held.job)
        if held.job.options.ytdlp:
            await self._ytdlp(held, address)
        else:
            await self._send(held, source_of(self._client, address))

    async def _send(self, held: HeldJob, source: Source) -> None:
        """See ytdlp.work.Send."""
        job, uploads, as_document = held.job, self._uploads, held.job.options.as_document
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

    async def _send_beside(self, held: HeldJob, sides: Sequence[Side]) -> None:
        """See ytdlp.work.SendBeside."""
        job = held.job
        poster = Poster(self._uploads, job, read=self._read, new_file_id=_new_file_id, look=None, caption=self._caption)
        for side in sides:
            transfer = held.job.transfer
            posted = transfer.source.get(_BESIDE, [])
            mark = f"{side.beside.language}.{side.beside.ext}"
            if transfer.described is None or mark in posted:
                continue
            name = beside_name(posted_name(transfer.described.name, job.options.name), side.beside)
            await poster.post_beside(transfer, mark, name, side.data, mime_type=type_of(name))
            await held.store(replace(transfer, source={**transfer.source, _BESIDE: [*posted, mark]}))


def _new_file_id() -> int:
    return secrets.randbits(63)
