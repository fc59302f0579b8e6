"""A SQLite file that is deleted or replaced under a running server: no write is said to be kept that is not."""

from pathlib import Path

from tests.support.http_client import request
from tests.support.server import ServerProcess, doctor, server_process
from tests.support.stack import HOME_DC, MIB, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import synthetic_bytes


async def degraded(server: ServerProcess) -> list[str]:
    said = await server.readyz()
    return [] if said is None else said["degraded"]


async def test_a_deleted_database_is_told_and_nothing_is_lost_silently(tmp_path: Path) -> None:
    """6, 19: /readyz, doctor and the log name it, writes fail, streams go on; moved back, all is well again."""
    async with emulator_world() as world, server_process(world, tmp_path, entry=HOME_DC) as server:
        chat_id, message_id = await world.post_synthetic(MIB, seed=5)
        await server.start()
        await server.ready()
        stream = f"/stream/{chat_id}/{message_id}"
        assert (await request(server.address, stream)).body == synthetic_bytes(5, 0, MIB)
        write = f"/api/favourites/{chat_id}/{message_id}"
        database = tmp_path / "data" / "streamvault.db"
        database.rename(database.with_suffix(".away"))
        refused = await request(server.address, write, method="PUT")
        assert refused.status == 503
        assert int(refused.headers["retry-after"]) >= 1
        await until(lambda: _told(server), timeout=20, pause=0.1)
        assert "was deleted or replaced while it was open" in server.log()
        code, out = await doctor(server)
        assert (code, "FAILED   server, database: " in out) == (1, True), out
        assert not database.exists(), "who examines makes no database"
        assert (await request(server.address, stream)).body == synthetic_bytes(5, 0, MIB)
        database.with_suffix(".away").rename(database)
        await until(lambda: _well(server), timeout=20, pause=0.1)
        assert (await request(server.address, write, method="PUT")).status < 300


async def _told(server: ServerProcess) -> bool:
    return "database" in await degraded(server)


async def _well(server: ServerProcess) -> bool:
    return await degraded(server) == []
