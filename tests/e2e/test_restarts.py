"""Restarts, kills and a network that drops: what was made once is never made again."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.http_client import Reply, request
from tests.support.mongo import mongo_server
from tests.support.proof import full
from tests.support.server import LEASE, ServerProcess, server_process, short_lease
from tests.support.stack import ENTRY_DC, MIB, EmulatedWorld, emulator_world
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.world.content import synthetic_bytes

FOREIGN = (3, 4, 5)
WORKERS = ("700000002:emulated-token-of-worker-2", "700000003:emulated-token-of-worker-3")
ACCOUNTS = 1 + len(WORKERS)
SIZE = (3 if full() else 1) * MIB + 11
SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
UNTIL_FREE = 35.0 if full() else LEASE
"""Seconds until a session in a database has no holder any more after that was killed."""

GET_FILE = "upload.getFile"
STORES = ("file", "sqlite", "mongodb")


@dataclass(frozen=True)
class Stage:
    """Three accounts, a file in each of three foreign data centres, and a server that is not started yet."""

    world: EmulatedWorld
    server: ServerProcess
    targets: dict[int, str]
    data: Path
    patience: float
    wiped: bool

    async def launch(self) -> None:
        """Start the server, on an empty disk where the host keeps none."""
        if self.wiped:
            shutil.rmtree(self.data)
            self.data.mkdir()
        await self.server.start()


@asynccontextmanager
async def staged(folder: Path, store: str) -> AsyncIterator[Stage]:
    """The stage, with the sessions in one of STORES."""
    dcs = tuple(DcConfig(number) for number in (1, 2, *FOREIGN))
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(emulator_world(EmulatorConfig(dcs=dcs)))
        for token in WORKERS:
            bot = world.emulator.world.add_bot(token, home_dc=2)
            world.emulator.world.add_member(world.films, bot, admin=True)
        targets = {}
        for dc_id in FOREIGN:
            chat, message = await world.post_synthetic(SIZE, dc_id=dc_id, seed=dc_id)
            targets[dc_id] = f"/stream/{chat}/{message}"
        settings = {"WORKER_BOT_TOKENS": ",".join(WORKERS)} | ({} if full() else short_lease())
        settings |= {"CACHE_MEMORY": "0", "CACHE_DISK": "0"}  # every view has to read from Telegram
        if store != "file":
            settings |= {"SESSION_STORE": "database", "SECRET_KEY": SECRET_KEY}
            settings["DATABASE_URL"] = f"sqlite:///{folder}/elsewhere.db"
        if store == "mongodb":
            mongo = await stack.enter_async_context(mongo_server(folder, keeps=False))
            settings["DATABASE_URL"] = mongo.url.get_secret_value()
        server = await stack.enter_async_context(server_process(world, folder, entry=ENTRY_DC, **settings))
        patience = 30.0 if store == "file" else 30.0 + UNTIL_FREE
        yield Stage(world, server, targets, folder / "data", patience, wiped=store != "file")


async def view(stage: Stage, dc_id: int) -> Reply:
    """Watch a whole file; bytes that arrive are the file's, and fewer than announced never end in order."""
    reply = await request(stage.server.address, stage.targets[dc_id])
    if reply.status == 200:
        assert reply.body == synthetic_bytes(dc_id, 0, SIZE)[: len(reply.body)]
    else:
        assert reply.status == 503
    return reply


async def views(stage: Stage) -> list[Reply]:
    """Every file several times at once."""
    return await asyncio.gather(*(view(stage, dc_id) for dc_id in FOREIGN * 2 * ACCOUNTS))


async def all_exact(stage: Stage) -> bool:
    """Whether every view was complete."""
    return all(reply.complete and reply.status == 200 for reply in await views(stage))


async def disturbed(stage: Stage, drops: int) -> int:
    """Break every connection to Telegram so many times, while viewers come and go."""
    watching = asyncio.create_task(views(stage))
    broken = 0
    while broken < drops:
        broken += bool(await stage.world.emulator.drop_connections())
        await asyncio.wait([watching], timeout=0.05)
        if watching.done():
            watching.result()
            watching = asyncio.create_task(views(stage))
    await watching
    return broken


async def killed(stage: Stage, *, chance: random.Random, ready: bool) -> None:
    """Start the server and kill it at some moment: while it starts, or once it is ready, with viewers watching."""
    await stage.launch()
    crowd: list[asyncio.Task[Reply]] = []
    if ready:
        await stage.server.ready(stage.patience)
        crowd = [asyncio.create_task(view(stage, dc_id)) for dc_id in FOREIGN * ACCOUNTS]
    await stage.server.ended_within(chance.uniform(0.0, 1.0))
    await stage.server.kill()
    for end in await asyncio.gather(*crowd, return_exceptions=True):
        if isinstance(end, BaseException) and not isinstance(end, OSError | EOFError):
            raise end


@pytest.mark.timeout(3600 if full() else 300)
@pytest.mark.parametrize("store", STORES)
async def test_nothing_is_made_twice(tmp_path: Path, store: str) -> None:
    clean, kills, drops = (30, 20, 500) if full() else (3, 3, 12) if store == "file" else (2, 1, 6)
    chance = random.Random(50)
    endings = ["clean"] * clean + ["killed when ready", "killed in the start"] * 10
    endings = endings[: clean + kills]
    chance.shuffle(endings)
    async with staged(tmp_path, store) as stage:
        broken = 0
        for number, ending in enumerate(endings):
            with only(stage, users(stage)[number % ACCOUNTS]):
                if ending != "clean":
                    await killed(stage, chance=chance, ready=ending == "killed when ready")
                    continue
                await stage.launch()
                await stage.server.ready(stage.patience)
                broken += await disturbed(stage, drops // clean)
                assert await stage.server.stop() == 0
        await stage.launch()
        await stage.server.ready(stage.patience)
        broken += await disturbed(stage, max(5, drops - broken))
        assert broken >= drops
        for user in users(stage):
            with only(stage, user):
                async with asyncio.timeout(90):
                    while not (await all_exact(stage) and has_been_everywhere(stage, user)):
                        pass
        counters = stage.world.emulator.counters
        assert counters.by("keys_created", "dc") == dict.fromkeys((1, 2, *FOREIGN), ACCOUNTS)
        exported = {user: counters.by("exports", "to_dc", user=user) for user in counters.by("exports", "user")}
        assert exported == {user: dict.fromkeys(FOREIGN, 1) for user in users(stage)}
        assert counters.by("logins", "user") == dict.fromkeys(exported, 1)
        assert counters.value("early_calls") == 0
        refused = [text for text in counters.by("errors", "text") if "FLOOD" in str(text) or "DUPLICATED" in str(text)]
        assert refused == []


@contextmanager
def only(stage: Stage, user: int) -> Iterator[None]:
    """One account alone gets files; an account that has no key there is asked last otherwise."""
    with ExitStack() as stack:
        for other in users(stage):
            if other != user:
                stack.enter_context(stage.world.emulator.faults.error(500, "INTERNAL", method=GET_FILE, user=other))
        yield


def has_been_everywhere(stage: Stage, user: int) -> bool:
    """Whether an account has read from each data centre."""
    return all(stage.world.emulator.counters.value("imports", user=user, dc=dc_id) for dc_id in FOREIGN)


def users(stage: Stage) -> list[int]:
    """The ids of all accounts."""
    return [int(token.partition(":")[0]) for token in (stage.world.bot.token, *WORKERS)]
