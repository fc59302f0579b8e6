"""A long history walked by a real server, and by the command: killed, followed, stopped, and what it costs."""

import logging
import math
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from streamvault.access.links import LinkSigner
from tests.support.backfills import (
    GET_MESSAGES,
    expected,
    fill,
    held_after,
    index_command,
    newest,
    reads,
    resident,
    stored,
)
from tests.support.proof import full
from tests.support.server import ServerProcess, environment_for, server_process
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until

log = logging.getLogger(__name__)

SECRET_KEY = "a-secret-key-that-is-long-enough-for-it"
MESSAGES = 100_000 if full() else 1_500
KILLS = 3
SLACK = 1.1
MIB = 1 << 20
IN_THE_BACKGROUND = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
"""A shell without job control starts `command &` with Ctrl-C ignored."""


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    """An emulated Telegram with a long history."""
    async with emulator_world() as made:
        await fill(made, MESSAGES)
        yield made


def api(server: ServerProcess) -> httpx.AsyncClient:
    """A client that may do everything."""
    token = LinkSigner(SECRET_KEY.encode()).sign(None, scope="server", expires_at=None)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url="http://{}:{}".format(*server.address), headers=headers)


async def state(server: ServerProcess) -> dict[str, Any]:
    """How far the only walk is; {} while there is none."""
    async with api(server) as client:
        walks = (await client.get("/api/index")).json()["walks"]
    return dict(walks[0]) if walks else {}


async def finished(server: ServerProcess) -> dict[str, Any] | None:
    found = await state(server)
    return found if found.get("state") == "finished" else None


def moments(world: EmulatedWorld) -> list[int]:
    """After how many reads there is a kill."""
    least = math.ceil(newest(world) / 100)
    return sorted(random.Random(7).sample(range(1, max(5, least - 5)), KILLS))


@pytest.mark.timeout(1800 if full() else 120)
async def test_a_server_backfills_with_the_fewest_reads_through_kills(world: EmulatedWorld, tmp_path: Path) -> None:
    chat_id, least = chat_id_of(world.films), math.ceil(newest(world) / 100)
    memory: list[int] = []
    async with server_process(world, tmp_path, entry=HOME_DC, SECRET_KEY=SECRET_KEY) as server:
        await server.start()
        await server.ready()
        async with api(server) as client:
            begun = await client.post("/api/index", json={"chat_id": chat_id})
        assert begun.status_code == 202, begun.text
        for moment in moments(world):
            async with held_after(world, moment):
                await server.kill()
            await server.start()  # and nobody asks again
        await server.ready()

        async def over() -> dict[str, Any] | None:
            memory.append(resident(server.pid))
            return await finished(server)

        found = await until(over, timeout=1200, pause=0.05)
        assert (found["done"], found["top"]) == (found["top"], newest(world))
        assert least <= reads(world) <= SLACK * least + 3 * KILLS * (not full())
        assert await server.stop() == 0
    assert await stored(tmp_path / "data", chat_id) == expected(world)
    shown = [one // MIB for one in memory[:: max(1, len(memory) // 20)]]
    log.info("%d reads where %d are the least; memory in MiB: %s", reads(world), least, shown)
    assert max(memory[len(memory) // 2 :]) < max(memory[: max(1, len(memory) // 4)]) + 16 * MIB


@pytest.mark.timeout(1800 if full() else 120)
async def test_the_command_walks_by_itself_through_kills(world: EmulatedWorld, tmp_path: Path) -> None:
    chat_id, least = chat_id_of(world.films), math.ceil(newest(world) / 100)
    # without caches nothing is prepared for playing: the reads are those of the walk
    environment = environment_for(world, tmp_path, entry=HOME_DC, CACHE_MEMORY="0", CACHE_DISK="0")
    for moment in moments(world):
        async with index_command(world, environment, folder=tmp_path) as command, held_after(world, moment):
            command.process.kill()
            await command.process.wait()
    async with index_command(world, environment, folder=tmp_path) as command:
        assert await command.ends(1200) == 0
    assert least <= reads(world) <= SLACK * least + 3 * KILLS * (not full())
    assert await stored(tmp_path / "data", chat_id) == expected(world)
    assert command.lines[-1].startswith(f"finished: message {newest(world)} of {newest(world)}, ")
    before = reads(world)
    await fill(world, 150, seed=2)
    async with index_command(world, environment, folder=tmp_path) as command:
        assert await command.ends() == 0
    assert reads(world) - before <= 3
    assert await stored(tmp_path / "data", chat_id) == expected(world)
    assert world.emulator.counters.value("logins") == 1


async def test_the_command_lets_a_running_server_do_it(world: EmulatedWorld, tmp_path: Path) -> None:
    environment = environment_for(world, tmp_path, entry=HOME_DC, SECRET_KEY=SECRET_KEY, PUBLIC_ACCESS="false")
    server = ServerProcess(tmp_path, environment)
    await server.start()
    try:
        await until(server.readyz, timeout=60, pause=0.05)
        async with index_command(world, environment, folder=tmp_path) as command:
            assert await command.ends() == 0
        assert any(line.startswith("the server at ") for line in command.lines[:2])
        assert command.lines[-1].startswith("finished: ")
        assert (await state(server))["state"] == "finished"
        async with index_command(world, environment, "@nobody_here", folder=tmp_path) as wrong:
            assert await wrong.ends() == 2
        assert wrong.lines[-1].startswith("streamvault: @nobody_here cannot be indexed")
        async with index_command(world, environment | {"SECRET_KEY": "x" * 32}, folder=tmp_path) as stranger:
            assert await stranger.ends() == 2
        assert "SECRET_KEY" in stranger.lines[-1]
        async with api(server) as client, client.stream("GET", "/api/index/events") as events:
            lines = events.aiter_lines()
            assert await anext(lines) == ": walks"
            assert await server.stop() == 0
            assert [line async for line in lines][-1] == ""  # ended in order, not cut off
    finally:
        await server.kill()
    assert await stored(tmp_path / "data", chat_id_of(world.films)) == expected(world)


@pytest.mark.parametrize(
    ("where", "how", "within"),
    [("here", signal.SIGINT, ()), ("there", signal.SIGTERM, ()), ("there", signal.SIGTERM, IN_THE_BACKGROUND)],
    ids=["here", "there", "there, from a script"],
)
async def test_stopping_the_command_is_no_failure(
    world: EmulatedWorld, tmp_path: Path, where: str, how: signal.Signals, within: tuple[str, ...]
) -> None:
    environment = environment_for(world, tmp_path, entry=HOME_DC, SECRET_KEY=SECRET_KEY)
    server = ServerProcess(tmp_path, environment)
    world.emulator.faults.slow_answer(method=GET_MESSAGES, after=5)  # held back until it is lifted
    try:
        if where == "there":
            await server.start()
            await server.ready()
        async with index_command(world, environment, folder=tmp_path, within=within) as command:
            await until(lambda: any(line.startswith("walking") for line in command.lines), timeout=60, pause=0.01)
            command.process.send_signal(how)
            assert await command.ends() == 0
        assert command.lines[-1].endswith("to look" if where == "there" else "to go on")
        world.emulator.faults.lift_all()
        if where == "there":
            await until(lambda: finished(server), timeout=60, pause=0.05)
            assert await server.stop() == 0
        else:
            async with index_command(world, environment, folder=tmp_path) as command:
                assert await command.ends() == 0
    finally:
        await server.kill()
    assert await stored(tmp_path / "data", chat_id_of(world.films)) == expected(world)


@pytest.mark.parametrize("chat", ["@nobody_here", "-1009999999999"])
async def test_a_wrong_chat_is_one_line(tmp_path: Path, chat: str) -> None:
    async with emulator_world() as world:
        environment = environment_for(world, tmp_path, entry=HOME_DC)
        async with index_command(world, environment, chat, folder=tmp_path) as command:
            assert await command.ends() == 2
    assert len(command.lines) == 1, command.lines
    assert command.lines[0].startswith("streamvault: ")
