"""The mirrors of a server: it runs them itself, as the updates of their sources come to it, and its bot copies.

A process of its own, like the leech worker's, would need a bot of its own in every source and target, and would learn
of posts, edits and deletions from nobody. Several servers share the work by leases: each mirror has one worker.
"""

import os
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamvault.access.service import Access
from streamvault.access.store.base import AccessRecords
from streamvault.errors import FileMissing, SourceRefused, SourceUnavailable
from streamvault.indexing.finder import FileFinder
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.live import LiveIndex
from streamvault.leech.mirror.asking import RequestsWorker
from streamvault.leech.mirror.desk import MirrorDesk
from streamvault.leech.mirror.model import Mirror
from streamvault.leech.mirror.ports import FoundChannel
from streamvault.leech.mirror.store.base import MirrorStore
from streamvault.leech.mirror.worker import Hooks, Mirrors
from streamvault.media.byterange import ByteRange
from streamvault.media.cells import cells_of
from streamvault.media.model import MediaFile, Origin
from streamvault.media.uploads import PART
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.lanes import Lane
from streamvault.server.media import Media
from streamvault.server.mirror_requests import RecordedRequests
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.origins import Copies
from streamvault.telegram.history.source import TelegramHistory
from streamvault.telegram.mirroring.channels import TelegramChannels
from streamvault.telegram.mirroring.uploading import ReadPart

if TYPE_CHECKING:
    from streamvault.indexing.walks import Walks

NOT_SERVED = "This server does not serve {title}, because CHANNELS does not name it: name it there to have it mirrored."


@dataclass(frozen=True, slots=True)
class Mirroring:
    """`desk`: what people do; `worker`: what does the copying; `refresh` reads again which chats are targets."""

    desk: MirrorDesk
    worker: Mirrors
    store: MirrorStore
    finder: FileFinder
    catalog: JoiningCatalog

    async def refresh(self) -> None:
        """Tell the catalog and the set of our chats of the targets. Raises CatalogError."""
        self.know(await self.store.listed())

    def know(self, mirrors: Sequence[Mirror]) -> None:
        """The same of these, which are all."""
        targets = {one.target: one.source for one in mirrors}
        self.catalog.copied_from = targets
        self.finder.chats.set_targets(targets)


def copies_in(store: MirrorStore, catalog: JoiningCatalog, finder: FileFinder) -> Copies:
    """The copies of a message's file that are in the catalog, and in our chats."""

    async def copies(origin: Origin) -> Sequence[MediaFile]:
        found = []
        for where, _ in await store.copies_of(origin):
            if await finder.chats.holds(where.chat_id) and (file := await catalog.get(where)) is not None:
                found.append(file)
        return found

    return copies


def open_mirrors(
    settings: Settings, store: MirrorStore, accounts: AccountPool, history: TelegramHistory, media: Media,
    catalog: JoiningCatalog, finder: FileFinder, live: LiveIndex, walks: "Walks",
) -> Mirroring:  # fmt: skip
    """The mirrors over a store that need not be connected yet."""
    channels = TelegramChannels(
        accounts, history, gate=media.cells.lanes, read=_part_reader(media), read_thumb=media.source.thumbnail
    )

    async def is_last(file: MediaFile) -> bool:
        return not [one for one in await catalog.origins(file.key.file_unique_id) if one != file.origin]

    async def prepare(source: FoundChannel, target: FoundChannel) -> None:
        chats = finder.chats
        if not await chats.holds(source.chat_id):
            try:
                await walks.start(source.chat_id)
            except FileMissing as error:
                raise SourceRefused(NOT_SERVED.format(title=source.title)) from error
        if chats.learns:
            await chats.choose(target.chat_id, target.title)

    async def changed() -> None:
        await mirroring.refresh()
        worker.look()

    hooks = Hooks(on_copied=live.put_all, is_last=is_last, on_listed=lambda mirrors: mirroring.know(mirrors))
    worker = Mirrors(
        store, channels, name=_worker_name(settings), connected=lambda: _is_connected(accounts), hooks=hooks
    )
    desk = MirrorDesk(store, channels, prepare=prepare, on_change=changed, on_news=worker.wake)
    live.on_news, live.on_lost = desk.note, desk.missed
    mirroring = Mirroring(desk, worker, store, finder, catalog)
    return mirroring


def open_mirror_requests(
    desk: MirrorDesk, access: Access, records: AccessRecords, accounts: AccountPool
) -> RequestsWorker:
    """What answers to the leech bot's process; whether somebody is an owner is asked when a request is answered."""

    async def may(person: int) -> bool:
        return (await access.people.standing(person)).role == "owner"

    def note(mirror: Mirror, person: int) -> None:
        access.audit.note("mirrored", person=person, detail=mirror.summary, address="bot")

    return RequestsWorker(
        RecordedRequests(records), desk, may=may, on_made=note, connected=lambda: _is_connected(accounts)
    )


def _part_reader(media: Media) -> ReadPart:
    async def read(file: MediaFile, offset: int) -> bytes:
        stop = min(offset + PART, file.size)
        wanted = cells_of(ByteRange(offset, stop))
        return await read_whole_cells(media.cells, file, wanted, lane=Lane.LEECH, client="mirrors")

    return read


def _worker_name(settings: Settings) -> Callable[[], str]:
    """The name of this process's worker, which begins with the bot's id."""
    name = f"{settings.bot_id} {socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
    return lambda: name


def _is_connected(accounts: AccountPool) -> bool:
    try:
        return accounts.main.online
    except SourceUnavailable:
        return False
