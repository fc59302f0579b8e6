"""A disk that the cache could fill: nothing is lost, the cache is bounded, and a start on a full disk works."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.http_client import request
from tests.support.programs import as_root
from tests.support.server import ServerProcess, server_process
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent, synthetic_bytes

MIB = 1 << 20
DISK = 48 * MIB
RESERVE = DISK // 4


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """DATA_DIR on a small disk of its own."""
    as_root()
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


async def stream(server: ServerProcess, world: EmulatedWorld, size: int, seed: int) -> None:
    """Post a file of `size` bytes and read all of it."""
    file = world.emulator.files.add(SyntheticContent(size, seed), dc_id=HOME_DC, name=f"{seed}.mp4")
    message: Any = await world.emulator.world.post(world.films, file=file)
    reply = await request(server.address, f"/stream/{chat_id_of(world.films)}/{message.id}")
    assert (reply.status, reply.body) == (200, synthetic_bytes(seed, 0, size))


async def post(world: EmulatedWorld, count: int, *, first: int) -> set[str]:
    names = {f"small {number}.mp4" for number in range(first, first + count)}
    for number, name in enumerate(sorted(names)):
        file = world.emulator.files.add(SyntheticContent(1000, first + number), dc_id=HOME_DC, name=name)
        await world.emulator.world.post(world.films, file=file)
    return names


async def listed(server: ServerProcess) -> set[str]:
    """The names of all listed files."""
    found: set[str] = set()
    cursor = ""
    while True:
        reply = await request(server.address, f"/api/catalog?limit=100{f'&cursor={cursor}' if cursor else ''}")
        page = json.loads(reply.body)
        found |= {item["name"] for item in page["items"]}
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return found


async def test_the_cache_leaves_room_for_posts_and_makes_room_for_a_start(tmp_path: Path, data: Path) -> None:
    ballast = data / "of somebody else"
    async with (
        emulator_world() as world,
        server_process(world, tmp_path, entry=HOME_DC, CACHE_DISK="1 GiB", CHANNELS=str(0)) as server,
    ):
        server._environment["CHANNELS"] = str(chat_id_of(world.films))
        server._environment["DATA_DIR"] = str(data)
        await server.start()
        await server.ready()
        for seed in range(3):
            await stream(server, world, 32 * MIB, seed + 1)
        names = await post(world, 150, first=0)
        await until(lambda: _holds(server, names), timeout=60, pause=0.05)
        await until(lambda: free(data) >= RESERVE - 2 * MIB, timeout=30, pause=0.05)
        assert (await server.readyz() or {})["degraded"] == []
        assert await server.stop() == 0

        ballast.write_bytes(bytes(free(data) - MIB // 4))
        assert free(data) < MIB
        await server.start()
        await server.ready()
        more = await post(world, 50, first=1000)
        await until(lambda: _holds(server, names | more), timeout=60, pause=0.05)
        ballast.unlink()
        await stream(server, world, 8 * MIB, 99)
        assert await server.stop() == 0
        assert "Traceback" not in server.log()
        assert "of the cache were removed" in server.log()


async def _holds(server: ServerProcess, names: set[str]) -> bool:
    return names <= await listed(server)
