"""A server whose clients keep connections without finishing a request: it answers everybody else, quietly."""

import asyncio
import re
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
            most = ConnectionLimits.for_open_files(FILES).idle_per_address
            await until(lambda: sum(_is_open(reader) for reader, _ in silent) <= most, timeout=60, pause=0.1)
            late = await _closed_for(server, "slow_head")
            assert late <= most, "more than the limit of idle ones stayed until their head was due"
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


def _is_open(reader: asyncio.StreamReader) -> bool:
    """Whether the server has not closed it, as far as this process knows."""
    return not reader.at_eof() and reader.exception() is None


async def _closed_for(server: ServerProcess, why: str) -> int:
    """How many connections the server has closed for this limit."""
    text = (await request(server.address, "/metrics")).body.decode()
    found = re.search(rf'^streamvault_requests_limited_total{{why="{why}"}} (\S+)$', text, re.MULTILINE)
    return round(float(found[1])) if found else 0
