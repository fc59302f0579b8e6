"""A server without CHANNELS, and the channel of somebody who has found the bot: nothing of it is served unasked."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.forks import run
from tests.support.http_client import request
from tests.support.server import ServerProcess, server_process
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent


async def listed(server: ServerProcess) -> dict[int, list[str]]:
    """The names of the listed files, by chat."""
    found: dict[int, list[str]] = {}
    for item in json.loads((await request(server.address, "/api/catalog")).body)["items"]:
        found.setdefault(item["chat_id"], []).append(item["name"])
    return found


def strangers_channel(world: EmulatedWorld) -> Any:
    stranger = world.emulator.world.add_user("+15550666", first_name="Mallory")
    channel = world.emulator.world.add_channel("Cheap pills", creator=stranger)
    world.emulator.world.add_member(channel, world.bot, admin=True)
    return channel


async def test_a_strangers_channel_is_served_only_when_an_owner_says_so(tmp_path: Path) -> None:
    """1, Q: not listed nor streamed, also after a restart; named once in the log; `index` chooses it."""
    async with emulator_world() as world, server_process(world, tmp_path, entry=HOME_DC) as server:
        film = world.emulator.files.add(
            SyntheticContent(5000, 1), dc_id=HOME_DC, name="Quarry 2001.mp4", mime_type="video/mp4"
        )
        await server.start()
        await server.ready()
        await world.emulator.world.post(world.films, file=film, text="mine")
        other, films = strangers_channel(world), chat_id_of(world.films)
        for starts in (1, 2):
            copy = await world.emulator.world.post(other, file=film, text="his")
            await world.post_file(SyntheticContent(5000, 9), name="Pills 2002.mp4", channel=other)
            await until(partial(_says, server, starts), timeout=30, pause=0.05)
            await until(lambda: _lists(server, {films: ["Quarry 2001.mp4"]}), timeout=30, pause=0.05)
            assert (await request(server.address, f"/stream/{chat_id_of(other)}/{copy.id}")).status == 404
            if starts == 1:
                assert await server.stop() == 0
                await server.start()
                await server.ready()
        assert server.log().count("added by user") == server.log().count("('Mallory'), not by one of OWNER_IDS") == 2
        code, _, err = await run(["index", str(chat_id_of(other))], cwd=tmp_path, env=server._environment)
        assert code == 0, err
        await until(lambda: _has_chat(server, chat_id_of(other)), timeout=30, pause=0.05)


def _says(server: ServerProcess, times: int) -> bool:
    return server.log().count("is not served") >= times


async def _lists(server: ServerProcess, wanted: dict[int, list[str]]) -> bool:
    return await listed(server) == wanted


async def _has_chat(server: ServerProcess, chat_id: int) -> bool:
    return chat_id in await listed(server)
