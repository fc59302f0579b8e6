"""What a worker does for one leech job: from its source, put in order, through memory to its messages."""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from streamvault.catalog.base import Catalog
from streamvault.database import Database
from streamvault.errors import CatalogError, FileMissing, SourceError, SourceRefused
from streamvault.leech.addresses import NO_TORRENTS
from streamvault.leech.appearance import is_looked_into
from streamvault.leech.disk import LeechDisk
from streamvault.leech.file_names import posted_name
from streamvault.leech.held import HeldJob
from streamvault.leech.message_links import is_telegram
from streamvault.leech.messages.ports import Files
from streamvault.leech.messages.work import MessagesWork, Telegram
from streamvault.leech.model import TORRENT, State, Transfer
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
from streamvault.leech.torrents.handing_over import IsTorrent, TorrentsApart
from streamvault.leech.torrents.lookups import Lookups
from streamvault.leech.torrents.process import Torrents
from streamvault.leech.torrents.work import TorrentWork
from streamvault.leech.traffic import Traffic
from streamvault.leech.transfer import Recorder, TransferRun
from streamvault.leech.unpacking.work import UnpackWork
from streamvault.leech.ytdlp.naming import beside_name
from streamvault.leech.ytdlp.program import Ytdlp
from streamvault.leech.ytdlp.work import Picture, Side, YtdlpWork
from streamvault.media.model import MediaFile
from streamvault.media.types import type_of
from streamvault.metrics import Metrics
from streamvault.reading.sandbox.again import Run
from streamvault.server.leech_looking import Looking, Pictured
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.source import TelegramSource
from streamvault.telegram.files.upload import AccountUploads
from streamvault.telegram.history.linked import AccountLinks
from streamvault.telegram.history.messages import TelegramMessages

log = logging.getLogger(__name__)

TOOLS_FOLDER = "tools"
"""In DATA_DIR/leech: the programs that children may start."""
DELETED_AT_ONCE = 100
"""Messages, as many as Telegram deletes by one request."""
_BESIDE = "beside"
"""Where Transfer.source holds which subtitles are posted."""


@dataclass(frozen=True, slots=True)
class Sites:
    """What jobs need that yt-dlp or libtorrent work for; see YtdlpWork, TorrentWork. `torrents`: None where none are
    taken.
    """

    ytdlp: Ytdlp
    torrents: tuple[Torrents, Lookups] | None
    disk: LeechDisk
    space: int
    most: int


class Work:
    """A leech.worker.Work. `run`: Sandbox.run, None where films cannot be looked into; `caption`: its template."""

    def __init__(
        self, queue: Queue, client: Client, uploads: Uploads, read: ReadFiles, run: Run | None, sites: Sites,
        telegram: Telegram, *, caption: str,
    ) -> None:  # fmt: skip
        self._queue, self._client, self._uploads, self._read, self._run = queue, client, uploads, read, run
        self._caption = caption
        self._ytdlp = YtdlpWork(
            sites.ytdlp, client, sites.disk, queue, self._send, self._send_beside, space=sites.space, most=sites.most
        )
        self._unpack = UnpackWork(sites.disk, queue, self._send_file, self._discard, sites.space, sites.most)
        self._torrents = self._torrent_work(sites)
        self._messages = MessagesWork(telegram, queue, self._send_as_it_is, most=sites.most)

    async def __call__(self, held: HeldJob) -> None:
        address = self._queue.address(held.job)
        if held.job.options.ytdlp:
            await self._ytdlp(held, address)
        elif is_telegram(address):
            await self._messages(held, address)
        elif held.job.is_torrent:
            await self._torrent(held, address)
        elif held.job.options.unzip:
            await self._unpack(held, source_of(self._client, address))
        elif self._torrents is None or held.job.options.zip:
            await self._send(held, source_of(self._client, address))
        else:
            await self._send_or_hand_over(held, address)

    async def _send_or_hand_over(self, held: HeldJob, address: str) -> None:
        """A file, or what is in it where it is a torrent."""
        source = TorrentsApart(
            source_of(self._client, address), choosing=bool(held.job.options.select or held.job.options.choose)
        )
        try:
            await self._send(held, source)
        except IsTorrent as found:
            await held.store(Transfer(source={TORRENT: True}))
            await self._torrent(held, address, found.data)

    async def _torrent(self, held: HeldJob, address: str, given: bytes | None = None) -> None:
        if self._torrents is None:
            raise SourceRefused(NO_TORRENTS)
        held.state = State.READING
        await self._torrents(held, address, given)

    def _torrent_work(self, sites: Sites) -> TorrentWork | None:
        if sites.torrents is None:
            return None
        torrents, lookups = sites.torrents
        return TorrentWork(
            torrents, lookups, sites.disk, self._queue, self._send_file, self._discard,
            partial(source_of, self._client), sites.space, sites.most,
        )  # fmt: skip

    async def _send(self, held: HeldJob, source: Source, picture: Picture | None = None) -> None:
        """See ytdlp.work.Send."""
        options = held.job.options
        whole = ZipSource(source, options.name) if options.zip else source
        await held.store(await self._send_file(held, whole, held.job.transfer, held, picture))

    async def _send_file(
        self, held: HeldJob, source: Source, transfer: Transfer, recorder: Recorder, picture: Picture | None = None
    ) -> Transfer:
        """See unpacking.several.SendFile."""
        as_document = held.job.options.as_document
        seen = SeenSource(source if as_document else FaststartSource(source), is_looked_into)
        look: Look | None = None if as_document else Looking(seen, self._run)
        if look is not None and picture is not None and self._run is not None:
            look = Pictured(look, self._run, picture)
        return await self._transfer(held, seen, look, transfer, recorder, note=lambda: seen.state.get(NOTE, ""))

    async def _send_as_it_is(self, held: HeldJob, source: Source, look: Look) -> None:
        """See messages.work.Send."""
        await held.store(await self._transfer(held, source, look, held.job.transfer, held, note=str))

    async def _transfer(
        self, held: HeldJob, source: Source, look: Look | None, transfer: Transfer, recorder: Recorder, *,
        note: Callable[[], str],
    ) -> Transfer:  # fmt: skip
        poster = Poster(
            self._uploads, held.job, read=self._read, new_file_id=_new_file_id, look=look, caption=self._caption
        )
        held.state = State.TRANSFERRING

        def notes() -> tuple[str, ...]:
            return tuple(one for one in (poster.note, note()) if one)

        run = TransferRun(
            source, self._uploads, transfer, recorder=recorder, post=poster, discard=partial(self._discard, held),
            new_file_id=_new_file_id, notes=notes,
        )  # fmt: skip
        sent = await run.run()
        held.state = State.JOINING
        return await poster.list_pieces(sent)

    async def _discard(self, held: HeldJob, ids: Sequence[int]) -> None:
        """See unpacking.several.Discard."""
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


class CountedFiles:
    """Implements leech.messages.ports.Files; `count` is called with how many bytes of files came."""

    def __init__(self, files: Files, count: Callable[[int], None]) -> None:
        self._files, self._count = files, count

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        """See Files."""
        data = await self._files.fetch(file, offset, limit)
        self._count(len(data))
        return data

    async def thumbnail(self, file: MediaFile) -> bytes:
        """See Files."""
        return await self._files.thumbnail(file)


def telegram_of(
    settings: Settings, database: Database, accounts: AccountPool, uploads: AccountUploads, metrics: Metrics,
    traffic: Traffic,
) -> Telegram:  # fmt: skip
    """What is needed of Telegram for messages as sources, while the bot is connected."""
    messages, owners = TelegramMessages(accounts), settings.owner_ids
    return Telegram(
        AccountLinks(accounts.main),
        uploads,
        CountedFiles(TelegramSource(accounts, metrics), traffic.downloaded),
        partial(_known_message, database.catalog, messages),
        lambda person: person is None or person in owners,
    )


async def _known_message(catalog: Catalog, messages: TelegramMessages, chat_id: int, file: MediaFile) -> int | None:
    """The message of a chat that holds a file by the catalog, and still does; None also while that is not known."""
    try:
        origins = await catalog.origins(file.key.file_unique_id)
        ids = [origin.message_id for origin in origins if origin.chat_id == chat_id]
        held = await messages.read(chat_id, ids) if ids else {}
    except (CatalogError, SourceError, FileMissing) as error:
        log.debug("whether a file is in chat %d already is not known: %s", chat_id, error)
        return None
    return next((id for id in ids if id in held and held[id].key == file.key), None)


def _new_file_id() -> int:
    return secrets.randbits(63)
