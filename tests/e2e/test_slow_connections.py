"""A server whose clients keep connections without finishing a request: it answers everybody else, quietly."""

import asyncio
import contextlib
from pathlib import Path

from streamvault.http.connections import ConnectionLimits
from tests.support.http_client import connect, request
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import HOME_DC, emulator_world
from tests.support.waiting import until

FILES = 300


async def test_silent_connections_leave_files_and_log_to_others(tmp_path: Path) -> None:
    async with emulator_world() as world:
        environment = environment_for(world, tmp_path, entry=HOME_DC)
        server = ServerProcess(tmp_path, environment, within=("prlimit", f"--nofile={FILES}:{FILES}"))
        await server.start()
        try:
            await until(server.readyz, timeout=60, pause=0.05)
            await server.ready()
            silent = [await connect(server.address) for _ in range(FILES + 20)]
            for _ in range(20):
                assert (await request(server.address, "/healthz")).status == 200
            used = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
            assert used <= FILES - 20, "nothing is left for the database and the accounts"
            kept = await asyncio.gather(*(_is_open(reader) for reader, _ in silent))
            assert sum(kept) <= ConnectionLimits.for_open_files(FILES).total
            for _, writer in silent:
                writer.transport.abort()
            assert (await request(server.address, "/readyz")).status == 200
            assert await server.stop() == 0
        finally:
            await server.kill()
        log = server.log()
        assert "Traceback" not in log
        assert log.count("too many connections") == 1
        assert len(log) < 20_000


async def _is_open(reader: asyncio.StreamReader) -> bool:
    """Whether the server has closed it; told without waiting, as all that it closed was closed before its answers."""
    with contextlib.suppress(ConnectionError):
        try:
            return bool(await asyncio.wait_for(reader.read(1), 0.5))
        except TimeoutError:
            return True
    return False
