"""What is posted while the server is stopped is listed after its next start, whatever Telegram tells by itself."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from streamvault.access.links import LinkSigner
from tests.support.http_client import request
from tests.support.server import ServerProcess, server_process
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent

POSTED = ["missed 1.mp4", "missed 2.mp4", "missed 3.mp4"]
SECRET_KEY = "a-secret-key-that-is-long-enough"
DIFFERENCE = "updates.getChannelDifference"


async def names(server: ServerProcess) -> list[str]:
    reply = await request(server.address, "/api/catalog?sort=name&order=asc&limit=100")
    assert reply.status == 200
    return [item["name"] for item in json.loads(reply.body)["items"]]


async def lists(server: ServerProcess, wanted: list[str]) -> bool:
    found = await names(server)
    return [name for name in found if name in wanted] == wanted


async def post(world: EmulatedWorld, names: list[str], *, channel: Any = None) -> None:
    for number, name in enumerate(names):
        await world.post_file(SyntheticContent(1000, number), name=name, channel=channel)


async def followed(folder: Path, channels: int) -> None:
    """Wait until the server has stored from where on it follows so many channels."""

    def stored() -> int:
        with closing(sqlite3.connect(folder / "data" / "streamvault.db")) as database:
            (count,) = database.execute("SELECT count(*) FROM marks WHERE name LIKE 'pts/%'").fetchone()
        return int(count)

    await until(lambda: stored() >= channels, timeout=20, pause=0.02)


@pytest.mark.parametrize(("walked", "named"), [(True, "number"), (False, "@username")], ids=["indexed", "not indexed"])
async def test_a_channel_without_a_live_post_is_caught_up(tmp_path: Path, walked: bool, named: str) -> None:
    """15: Telegram does not say which channels have changed."""
    async with emulator_world() as world:
        world.emulator.world.tell_of_channels = False
        films = world.emulator.world.add_channel("Series", creator=world.owner, username="tv_series")
        world.emulator.world.add_member(films, world.bot, admin=True)
        await post(world, ["old.mp4"], channel=films)
        chosen = "@tv_series" if named == "@username" else str(chat_id_of(films))
        changes = {"CHANNELS": chosen, "VAULT_CHANNEL": "", "SECRET_KEY": SECRET_KEY}
        async with server_process(world, tmp_path, entry=HOME_DC, **changes) as server:
            await server.start()
            await server.ready()
            if walked:
                await index(server, chat_id_of(films))
                await until(lambda: lists(server, ["old.mp4"]), pause=0.02)
            else:
                await followed(tmp_path, 1)
            assert await server.stop() == 0
            await post(world, POSTED, channel=films)
            await server.start()
            await server.ready()
            await until(lambda: lists(server, POSTED), timeout=20, pause=0.02)
            assert await server.stop() == 0


async def test_one_channel_that_fails_holds_up_no_other_at_a_start(tmp_path: Path) -> None:
    """15: every channel is asked once; the one that fails is asked again, alone."""
    async with emulator_world() as world:
        world.emulator.world.tell_of_channels = False
        channels = [world.emulator.world.add_channel(f"No. {number}", creator=world.owner) for number in range(12)]
        for channel in channels:
            world.emulator.world.add_member(channel, world.bot, admin=True)
        changes = {"CHANNELS": ",".join(str(chat_id_of(channel)) for channel in channels), "VAULT_CHANNEL": ""}
        async with server_process(world, tmp_path, entry=HOME_DC, **changes) as server:
            await server.start()
            await server.ready()
            await followed(tmp_path, len(channels))
            assert await server.stop() == 0
            for number, channel in enumerate(channels):
                await post(world, [f"in {number:02}.mp4"], channel=channel)
            asked = world.emulator.counters.value("calls", method=DIFFERENCE)
            failing = world.emulator.faults.error(500, "INTERNAL", method=DIFFERENCE, times=1)
            await server.start()
            await server.ready()
            await until(lambda: lists(server, [f"in {n:02}.mp4" for n in range(12)]), timeout=30, pause=0.02)
            assert failing.used == 1
            assert world.emulator.counters.value("calls", method=DIFFERENCE) - asked == len(channels) + 1
            assert await server.stop() == 0


async def index(server: ServerProcess, chat_id: int) -> None:
    token = LinkSigner(SECRET_KEY.encode()).sign(None, scope="server", expires_at=None)
    async with httpx.AsyncClient(base_url="http://{}:{}".format(*server.address)) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        assert (await client.post("/api/index", json={"chat_id": chat_id})).status_code == 202
