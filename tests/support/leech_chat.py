"""The leech bot in its chats: a real account over the emulator, jobs in memory, the catalog in SQLite; no worker."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pyrogram import raw

from streamvault.access.identity import Person, Role
from streamvault.access.urls import Links
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError
from streamvault.indexing.chats import OurChats
from streamvault.leech.addresses import WITH_TORRENTS
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.model import Asked, Described, Job, Piece, State, Transfer
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from streamvault.metrics import Metrics
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.bot.leech.board import EDIT_SECONDS
from streamvault.telegram.bot.leech.bot import LeechBot
from streamvault.telegram.bot.leech.reading import read_document
from tests.support.asked_of_mirrors import MemoryRequests
from tests.support.feeds import MemoryFeeds, Scripted
from tests.support.job_store import MemoryJobs
from tests.support.mirror_memory import MemoryMirrors
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world, settings_for
from tests.support.waiting import until
from tgemulator.world.content import BytesContent
from tgemulator.world.drafts import Draft

TOKEN = "700000009:emulated-token-of-the-leech-bot"
FILM = "https://example.org/film.mkv"


@dataclass
class Desk:
    """`members` may leech; while it is `failing` nobody can be told."""

    members: set[int] = field(default_factory=set)
    failing: bool = False

    async def role_of(self, person: Person) -> Role:
        if self.failing:
            raise CatalogError("the database does not answer")
        return "member" if person.id in self.members else "none"


@dataclass
class Chat:
    """Everything around the leech bot. `now`: what its clock shows; `braked`: as Telegram brakes uploads."""

    telegram: EmulatedWorld
    leecher: Any
    settings: Settings
    catalog: SqliteCatalog
    jobs: MemoryJobs
    queue: Queue
    feed_store: MemoryFeeds = field(default_factory=MemoryFeeds)
    reader: Scripted = field(default_factory=Scripted)
    mirrors: MemoryMirrors = field(default_factory=MemoryMirrors)
    asked_of_mirrors: MemoryRequests = field(default_factory=MemoryRequests)
    desk: Desk = field(default_factory=Desk)
    links: Links | None = None
    now: float = 1000.0
    braked: float = 0.0
    noted: list[Job] = field(default_factory=list)
    bot: LeechBot = field(init=False)
    feeds: Feeds = field(init=False)
    accounts: AccountPool = field(init=False)
    _numbers: Any = field(default_factory=lambda: itertools.count(300))

    def __post_init__(self) -> None:
        self.feeds = Feeds(self.feed_store, Sealing(b"a secret of the tests"), self.reader)

    @property
    def world(self) -> Any:
        return self.telegram.emulator.world

    @property
    def owner(self) -> Any:
        return self.telegram.owner

    @property
    def target(self) -> int:
        """The channel that files go to."""
        return chat_id_of(self.telegram.vault)

    async def start(self) -> None:
        """A new process of the bot: it knows only what is stored."""
        self.accounts = AccountPool(self.settings, Metrics())

        settings = self.settings
        chats = OurChats(self.catalog, vault=settings.vault_channel, leech=settings.leech_channel)

        def target() -> int | None:
            named = settings.leech_target
            return chats.number_of(named) if isinstance(named, str) else named

        async def links(_: Job) -> Links | None:
            return self.links

        self.bot = LeechBot(
            self.queue, bot=self.leecher.id, target=target, chats=chats, owners=self.settings.owner_ids,
            desk=self.desk, marks=self.catalog, links=links, buttons=True,
            read=lambda document: read_document(self.accounts.main, document), schemes=WITH_TORRENTS,
            on_added=self.noted.append, feeds=self.feeds, clock=lambda: self.now,
            mirrors=self.mirrors.listed, asked=self.asked_of_mirrors,
        )  # fmt: skip
        self.accounts.prepare = self.bot.register
        await self.accounts.__aenter__()
        await self.bot.start(self.accounts.main.client, braked=lambda: self.braked)

    async def stop(self) -> None:
        """Without a last word, as a process that is killed."""
        await self.accounts.__aexit__(None, None, None)
        await self.bot.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def pass_time(self, seconds: float = EDIT_SECONDS) -> None:
        self.now += seconds

    def somebody(self, name: str = "Eve", *, may: bool = False) -> Any:
        user = self.world.add_user(f"+1555{next(self._numbers)}", first_name=name, home_dc=HOME_DC)
        if may:
            self.desk.members.add(user.id)
        return user

    def group(self, *members: Any) -> Any:
        """A group with the bot, the owner and these."""
        group = self.world.add_channel("Talk", creator=self.owner, megagroup=True)
        for one in (self.leecher, *members):
            self.world.add_member(group, one, admin=one is self.leecher)
        return group

    async def write(self, text: str = "", sender: Any = None, **message: Any) -> Any:
        """Somebody (the owner unless given) writes to the bot in private; the bot's copy of the message."""
        return await self.world.send_private(sender or self.owner, self.leecher, text=text, **message)

    def say(self, group: Any, text: str, *, sender: Any = None) -> Any:
        """Somebody (the owner unless given) writes in a group."""
        return self.world.post_drafts(group, [Draft(text=text)], sender=sender or self.owner)[0]

    def list_file(self, data: bytes, name: str = "list.txt", mime_type: str = "text/plain") -> Any:
        return self.telegram.emulator.files.add(BytesContent(data), dc_id=HOME_DC, name=name, mime_type=mime_type)

    def said(self, reader: Any = None) -> list[Any]:
        """What the bot has written in private to `reader` (the owner unless given), or in a group."""
        held = (reader or self.owner).messages if hasattr(reader, "messages") else self._box(reader or self.owner)
        return [one for one in held.values() if one.sender_id == self.leecher.id and not one.deleted]

    def _box(self, reader: Any) -> Any:
        return self.world.mailbox(reader.id).messages

    async def answer(self, number: int = 1, *, reader: Any = None) -> Any:
        """The bot's `number`-th message that is not deleted, as soon as it is there."""
        return (await until(lambda: self.said(reader)[number - 1 : number], pause=0.005))[0]

    async def settled(self) -> None:
        """Wait until everything that was sent is handled and answered."""
        client = self.accounts.main.client
        await client.updates.catch_up(timeout=10)
        await until(
            lambda: (
                client.dispatcher.updates_queue.empty()
                and not any(lock.locked() for lock in client.dispatcher.locks_list)
                and self.bot.empty
            )
        )

    async def press(self, message: Any, label: str, *, user: Any = None) -> Any:
        """What the bot answers to the press of a button."""
        return await self.world.press(user or self.owner, message, buttons(message)[label])

    def open(self) -> list[Job]:
        """The jobs, the earliest first."""
        return sorted(self.jobs.stored.values(), key=lambda job: job.created)

    def change(self, job: Job, **values: Any) -> Job:
        """Store a job as another process might."""
        stored = self.jobs.stored[job.id]
        changed = replace(stored, **values, version=stored.version + 1)
        self.jobs.stored[job.id] = changed
        return changed

    def finish(self, job: Job, *, name: str = "film.mkv", size: int = 5000, message_id: int = 42) -> Job:
        """A job is done."""
        pieces = (Piece(0, 1, size=size, message_id=message_id),)
        stored = self.jobs.stored[job.id]
        return self.change(
            job, state=State.DONE, updated=stored.updated + 5, bytes_done=size, bytes_total=size,
            transfer=Transfer(Described(name, size), pieces, complete=True),
        )  # fmt: skip

    def fail(self, job: Job, reason: str) -> Job:
        return self.change(job, state=State.FAILED, reason=reason, updated=self.jobs.stored[job.id].updated + 5)

    def asked(self, message_id: int = 1, chat_id: int | None = None) -> Asked:
        return Asked(self.leecher.id, chat_id or self.owner.id, message_id)


def buttons(message: Any) -> dict[str, bytes]:
    """Label and data of the buttons under a message."""
    rows = message.reply_markup.rows if message.reply_markup else []
    found = [button for row in rows for button in row.buttons]
    return {one.text: one.type.data for one in found if isinstance(one.type, raw.types.InlineButtonTypeCallback)}


def code(message: Any) -> list[str]:
    """The parts of a message that are shown as code."""
    data = message.text.encode("utf-16-le")
    spans = [one for one in message.entities if isinstance(one, raw.types.MessageEntityCode)]
    return [data[2 * one.offset : 2 * (one.offset + one.length)].decode("utf-16-le") for one in spans]


@asynccontextmanager
async def leech_chat(folder: Path, **settings: Any) -> AsyncIterator[Chat]:
    """The leech bot, connected."""
    async with emulator_world() as telegram:
        leecher = telegram.emulator.world.add_bot(TOKEN, home_dc=HOME_DC)
        telegram.emulator.world.add_member(telegram.vault, leecher, admin=True)
        ours = settings_for(telegram, folder, **{"bot_token": SecretStr(TOKEN), **settings})
        async with SqliteCatalog(folder / "catalog.db") as catalog:
            jobs = MemoryJobs()
            queue = Queue(jobs, Sealing(b"a secret of the tests"), schemes=WITH_TORRENTS)
            chat = Chat(telegram, leecher, ours, catalog, jobs, queue)
            await chat.start()
            try:
                yield chat
            finally:
                await chat.stop()
