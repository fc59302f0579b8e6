"""Restarts, kills and a network that drops: what was made once is never made again."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.http_client import Reply, request
from tests.support.mongo import mongo_server
from tests.support.proof import full
from tests.support.server import ServerProcess, server_process
from tests.support.stack import ENTRY_DC, MIB, EmulatedWorld, emulator_world
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.content import synthetic_bytes

FOREIGN = (3, 4, 5)
WORKERS = ("700000002:emulated-token-of-worker-2", "700000003:emulated-token-of-worker-3")
ACCOUNTS = 1 + len(WORKERS)
SIZE = 3 * MIB + 11
SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
TTL, GRACE = 30.0, 5.0
STORES = ("file", "sqlite", "mongodb")


@dataclass(frozen=True)
class Stage:
    """Three accounts, a file in each of three foreign data centres, and a server that is not started yet."""

    world: EmulatedWorld
    server: ServerProcess
    targets: dict[int, str]
    data: Path
    takeover: float
    wiped: bool

    async def start(self, seconds: float = 30.0) -> None:
        """Start the server, on an empty disk where the host keeps none."""
        if self.wiped:
            shutil.rmtree(self.data)
            self.data.mkdir()
        await self.server.start()
        await self.server.ready(seconds)


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
        settings = {"WORKER_BOT_TOKENS": ",".join(WORKERS)}
        if store != "file":
            settings |= {"SESSION_STORE": "database", "SECRET_KEY": SECRET_KEY}
            settings["DATABASE_URL"] = f"sqlite:///{folder}/elsewhere.db"
        if store == "mongodb":
            mongo = await stack.enter_async_context(mongo_server(folder))
            settings["DATABASE_URL"] = mongo.url.get_secret_value()
        server = await stack.enter_async_context(server_process(world, folder, entry=ENTRY_DC, **settings))
        takeover = 10.0 if store == "file" else 10.0 + TTL + GRACE
        yield Stage(world, server, targets, folder / "data", takeover, wiped=store != "file")


async def view(stage: Stage, dc_id: int) -> Reply:
    """Watch a whole file; bytes that arrive are the file's, and fewer than announced never end in order."""
    reply = await request(stage.server.address, stage.targets[dc_id])
    if reply.status == 200:
        assert reply.body == synthetic_bytes(dc_id, 0, SIZE)[: len(reply.body)]
    else:
        assert reply.status == 503
    return reply


async def views(stage: Stage) -> list[Reply]:
    """Every file several times at once, so that each account reads from each data centre."""
    return await asyncio.gather(*(view(stage, dc_id) for dc_id in FOREIGN * 2 * ACCOUNTS))


async def all_exact(stage: Stage) -> bool:
    """Whether every view was complete."""
    return all(reply.complete and reply.status == 200 for reply in await views(stage))


async def disturbed(stage: Stage, drops: int) -> None:
    """Break every connection to Telegram, many times, while viewers come and go."""
    watching = asyncio.create_task(views(stage))
    broken = 0
    while broken < drops:
        broken += bool(await stage.world.emulator.drop_connections())
        await asyncio.wait([watching], timeout=0.05)
        if watching.done():
            watching.result()
            watching = asyncio.create_task(views(stage))
    await watching


async def killed_at_some_moment(stage: Stage, chance: random.Random) -> None:
    """Start the server and kill it, at the latest a second after it was ready; viewers may be watching then."""
    if stage.wiped:
        shutil.rmtree(stage.data)
        stage.data.mkdir()
    await stage.server.start()
    crowd: list[asyncio.Task[Reply]] = []

    async def live() -> None:
        await stage.server.ready(stage.takeover + 30)
        crowd.extend(asyncio.create_task(view(stage, dc_id)) for dc_id in FOREIGN)
        await asyncio.gather(*crowd, return_exceptions=True)

    living = asyncio.create_task(live())
    await asyncio.wait([living], timeout=chance.uniform(0.3, 3.0))
    await stage.server.kill()
    living.cancel()
    await asyncio.gather(living, *crowd, return_exceptions=True)


@pytest.mark.timeout(3600 if full() else 300)
@pytest.mark.parametrize("store", STORES)
async def test_nothing_is_made_twice(tmp_path: Path, store: str) -> None:
    clean, kills, drops = (30, 20, 500) if full() else (3, 3 if store == "file" else 1, 12)
    chance = random.Random(50)
    endings = ["clean"] * clean + ["kill"] * kills
    chance.shuffle(endings)
    patience = 10.0
    async with staged(tmp_path, store) as stage:
        for number, ending in enumerate(endings):
            if ending == "kill":
                await killed_at_some_moment(stage, chance)
                patience = stage.takeover
                continue
            await stage.start(patience + 20)
            if number % 2:
                await disturbed(stage, max(1, 2 * drops // clean))
            assert await stage.server.stop() == 0
            patience = 10.0
        await stage.start(patience + 20)
        await disturbed(stage, drops // 4)
        async with asyncio.timeout(60):
            while not await all_exact(stage):
                pass
        counters = stage.world.emulator.counters
        assert counters.by("keys_created", "dc") == dict.fromkeys((1, 2, *FOREIGN), ACCOUNTS)
        exported = {user: counters.by("exports", "to_dc", user=user) for user in counters.by("exports", "user")}
        assert exported == {int(token.partition(":")[0]): dict.fromkeys(FOREIGN, 1) for token in tokens(stage)}
        assert counters.by("logins", "user") == dict.fromkeys(exported, 1)
        assert counters.value("early_calls") == 0
        refused = [text for text in counters.by("errors", "text") if "FLOOD" in str(text) or "DUPLICATED" in str(text)]
        assert refused == []


def tokens(stage: Stage) -> tuple[str, ...]:
    """Of all accounts."""
    return stage.world.bot.token, *WORKERS
