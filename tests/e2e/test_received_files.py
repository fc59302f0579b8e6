"""A server that is killed while it copies what its owner has sent: nothing is lost, and nothing is copied twice."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.http_client import request
from tests.support.mongo import mongo_server
from tests.support.server import ServerProcess, server_process
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.faults.types import Fault, SlowAnswer
from tgemulator.world.content import SyntheticContent

SEND_MEDIA, SEND_MESSAGE, READ = "messages.sendMedia", "messages.sendMessage", "messages.getMessages"
NAMES = ["Harbour.mkv", "Tin Roof.flac", "Ledger.pdf"]
PAUSE = 0.02


@dataclass(frozen=True)
class Stage:
    world: EmulatedWorld
    server: ServerProcess
    database: Path
    """Of the server, where that is SQLite."""

    async def send(self, *names: str) -> None:
        for number, name in enumerate(names):
            file = self.world.emulator.files.add(SyntheticContent(1000, number), dc_id=HOME_DC, name=name)
            await self.world.emulator.world.send_private(self.world.owner, self.world.bot, file=file)

    def kept(self) -> list[str]:
        """The names of the files in the vault."""
        return [one.file.name for one in self.world.vault.messages.values() if one.file is not None]

    def answers(self) -> list[str]:
        """What the bot has written to the owner."""
        box: Any = self.world.emulator.world.mailbox(self.world.owner.id)
        return [one.text for one in box.messages.values() if one.sender_id == self.world.bot.id]

    def linked(self) -> list[str]:
        """The names of the files whose links the owner got."""
        return [line for line in "\n".join(self.answers()).splitlines() if line in NAMES]

    def held(self, method: str) -> SlowAnswer:
        """The next calls of this method are handled once that is lifted, also of a process that has ended by then."""
        return self.world.emulator.faults.slow_answer(method=method)

    async def calls(self, held: Fault) -> None:
        """Wait until the bot has made such a call."""
        await until(lambda: held.used, pause=PAUSE, timeout=20)

    async def marked(self) -> None:
        """Wait until it is stored that every file was received; the copying may begin before."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as database:

            def all_of_them() -> bool:
                (count,) = database.execute("SELECT count(*) FROM marks WHERE name LIKE 'intake/%'").fetchone()
                return bool(count == len(NAMES))

            await until(all_of_them, pause=PAUSE, timeout=20)

    async def listed(self) -> list[str]:
        reply = await request(self.server.address, "/api/catalog?sort=name&limit=100")
        return [item["name"] for item in json.loads(reply.body)["items"]]

    async def restarted(self) -> None:
        """Start it again in a Telegram that has no faults any more."""
        self.world.emulator.faults.lift_all()
        await self.server.start()
        await self.server.ready()

    async def all_there(self) -> None:
        """Every file is kept once, listed, and its link sent once, also after one more start."""
        await until(lambda: len(self.linked()) >= len(NAMES), pause=PAUSE, timeout=20)
        for again in (True, False):
            assert sorted(self.kept()) == sorted(NAMES)
            assert sorted(self.linked()) == sorted(NAMES)

            async def complete() -> bool:
                return sorted(await self.listed()) == sorted(NAMES)

            await until(complete, pause=PAUSE, timeout=20)
            assert await self.server.stop() == 0
            if again:
                await self.restarted()
                await self.send_help()

    async def send_help(self) -> None:
        """What was left to do is done before an answer to this comes."""
        before = len(self.answers())
        await self.world.emulator.world.send_private(self.world.owner, self.world.bot, text="/help")
        await until(lambda: len(self.answers()) > before, pause=PAUSE, timeout=20)


@asynccontextmanager
async def staged(folder: Path, store: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(emulator_world())
        settings = {"VAULT_CHANNEL": str(chat_id_of(world.vault))}
        if store == "mongodb":
            mongo = await stack.enter_async_context(mongo_server(folder, keeps=False))
            settings["DATABASE_URL"] = mongo.url.get_secret_value()
        server = await stack.enter_async_context(server_process(world, folder, entry=HOME_DC, **settings))
        await server.start()
        await server.ready()
        yield Stage(world, server, folder / "data" / "streamvault.db")


@pytest.mark.parametrize("store", ["sqlite", "mongodb"])
async def test_a_kill_before_the_copies(tmp_path: Path, store: str) -> None:
    """F"""
    async with staged(tmp_path, store) as stage:
        held = stage.world.emulator.faults.error(500, "INTERNAL", method=SEND_MEDIA)
        await stage.send(*NAMES)
        await stage.calls(held)
        await stage.server.kill()
        await stage.restarted()
        await stage.all_there()


@pytest.mark.parametrize("store", ["sqlite", "mongodb"])
async def test_a_kill_before_the_answers(tmp_path: Path, store: str) -> None:
    """F"""
    async with staged(tmp_path, store) as stage:
        stage.world.emulator.faults.error(500, "INTERNAL", method=SEND_MESSAGE)
        await stage.send(*NAMES)

        async def complete() -> bool:
            return len(await stage.listed()) == len(NAMES)

        await until(complete, pause=PAUSE, timeout=20)
        await stage.server.kill()
        await stage.restarted()
        await stage.all_there()


async def test_a_kill_between_a_copy_and_its_row(tmp_path: Path) -> None:
    """F: the database cannot be written while the file is copied, so the row is not there."""
    async with staged(tmp_path, "sqlite") as stage:
        stage.world.emulator.faults.error(500, "INTERNAL", method=SEND_MESSAGE)
        with closing(sqlite3.connect(stage.database, isolation_level=None)) as database:
            held = stage.held(SEND_MEDIA)
            await stage.send(*NAMES)
            await stage.calls(held)
            await stage.marked()
            database.execute("BEGIN IMMEDIATE")
            held.lift()
            await until(lambda: len(stage.kept()) > 0, pause=PAUSE, timeout=20)
            await stage.server.kill()
        await stage.restarted()
        await stage.all_there()


async def test_a_kill_while_messages_are_read_again(tmp_path: Path) -> None:
    """F"""
    async with staged(tmp_path, "sqlite") as stage:
        held = stage.held(SEND_MEDIA)
        await stage.send(*NAMES)
        await stage.calls(held)
        await stage.marked()
        await stage.server.kill()
        stage.world.emulator.faults.lift_all()
        held = stage.held(READ)
        await stage.server.start()
        await stage.calls(held)
        await stage.server.kill()
        await stage.restarted()
        await stage.all_there()


async def test_a_kill_between_an_answer_and_the_end_of_its_mark(tmp_path: Path) -> None:
    """The database cannot be written while the links are sent, so the mark stays."""
    async with staged(tmp_path, "sqlite") as stage:
        with closing(sqlite3.connect(stage.database, isolation_level=None)) as database:
            held = stage.held(SEND_MESSAGE)
            await stage.send(*NAMES)
            await stage.calls(held)

            async def complete() -> bool:
                return len(await stage.listed()) == len(NAMES)

            await until(complete, pause=PAUSE, timeout=20)
            database.execute("BEGIN IMMEDIATE")
            held.lift()
            await until(lambda: len(stage.linked()) > 0, pause=PAUSE, timeout=20)
            await stage.server.kill()
        await stage.restarted()
        await stage.all_there()
