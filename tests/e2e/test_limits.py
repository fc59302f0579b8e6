"""The limits of a running server hold across a restart, on both databases."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.support.http_client import Reply, request
from tests.support.mongo import mongo_server
from tests.support.server import ServerProcess, server_process, short_lease
from tests.support.stack import HOME_DC, MIB, emulator_world
from tests.support.waiting import until

HERE = {"TRUSTED_PROXIES": "127.0.0.1", "DAY_LIMIT": "3 MiB"}


async def ask(server: ServerProcess, path: str, address: str = "203.0.113.9") -> Reply:
    return await request(server.address, path, headers={"X-Forwarded-For": address})


@pytest.mark.parametrize("engine", ["sqlite", "mongodb"])
async def test_the_bytes_of_a_day_hold_across_a_restart(tmp_path: Path, engine: str) -> None:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(emulator_world())
        settings = HERE | short_lease()
        if engine == "mongodb":
            mongo = await stack.enter_async_context(mongo_server(tmp_path, keeps=False))
            settings["DATABASE_URL"] = mongo.url.get_secret_value()
        server = await stack.enter_async_context(server_process(world, tmp_path, entry=HOME_DC, **settings))
        await server.start()
        await server.ready()
        chat_id, message_id = await world.post_synthetic(2 * MIB, dc_id=HOME_DC)
        path = f"/stream/{chat_id}/{message_id}"

        async def watched() -> bool:
            return (await ask(server, path)).complete

        await until(watched, timeout=30, pause=0.05)
        assert not (await ask(server, path)).complete
        assert (await ask(server, path)).status == 429
        assert await server.stop() == 0
        await server.start()
        await server.ready()
        assert (await ask(server, path)).status == 429
        assert (await ask(server, path, address="203.0.113.10")).complete
