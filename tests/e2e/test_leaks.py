"""With everything but the proxy out of reach, the product works, and tries nothing else."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.http_client import request
from tests.support.namespace import OUTSIDE, Namespace, namespace
from tests.support.proxies import QUOTED, USER, Relay, http_proxy, relay, socks5
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import ENTRY_DC, FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, emulator_world
from tgemulator.world.content import synthetic_bytes


@asynccontextmanager
async def proxied(kind: str, folder: Path) -> AsyncIterator[tuple[Relay, str]]:
    """A proxy of this kind that listens outside, the relay before it, and its PROXY_URL."""
    if kind == "socks5":
        async with socks5() as port, relay(port, listen=OUTSIDE) as counted:
            yield counted, f"socks5://{USER}:{QUOTED}@{OUTSIDE}:{counted.port}"
    else:
        async with http_proxy(folder) as port, relay(port, listen=OUTSIDE) as counted:
            yield counted, f"http://{USER}:password@{OUTSIDE}:{counted.port}"


@asynccontextmanager
async def confined(
    world: EmulatedWorld, folder: Path, within: Namespace, **settings: str
) -> AsyncIterator[ServerProcess]:
    """A server that is ready, in the namespace."""
    environment = environment_for(world, folder, entry=ENTRY_DC, HOST=within.inside, **settings)
    server = ServerProcess(folder, environment, within=within.enter)
    await server.start()
    try:
        await server.ready()
        yield server
    finally:
        await server.kill()


async def test_a_leak_would_be_seen() -> None:
    leak = (
        "import socket; u = socket.socket(type=socket.SOCK_DGRAM); u.sendto(b'x', ('192.0.2.1', 53)); "
        "t = socket.socket(); t.setblocking(False); t.connect_ex(('192.0.2.1', 443))"
    )
    async with namespace() as within:
        process = await asyncio.create_subprocess_exec(*within.enter, sys.executable, "-c", leak)
        assert await process.wait() == 0
        assert await within.sent() == (1, 1)


@pytest.mark.parametrize(("kind", "ip_version"), [("socks5", "auto"), ("http", "4")])
async def test_nothing_goes_past_the_proxy(tmp_path: Path, kind: str, ip_version: str) -> None:
    async with emulator_world() as world, namespace() as within, proxied(kind, tmp_path) as (counted, url):
        chat, _ = await world.post_synthetic(MIB)
        settings = {"PROXY_URL": url, "IP_VERSION": ip_version, "CHANNELS": str(chat)}
        async with confined(world, tmp_path, within, **settings) as server:
            for dc_id in (HOME_DC, FOREIGN_DC):
                _, message = await world.post_synthetic(MIB, dc_id=dc_id, seed=dc_id)
                reply = await request(server.address, f"/stream/{chat}/{message}")
                assert reply.body == synthetic_bytes(dc_id, 0, MIB)
            await world.emulator.drop_connections()
            await server.ready()
            reply = await request(server.address, f"/stream/{chat}/{message}", headers={"Range": "bytes=5-9"})
            assert reply.body == synthetic_bytes(FOREIGN_DC, 5, 5)
            assert await server.stop() == 0
        assert await within.sent() == (counted.connections, 0)
        assert counted.connections == world.emulator.counters.value("connections")
