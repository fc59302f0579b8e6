"""The bot on its stage: real accounts over the emulator, the catalog in SQLite, and the eyes of a test on all of it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pyrogram import raw

from streamvault.access.links import LinkSigner
from streamvault.access.urls import Urls
from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import AccessDenied
from streamvault.indexing.finder import FileFinder
from streamvault.indexing.live import LiveIndex, OnMissed, ignore_missed
from streamvault.media.model import MediaFile, Origin
from streamvault.metrics import Metrics
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.bot import texts
from streamvault.telegram.bot.desk import BotAccess
from streamvault.telegram.bot.handlers import VaultBot, register
from streamvault.telegram.bot.voice.desk import VoiceDesk
from streamvault.telegram.history.messages import TelegramMessages
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world, settings_for
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent
from tgemulator.world.drafts import Draft

PAUSE = 0.005


@dataclass
class Stage:
    """Everything around the bot. `slept` lists the flood waits that it would have slept through, `failing` what was
    reported of its updates.
    """

    telegram: EmulatedWorld
    settings: Settings
    signer: LinkSigner
    catalog: SqliteCatalog
    finder: FileFinder
    slept: list[float] = field(default_factory=list)
    failing: list[tuple[str, bool]] = field(default_factory=list)
    accounts: AccountPool | None = None
    access: BotAccess | None = None
    voice: VoiceDesk | None = None
    bot: VaultBot = field(init=False)
    _bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def world(self) -> Any:
        return self.telegram.emulator.world

    async def start(self, *, missed: OnMissed = ignore_missed) -> None:
        """Connect the bot, catching up on what it has missed; `missed` is told of chats that have to be walked."""
        metrics = Metrics()
        accounts = AccountPool(self.settings, metrics, clock=lambda: time.time() + sum(self.slept))
        finder = FileFinder(settings=self.settings, catalog=self.catalog, messages=TelegramMessages(accounts))
        bot = VaultBot(
            settings=self.settings,
            index=LiveIndex(self.catalog, finder.chats, on_missed=missed),
            finder=finder,
            urls=Urls(self.settings, self.signer),
            access=self.access,
            voice=self.voice,
            sleep=self._sleep,
        )
        accounts.prepare = lambda client: register(client, bot, on_failing=lambda *told: self.failing.append(told))
        self.finder, self.accounts, self.bot = finder, accounts, bot
        await self._bot.enter_async_context(accounts)
        await bot.start(accounts.main.client)

    async def stop(self) -> None:
        """Disconnect the bot; `start` brings it back."""
        await self._bot.aclose()
        await self.bot.close()

    def file(self, name: str = "film.mp4", *, size: int = 5000, seed: int = 1, mime_type: str = "video/mp4") -> Any:
        """A stored file, to be sent or posted."""
        content = SyntheticContent(size, seed)
        return self.telegram.emulator.files.add(content, dc_id=HOME_DC, name=name, mime_type=mime_type)

    async def write(self, sender: Any = None, **message: Any) -> Any:
        """Somebody (the owner unless given) writes to the bot; the bot's copy of the message."""
        return await self.world.send_private(sender or self.telegram.owner, self.telegram.bot, **message)

    def write_album(self, files: list[Any], texts: Sequence[str] = ()) -> None:
        """The owner sends several files as one album, the first ones with `texts`."""
        group = self.world.new_group_id()
        every = [*texts, *[""] * (len(files) - len(texts))]
        drafts = [Draft(text=text, file=file, grouped_id=group) for file, text in zip(files, every, strict=True)]
        self.world.delivery.send(self.telegram.owner, ("user", self.telegram.bot.id), drafts=drafts)

    def answers(self, reader: Any = None) -> list[Any]:
        """What the bot has written in private to `reader` (the owner unless given)."""
        box = self.world.mailbox((reader or self.telegram.owner).id)
        return [one for one in box.messages.values() if one.sender_id == self.telegram.bot.id and not one.deleted]

    async def answer(self, number: int = 1, *, reader: Any = None) -> Any:
        """The bot's `number`-th message to `reader`, as soon as it is there."""
        found = await until(lambda: self.answers(reader)[number - 1 : number], pause=PAUSE)
        return found[0]

    def kept(self) -> list[Any]:
        """The files in the vault channel."""
        return [one for one in self.telegram.vault.messages.values() if one.file is not None and not one.deleted]

    async def rows(self) -> list[MediaFile]:
        """Every row of the catalog, oldest first."""
        return [entry.file for entry in (await self.catalog.page(CatalogQuery(order="asc", limit=200))).items]

    async def row(self, origin: Origin, name: str | None = None) -> MediaFile:
        """The row of this message (called `name`), as soon as it is there."""

        async def look() -> MediaFile | None:
            file = await self.catalog.get(origin)
            return file if file is not None and name in (None, file.name) else None

        return await until(look, pause=PAUSE)

    async def no_row(self, origin: Origin) -> None:
        """Wait until this message has no row."""

        async def look() -> bool:
            return await self.catalog.get(origin) is None

        await until(look, pause=PAUSE)

    async def settled(self) -> None:
        """Wait until everything sent so far is handled: /help comes in behind it, no handler runs, no answer waits."""
        before = len(self.answers())
        await self.write(text="/help")
        await until(lambda: any(texts.HELP in one.text for one in self.answers()[before:]), pause=PAUSE)
        assert self.accounts is not None
        client = self.accounts.main.client
        await client.updates.catch_up(timeout=10)
        dispatcher = client.dispatcher
        await until(
            lambda: (
                dispatcher.updates_queue.empty()
                and not any(lock.locked() for lock in dispatcher.locks_list)
                and self.bot._intake.empty
                and self.bot._outbox.empty
                and self.bot._edits.empty
                and (self.bot.access is None or self.bot.access.tasks.empty)
            )
        )

    async def _sleep(self, seconds: float) -> None:
        """Time passes at once: flood waits are over when this returns."""
        self.slept.append(seconds)
        self.telegram.emulator.faults.lift_all()


def origin_of(channel: Any, message: Any) -> Origin:
    """Where a channel's message is, as clients write it."""
    return Origin(chat_id_of(channel), message.id)


def url_buttons(message: Any) -> list[tuple[str, str]]:
    """Label and URL of every inline URL button under a message."""
    rows = message.reply_markup.rows if message.reply_markup else []
    buttons = [button for row in rows for button in row.buttons]
    return [(one.text, one.type.url) for one in buttons if isinstance(one.type, raw.types.InlineButtonTypeUrl)]


def urls_in(text: str) -> list[str]:
    return re.findall(r"https?://\S+", text)


def assert_links(stage: Stage, text: str, origin: Origin) -> None:
    """`text` has a watch and a download link that open this file, and nothing else."""
    watch, download = (url for url in urls_in(text) if f"/{origin.chat_id}/{origin.message_id}" in url)
    assert urlsplit(watch).path == f"/watch/{origin.chat_id}/{origin.message_id}"
    assert urlsplit(download).path.startswith(f"/stream/{origin.chat_id}/{origin.message_id}/")
    assert parse_qs(urlsplit(download).query)["download"] == ["1"]
    for url in (watch, download):
        assert url.startswith("https://tv.example.org/")
        [token] = parse_qs(urlsplit(url).query)["token"]
        stage.signer.check(token, origin)
        with pytest.raises(AccessDenied):
            stage.signer.check(token, Origin(origin.chat_id, origin.message_id + 1))


def hold_floods(stage: Stage, monkeypatch: pytest.MonkeyPatch, *, until: asyncio.Event) -> None:
    """The bot's flood waits last until `until` is set."""
    pass_time = stage._sleep

    async def sleep(seconds: float) -> None:
        await until.wait()
        await pass_time(seconds)

    monkeypatch.setattr(stage.bot._outbox._floods, "_sleep", sleep)


async def assert_one_sentence(stage: Stage, text: str, *, reader: Any = None) -> None:
    answer = await stage.answer(reader=reader)
    assert answer.text == text
    await stage.settled()
    assert [one.text for one in stage.answers(reader)][:2] in ([text], [text, texts.HELP])
    assert stage.kept() == []
    assert await stage.rows() == []


@asynccontextmanager
async def bot_stage(
    folder: Path, *, started: bool = True, access: BotAccess | None = None, **settings: Any
) -> AsyncIterator[Stage]:
    """A stage with both channels known by CHANNELS and VAULT_CHANNEL unless `settings` say otherwise."""
    async with emulator_world() as telegram:
        given = {"channels": (chat_id_of(telegram.films),), "public_url": "https://tv.example.org", **settings}
        chosen = settings_for(telegram, folder, **given)
        async with SqliteCatalog(folder / "catalog.db") as catalog:
            # replaced by `start`; without it nothing is read from Telegram
            finder = FileFinder(
                settings=chosen, catalog=catalog, messages=TelegramMessages(AccountPool(chosen, Metrics()))
            )
            signer = LinkSigner(b"a secret of the tests")
            stage = Stage(telegram, chosen, signer, catalog, finder, access=access)
            if started:
                await stage.start()
            try:
                yield stage
            finally:
                await stage.stop()
