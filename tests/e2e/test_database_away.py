"""A MongoDB that is away: waited for at the start, and missed by nobody who watches while the server runs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from streamvault.access.links import LinkSigner
from tests.support.backfills import GET_MESSAGES, fill, newest, shown
from tests.support.http_client import Address, Reply, opened, request
from tests.support.mongo import Mongo, mongo_server
from tests.support.proof import full
from tests.support.server import ServerProcess, server_process
from tests.support.stack import HOME_DC, MIB, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent, synthetic_bytes

SIZE = 24 * MIB
SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
SOON = 15.0
"""Seconds within which a server notices that its database is back."""


@dataclass(frozen=True)
class Stage:
    """A world with one file, a database that runs, and a server that is not started yet."""

    world: EmulatedWorld
    mongo: Mongo
    server: ServerProcess
    target: str

    @property
    def address(self) -> Address:
        return self.server.address

    async def degraded(self) -> list[str]:
        """What /readyz says of a server that is ready."""
        said = await self.server.readyz()
        assert said is not None
        assert said["http_status"] == 200, said
        found: list[str] = said["degraded"]
        return found

    async def part(self, start: int, length: int) -> Reply:
        """Some bytes of the file."""
        return await request(self.address, self.target, headers={"Range": f"bytes={start}-{start + length - 1}"})


@asynccontextmanager
async def staged(folder: Path, **settings: str) -> AsyncIterator[Stage]:
    """The stage; without CHANNELS, so that which chats are ours is in the database."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(emulator_world())
        mongo = await stack.enter_async_context(mongo_server(folder))
        if not mongo.ours:
            pytest.skip("the server that DATABASE_URL names is not killed by a test")
        chat_id, message_id = await world.post_synthetic(SIZE, seed=5)
        settings = {
            "DATABASE_URL": mongo.url.get_secret_value(),
            "CACHE_DISK": "0",
            "CHANNELS": str(chat_id),
        } | settings
        server = await stack.enter_async_context(server_process(world, folder, entry=HOME_DC, **settings))
        yield Stage(world, mongo, server, f"/stream/{chat_id}/{message_id}")


@pytest.mark.parametrize("store", ["file", "database"])
async def test_a_server_waits_for_its_database(tmp_path: Path, store: str) -> None:
    async with staged(tmp_path, SESSION_STORE=store, SECRET_KEY=SECRET_KEY) as stage:
        await stage.mongo.kill()
        await stage.server.start()
        said = await stage.server.waits_for("database")
        assert said["http_status"] == 503
        assert int(said["headers"]["retry-after"]) >= 1
        assert (await request(stage.address, "/healthz")).status == 200
        assert (await request(stage.address, "/api/catalog")).status == 503
        assert stage.world.emulator.counters.value("logins") == 0
        await stage.mongo.start()
        await stage.server.ready(SOON)
        assert (await stage.part(0, 100)).body == synthetic_bytes(5, 0, 100)
        assert (await request(stage.address, "/api/catalog")).status == 200
        assert await stage.server.stop() == 0


async def test_a_server_that_waits_for_its_database_can_be_stopped(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.mongo.kill()
        await stage.server.start()
        await stage.server.waits_for("database")
        assert await asyncio.wait_for(stage.server.stop(), 10) == 0


async def test_viewers_do_not_notice_that_the_database_went_away(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        await stage.server.start()
        await stage.server.ready()
        assert await stage.degraded() == []
        async with opened(stage.address, stage.target, receive_buffer=64 << 10) as exchange:
            body = await exchange.reader.readexactly(MIB)
            await stage.mongo.kill()
            await until(lambda: _says(stage, "database"), timeout=20, pause=0.1)
            listed = await request(stage.address, "/api/catalog")
            assert listed.status == 503
            assert int(listed.headers["retry-after"]) >= 1
            for start in (0, 7 * MIB + 5, SIZE - 1000):  # another viewer, who seeks
                got = await stage.part(start, 1000)
                assert (got.status, got.body) == (206, synthetic_bytes(5, start, 1000))
            body += await exchange.reader.readexactly(SIZE - MIB)
        assert body == synthetic_bytes(5, 0, SIZE)
        await stage.mongo.start()
        await until(lambda: _says_nothing(stage), timeout=SOON, pause=0.1)
        assert (await request(stage.address, "/api/catalog")).status == 200
        assert await stage.server.stop() == 0
        assert stage.server.log().count("conditions: database: ") == 2, "its beginning and its end"


async def test_what_is_ours_stays_ours_while_the_database_is_away(tmp_path: Path) -> None:
    async with staged(tmp_path, CHANNELS="") as stage:
        await stage.server.start()
        await stage.server.ready()
        chat_id, message_id = await stage.world.post_file(SyntheticContent(1000, 9), name="seen.mp4")
        await until(lambda: _lists(stage, "seen.mp4"), timeout=20, pause=0.1)
        await stage.mongo.kill()
        await until(lambda: _says(stage, "database"), timeout=20, pause=0.1)
        unseen = await request(stage.address, f"/stream/{chat_id}/{message_id}")
        assert (unseen.status, unseen.body) == (200, synthetic_bytes(9, 0, 1000))
        assert (await request(stage.address, f"/stream/{chat_id - 1}/{message_id}")).status == 404
        assert (await request(stage.address, "/api/catalog")).status == 503


@pytest.mark.timeout(900 if full() else 240)
async def test_nothing_is_lost_when_the_database_is_killed_in_the_middle(tmp_path: Path) -> None:
    """A walk, posts, edits and deletions that come meanwhile, and a stream, with the database away for a minute."""
    async with staged(tmp_path, CHANNELS="", SECRET_KEY=SECRET_KEY) as stage:
        films = stage.world.films
        await fill(stage.world, 20_000 if full() else 1_500)
        await stage.server.start()
        await stage.server.ready()
        token = LinkSigner(SECRET_KEY.encode()).sign(None, scope="server", expires_at=None)
        async with httpx.AsyncClient(base_url="http://{}:{}".format(*stage.address)) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            async with opened(stage.address, stage.target, receive_buffer=64 << 10) as exchange:
                body = await exchange.reader.readexactly(MIB)
                reads = stage.world.emulator.faults.slow_answer(method=GET_MESSAGES, after=6)
                assert (await client.post("/api/index", json={"chat_id": chat_id_of(films)})).status_code == 202
                await until(lambda: _walked(client, 300), timeout=60, pause=0.05)
                await stage.mongo.kill()
                reads.lift()
                await fill(stage.world, 120, seed=3)
                body += await exchange.reader.readexactly(8 * MIB)
                # posts come meanwhile, which cannot be stored
                for what in ("database", "updates"):
                    await until(lambda what=what: _says(stage, what), timeout=30, pause=0.1)  # type: ignore[misc]
                back = asyncio.get_running_loop().time() + (60.0 if full() else 3.0)
                await until(lambda: asyncio.get_running_loop().time() >= back, timeout=90, pause=0.1)
                await stage.mongo.start()
                body += await exchange.reader.readexactly(SIZE - 9 * MIB)
            assert body == synthetic_bytes(5, 0, SIZE)
            await until(lambda: _walked(client, newest(stage.world)), timeout=600, pause=0.2)
            await until(lambda: _listed(client, shown(stage.world)), timeout=60, pause=0.5)
        assert await stage.server.stop() == 0


async def _walked(client: httpx.AsyncClient, least: int) -> bool:
    """Whether the walk has come so far, or to its end."""
    [walk] = (await client.get("/api/index")).json()["walks"]
    return bool(walk["state"] == "finished" or walk["done"] >= least)


async def _listed(client: httpx.AsyncClient, wanted: dict[int, str]) -> bool:
    """Whether the list has exactly these messages, with these captions."""
    found: dict[int, str] = {}
    cursor = None
    while True:
        answer = await client.get("/api/catalog", params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        page = answer.json()
        if answer.status_code != 200:
            return False
        found |= {item["message_id"]: item["caption"] for item in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return found == wanted


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mongodb://user:hidden-word@", "no MongoDB address"),
        ("mongodb://user:hidden-word@host:port/x", "no MongoDB address"),
    ],
    ids=["no host", "no port"],
)
async def test_a_malformed_address_is_a_wrong_setting(tmp_path: Path, url: str, words: str) -> None:
    async with emulator_world() as world, server_process(world, tmp_path, entry=HOME_DC, DATABASE_URL=url) as server:
        await server.start()
        assert await server.ended_within(30)
        assert server.exit_code == 2
        assert words in server.log()
        assert "hidden-word" not in server.log()
        assert server.log().count("\n") == 1


async def _says(stage: Stage, what: str) -> bool:
    """Whether /readyz tells of it; "updates" comes with "database" if a write was under way when that was killed."""
    return what in await stage.degraded()


async def _says_nothing(stage: Stage) -> bool:
    return await stage.degraded() == []


async def _lists(stage: Stage, name: str) -> bool:
    reply = await request(stage.address, "/api/catalog")
    return reply.status == 200 and name in [item["name"] for item in json.loads(reply.body)["items"]]
