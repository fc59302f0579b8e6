"""A disk that the cache could fill: nothing is lost, the cache is bounded, and a start on a full disk works."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import ServerProcess, server_process
from tests.support.small_disk import free, listed, post, post_film, read_film, small_disk
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until

MIB = 1 << 20
DISK = 48 * MIB
RESERVE = DISK // 4


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """DATA_DIR on a small disk of its own."""
    with small_disk(tmp_path / "data", DISK) as folder:
        yield folder


async def stream(server: ServerProcess, world: EmulatedWorld, size: int, seed: int) -> None:
    """Post a file of `size` bytes and read all of it."""
    await read_film(server, world, await post_film(world, size, seed), size, seed)


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
        names = set(await post(world, 150, first=0))
        await until(lambda: _holds(server, names), timeout=60, pause=0.05)
        await until(lambda: free(data) >= RESERVE - 2 * MIB, timeout=30, pause=0.05)
        assert (await server.readyz() or {})["degraded"] == []
        assert await server.stop() == 0

        ballast.write_bytes(bytes(free(data) - MIB // 4))
        assert free(data) < MIB
        await server.start()
        await server.ready()
        more = set(await post(world, 50, first=1000))
        await until(lambda: _holds(server, names | more), timeout=60, pause=0.05)
        ballast.unlink()
        await stream(server, world, 8 * MIB, 99)
        assert await server.stop() == 0
        assert "Traceback" not in server.log()
        assert "of the cache were removed" in server.log()


async def _holds(server: ServerProcess, names: set[str]) -> bool:
    return names <= await listed(server)
