"""A web server, an emulated Telegram, and a leech worker between them."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from streamvault.datadir import secret_key
from streamvault.leech.model import Job, Options, State
from streamvault.leech.queue import Queue, Wanted
from streamvault.leech.sealing import Sealing
from streamvault.leech.store.sqlite import SqliteJobs
from streamvault.server.jobs import leech_schemes
from streamvault.server.leech import leech
from streamvault.settings import Settings
from tests.support.forks import Process, begun
from tests.support.raw_server import Answer, RawServer, Request, Talk, ranged, raw_server
from tests.support.server import environment_for
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world, settings_for
from tests.support.waiting import until
from tgemulator.world.content import synthetic_bytes

TOKEN = "700000009:emulated-token-of-the-leech-bot"
MIB = 1 << 20
BLOCK = MIB // 4
"""Bytes that the web server sends at a time."""
SIZE = 12 * MIB + 345


@dataclass
class Stage:
    """A web server, Telegram, and the queue that a worker shares with whoever adds jobs."""

    world: EmulatedWorld
    bot: Any
    web: RawServer
    queue: Queue
    settings: Settings
    worker: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        self.worker = asyncio.create_task(leech(self.settings))

    async def stop(self) -> None:
        if self.worker is not None:
            self.worker.cancel()
            await asyncio.gather(self.worker, return_exceptions=True)

    async def add(self, target: str = "/film.mkv", **options: Any) -> Job:
        """A job; `options` as in Options."""
        wanted = Wanted(self.web.url(target), chat_id_of(self.world.vault), options=Options(**options))
        return (await self.queue.add(wanted)).job

    async def add_link(self, link: str, **options: Any) -> Job:
        """A job for a whole address; `options` as in Options."""
        wanted = Wanted(link, chat_id_of(self.world.vault), options=Options(**options))
        return (await self.queue.add(wanted)).job

    async def ended(self, job: Job, *, seconds: float = 60) -> Job:
        """The job in the end."""

        async def over() -> Job | None:
            found = await self.queue.get(job.id)
            assert self.worker is None or not self.worker.done(), self.worker
            return found if found.state in (State.DONE, State.FAILED) else None

        return await until(over, timeout=seconds, pause=0.05)

    async def has_transferred(self, job: Job, least: int) -> None:
        """Wait until so many bytes are recorded as transferred."""

        async def there() -> bool:
            return (await self.queue.get(job.id)).bytes_done >= least

        await until(there, timeout=60, pause=0.05)

    async def has_transferred_in_all(self, least: int) -> None:
        """The same for all jobs together."""

        async def there() -> bool:
            return sum(job.bytes_done for job in await self.queue.listed(limit=100)) >= least

        await until(there, timeout=600, pause=0.05)

    def posts(self) -> list[tuple[str, str]]:
        """Name and SHA-256 of each file in the channel, in order."""
        files = [message.file for message in self.world.vault.messages.values() if message.file is not None]
        return [(file.name, hashlib.sha256(self.data(file.name)).hexdigest()) for file in files]

    def data(self, name: str) -> bytes:
        """The bytes of the file of this name in the channel, which is there once."""
        [file] = [one.file for one in self.world.vault.messages.values() if one.file and one.file.name == name]
        return bytes(file.content.read(0, file.size))


@asynccontextmanager
async def leech_stage(folder: Path, answer: Any, **settings: Any) -> AsyncIterator[Stage]:
    async with emulator_world() as world, raw_server(answer) as web:
        bot = world.emulator.world.add_bot(TOKEN, home_dc=HOME_DC)
        world.emulator.world.add_member(world.vault, bot, admin=True)
        given = {
            "leech_bot_token": SecretStr(TOKEN),
            "leech_allow_private": (ip_network("127.0.0.0/8"),),
            **settings,
        }
        ours = settings_for(world, folder, **given)
        async with SqliteJobs(ours.database_path) as jobs:
            queue = Queue(jobs, Sealing(secret_key(ours)), schemes=leech_schemes(ours))
            stage = Stage(world, bot, web, queue, ours)
            try:
                yield stage
            finally:
                await stage.stop()


@dataclass
class WorkerProcess:
    """`streamvault leech`; its log is in `folder`."""

    stage: Stage
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: Process | None = None

    async def start(self) -> None:
        environment = environment_for(
            self.stage.world, self.folder, entry=HOME_DC, LEECH_BOT_TOKEN=TOKEN, LEECH_ALLOW_PRIVATE="127.0.0.0/8",
            VAULT_CHANNEL=str(chat_id_of(self.stage.world.vault)), **self.settings,
        )  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = await begun(["leech"], cwd=self.folder, env=environment, stderr=log.fileno())

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def worker_process(stage: Stage, folder: Path, **settings: str) -> AsyncIterator[WorkerProcess]:
    """A process that is not started yet, and does not outlive the test."""
    worker = WorkerProcess(stage, folder, settings)
    try:
        yield worker
    except BaseException:
        sys.stderr.write((folder / "log").read_text()[-6000:])
        raise
    finally:
        await worker.kill()


def film(size: int = SIZE, seed: int = 5) -> bytes:
    return synthetic_bytes(seed, 0, size)


@dataclass
class Held:
    """A web server's file whose bytes stop at `stop` until `go` is set."""

    data: bytes
    stop: int
    go: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0

    def __call__(self, request: Request) -> Answer:
        async def answer(talk: Talk) -> None:
            whole = ranged(request, self.data, etag='"1"')
            start = request.start()
            head = len(whole) - (len(self.data) - start)
            talk.narrow()
            await talk.send(whole[:head])
            for at in range(start, len(self.data), BLOCK):
                if at >= self.stop:
                    await self.go.wait()
                block = self.data[at : at + BLOCK]
                await talk.send(block)
                self.sent += len(block)

        return answer


@dataclass
class Films:
    """A web server's files by target; `pause`: seconds between two blocks."""

    films: dict[str, bytes]
    pause: float
    sent: int = 0
    talks: "set[Talk]" = field(default_factory=set)

    def __call__(self, request: Request) -> Answer:
        data = self.films[request.target]

        async def answer(talk: Talk) -> None:
            whole = ranged(request, data, etag=f'"{len(data)}"')
            head = len(whole) - (len(data) - request.start())
            self.talks.add(talk)
            talk.narrow()
            try:
                await talk.send(whole[:head])
                for at in range(head, len(whole), BLOCK):
                    await talk.send(whole[at : at + BLOCK])
                    self.sent += len(whole[at : at + BLOCK])
                    await asyncio.sleep(self.pause)
            finally:
                self.talks.discard(talk)

        return answer

    def cut(self) -> None:
        """Break all connections."""
        for talk in list(self.talks):
            talk.writer.transport.abort()
