"""An old and a new container on one session: the newcomer waits, says so, and takes over; never both at once.

Each process has a way to Telegram of its own, so that it is seen which of them are connected.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.mongo import mongo_server
from tests.support.proof import full
from tests.support.proxies import QUOTED, USER, Relay, relay, socks5
from tests.support.server import LEASE, ServerProcess, server_process, short_lease
from tests.support.stack import HOME_DC, EmulatedWorld, emulator_world

SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
CLEAN, KILLED = 3.0, 35.0 if full() else LEASE
"""Seconds until the newcomer has the session: after a clean end, and of a database's after a kill."""


@dataclass
class Party:
    """A server process, and the only way that its connections can take."""

    server: ServerProcess
    way: Relay


@asynccontextmanager
async def two(folder: Path, store: str) -> AsyncIterator[tuple[EmulatedWorld, Party, Party]]:
    """Two servers with the same settings, not started yet."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(emulator_world())
        settings = {} if full() else short_lease()
        if store != "file":
            settings |= {"SESSION_STORE": "database", "SECRET_KEY": SECRET_KEY}
            settings["DATABASE_URL"] = f"sqlite:///{folder}/elsewhere.db"
        if store == "mongodb":
            mongo = await stack.enter_async_context(mongo_server(folder, keeps=False))
            settings["DATABASE_URL"] = mongo.url.get_secret_value()
        proxy = await stack.enter_async_context(socks5())
        ways = [await stack.enter_async_context(relay(proxy)) for _ in range(2)]
        for way, rival in zip(ways, reversed(ways), strict=True):
            way.rival = rival
        servers = [
            await stack.enter_async_context(
                server_process(
                    world, folder, entry=HOME_DC, PROXY_URL=f"socks5://{USER}:{QUOTED}@127.0.0.1:{way.port}", **settings
                )
            )
            for way in ways
        ]
        first, second = (Party(server, way) for server, way in zip(servers, ways, strict=True))
        yield world, first, second


@pytest.mark.timeout(3600 if full() else 200)
@pytest.mark.parametrize("store", ["file", "sqlite", "mongodb"])
async def test_a_newcomer_waits_and_takes_over(tmp_path: Path, store: str) -> None:
    endings = ["clean", "newcomer", "kill"] * 7
    endings = endings[: 20 if full() else 2 if store == "sqlite" else 3]
    async with two(tmp_path, store) as (world, holder, newcomer):
        await holder.server.start()
        await holder.server.ready()
        for ending in endings:
            await newcomer.server.start()
            said = await newcomer.server.waits_for("lease")
            assert said["http_status"] == 503
            assert int(said["headers"]["retry-after"]) >= 1
            assert newcomer.way.open == 0
            if ending == "newcomer":
                await newcomer.server.kill()
                await holder.server.ready()
                continue
            if ending == "clean":
                assert await holder.server.stop() == 0
            else:
                await holder.server.kill()
            within = KILLED if ending == "kill" and store != "file" else CLEAN
            await newcomer.server.no_longer_waits_for("lease", within)
            await newcomer.server.ready()
            holder, newcomer = newcomer, holder
        assert newcomer.way.met == holder.way.met == 0
        assert world.emulator.counters.by("keys_created", "dc") == {HOME_DC: 1}
        assert world.emulator.counters.value("logins") == 1
        assert world.emulator.counters.value("errors", text="AUTH_KEY_DUPLICATED") == 0
        assert holder.server.log().count("lease: another process holds") == len(endings)
