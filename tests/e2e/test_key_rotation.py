"""SECRET_KEY is changed, with the old one in OLD_SECRET_KEYS for a while: links go on, and no account logs in again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from streamvault.access.links import LinkSigner
from streamvault.media.model import Origin
from tests.support.http_client import request
from tests.support.mongo import leaves_sockets, mongo_server
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import ENTRY_DC, FOREIGN_DC, MIB, EmulatedWorld, emulator_world
from tgemulator.world.content import synthetic_bytes

pytestmark = leaves_sockets

FIRST, SECOND, THIRD = (f"the-{number}-key-that-is-long-enough" for number in ("first", "second", "third"))


@dataclass(frozen=True)
class Stage:
    """A bot and a file in a foreign data centre; `settings` are those of every server."""

    world: EmulatedWorld
    folder: Path
    origin: Origin
    settings: dict[str, str]

    @asynccontextmanager
    async def served(self, key: str, *old: str) -> AsyncIterator[ServerProcess]:
        """A server with these keys, ready; it is stopped in order."""
        server = self.process(key, *old)
        try:
            await server.start()
            await server.ready(60)
            yield server
            assert await server.stop() == 0
        except Exception:
            await server.show()
            raise
        finally:
            await server.kill()

    def process(self, key: str, *old: str) -> ServerProcess:
        keys = {"SECRET_KEY": key, "OLD_SECRET_KEYS": ",".join(old)}
        environment = environment_for(self.world, self.folder, entry=ENTRY_DC, **self.settings, **keys)
        return ServerProcess(self.folder, environment)

    def path(self, key: str, what: str) -> str:
        """An address of the file with a link signed with `key`."""
        token = LinkSigner(key.encode()).sign(self.origin, scope="file", expires_at=None)
        return f"/{what}/{self.origin.chat_id}/{self.origin.message_id}?token={token}"

    async def status(self, server: ServerProcess, key: str) -> int:
        """Of the file's bytes; they are the right ones if there are any."""
        reply = await request(server.address, self.path(key, "stream"))
        if reply.status == 200:
            assert reply.body == synthetic_bytes(7, 0, MIB)
        return reply.status

    def made(self) -> dict[str, int]:
        """What the emulator counted of what should be made once."""
        counters = self.world.emulator.counters
        return {name: counters.value(name) for name in ("keys_created", "logins", "exports", "imports")}


@asynccontextmanager
async def staged(folder: Path, store: str) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(emulator_world())
        chat, message = await world.post_synthetic(MIB, dc_id=FOREIGN_DC, seed=7)
        settings = {"PUBLIC_ACCESS": "false", "CACHE_MEMORY": "0", "CACHE_DISK": "0"}
        if store != "file":
            settings |= {"SESSION_STORE": "database", "DATABASE_URL": f"sqlite:///{folder}/elsewhere.db"}
        if store == "mongodb":
            mongo = await stack.enter_async_context(mongo_server(folder, keeps=False))
            settings["DATABASE_URL"] = mongo.url.get_secret_value()
        yield Stage(world, folder, Origin(chat, message), settings)


async def position(stage: Stage, server: ServerProcess, key: str, cookie: str) -> float:
    """How far the browser with this cookie has watched the file."""
    headers = {"Cookie": f"sv_user={cookie}"}
    async with httpx.AsyncClient(base_url="http://{}:{}".format(*server.address), headers=headers) as client:
        answer = await client.get(stage.path(key, "api/watch"))
        assert answer.status_code == 200, answer.text
        return float(answer.json()["position"])


async def watched(stage: Stage, server: ServerProcess, key: str, *, cookie: str = "", position: float) -> str:
    """The cookie that is set when a position is stored."""
    headers = {"Cookie": f"sv_user={cookie}"} if cookie else {}
    async with httpx.AsyncClient(base_url="http://{}:{}".format(*server.address), headers=headers) as client:
        answer = await client.put(stage.path(key, "api/watch"), json={"position": position})
        assert answer.status_code == 200, answer.text
        return answer.cookies["sv_user"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("store", ["sqlite", "mongodb"])
async def test_a_rotation_with_a_grace_period_costs_no_login(tmp_path: Path, store: str) -> None:
    async with staged(tmp_path, store) as stage:
        async with stage.served(FIRST) as server:
            assert await stage.status(server, FIRST) == 200
            cookie = await watched(stage, server, FIRST, position=11.0)
        made = stage.made()
        assert made["logins"] == 1
        async with stage.served(SECOND, FIRST) as server:
            assert [await stage.status(server, key) for key in (FIRST, SECOND, THIRD)] == [200, 200, 403]
            assert await position(stage, server, FIRST, cookie) == 11.0
            renewed = await watched(stage, server, SECOND, cookie=cookie, position=22.0)
        assert stage.made() == made
        async with stage.served(SECOND) as server:
            assert [await stage.status(server, key) for key in (FIRST, SECOND)] == [403, 200]
            assert await position(stage, server, SECOND, renewed) == 22.0
            assert await position(stage, server, SECOND, cookie) == 0.0
        assert stage.made() == made
        refused = stage.process(THIRD)
        try:
            await refused.start()
            assert await refused.ended_within(30)
            assert refused.exit_code == 2
            assert "OLD_SECRET_KEYS" in refused.log()
        finally:
            await refused.kill()
        async with stage.served(THIRD, SECOND) as server:
            assert await stage.status(server, SECOND) == 200
        assert stage.made() == made
        assert not any(key in server.log() for key in (FIRST, SECOND, THIRD))


async def test_the_key_that_was_made_before_goes_on_until_it_is_deleted(tmp_path: Path) -> None:
    async with staged(tmp_path, "file") as stage:
        async with stage.served("") as server:
            file = tmp_path / "data" / "secret_key"
            made = await asyncio.to_thread(file.read_text)
            assert await stage.status(server, made) == 200
        async with stage.served(FIRST) as server:
            assert [await stage.status(server, key) for key in (made, FIRST)] == [200, 200]
            assert str(file) in server.log()
        file.unlink()
        async with stage.served(FIRST) as server:
            assert [await stage.status(server, key) for key in (made, FIRST)] == [403, 200]
        assert stage.made()["logins"] == 1
