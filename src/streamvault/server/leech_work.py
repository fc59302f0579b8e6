"""What a worker does for one leech job: from its source, put in order, through memory to its messages."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from streamvault.leech.appearance import is_looked_into
from streamvault.leech.disk import LeechDisk
from streamvault.leech.file_names import posted_name
from streamvault.leech.held import HeldJob
from streamvault.leech.model import State, Transfer
from streamvault.leech.mp4.source import NOTE, FaststartSource
from streamvault.leech.packing.source import ZipSource
from streamvault.leech.ports import Uploads
from streamvault.leech.posting import Looking as Look
from streamvault.leech.posting import Poster, ReadFiles
from streamvault.leech.queue import Queue
from streamvault.leech.seen import SeenSource
from streamvault.leech.sources.base import Source
from streamvault.leech.sources.choice import source_of
from streamvault.leech.sources.http.client import Client
from streamvault.leech.transfer import Recorder, TransferRun
from streamvault.leech.unpacking.work import UnpackWork
from streamvault.leech.ytdlp.naming import beside_name
from streamvault.leech.ytdlp.program import Ytdlp
from streamvault.leech.ytdlp.work import Picture, Side, YtdlpWork
from streamvault.media.types import type_of
from streamvault.reading.sandbox.again import Run
from streamvault.server.leech_looking import Looking, Pictured

TOOLS_FOLDER = "tools"
"""In DATA_DIR/leech: the programs that children may start."""
DELETED_AT_ONCE = 100
"""Messages, as many as Telegram deletes by one request."""
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
        self._unpack = UnpackWork(sites.disk, queue, self._send_file, self._discard, sites.space, sites.most)

    async def __call__(self, held: HeldJob) -> None:
        address = self._queue.address(held.job)
        if held.job.options.ytdlp:
            await self._ytdlp(held, address)
        elif held.job.options.unzip:
            await self._unpack(held, source_of(self._client, address))
        else:
            await self._send(held, source_of(self._client, address))

    async def _send(self, held: HeldJob, source: Source, picture: Picture | None = None) -> None:
        """See ytdlp.work.Send."""
        options = held.job.options
        whole = ZipSource(source, options.name) if options.zip else source
        await held.store(await self._send_file(held, whole, held.job.transfer, held, picture))

    async def _send_file(
        self, held: HeldJob, source: Source, transfer: Transfer, recorder: Recorder, picture: Picture | None = None
    ) -> Transfer:
        """See unpacking.work.SendFile."""
        job, as_document = held.job, held.job.options.as_document
        seen = SeenSource(source if as_document else FaststartSource(source), is_looked_into)
        look: Look | None = None if as_document else Looking(seen, self._run)
        if look is not None and picture is not None and self._run is not None:
            look = Pictured(look, self._run, picture)
        poster = Poster(self._uploads, job, read=self._read, new_file_id=_new_file_id, look=look, caption=self._caption)
        held.state = State.TRANSFERRING

        def notes() -> tuple[str, ...]:
            return tuple(note for note in (poster.note, seen.state.get(NOTE, "")) if note)

        run = TransferRun(
            seen, self._uploads, transfer, recorder=recorder, post=poster, discard=partial(self._discard, held),
            new_file_id=_new_file_id, notes=notes,
        )  # fmt: skip
        sent = await run.run()
        held.state = State.JOINING
        return await poster.list_pieces(sent)

    async def _discard(self, held: HeldJob, ids: Sequence[int]) -> None:
        """See unpacking.work.Discard."""
        for at in range(0, len(ids), DELETED_AT_ONCE):
            await self._uploads.delete(held.job.chat_id, ids[at : at + DELETED_AT_ONCE])

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
            name = beside_name(posted_name(transfer.described.name, job.options.wished_name), side.beside)
            await poster.post_beside(transfer, mark, name, side.data, mime_type=type_of(name))
            await held.store(replace(transfer, source={**transfer.source, _BESIDE: [*posted, mark]}))


def _new_file_id() -> int:
    return secrets.randbits(63)
