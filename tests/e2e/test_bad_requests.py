"""18: whatever clients send, the log gets a line a minute about it and not one for each."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.support.http_client import connect, head, read_head
from tests.support.server import server_process
from tests.support.stack import HOME_DC, emulator_world

NO_HTTP = (
    b"GARBAGE\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),  # the begin of TLS
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
    b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00",  # SOCKS4
)
UPGRADES = ("websocket", "h2c", "TLS/1.0")
REFUSED = (
    "/stream/-1001/1", "/stream/-1001/99999999999999999999", "/watch/-1009999999999", "/api/index", "/nothing/here",
    "/api/catalog?cursor=wrong", "/api/catalog?limit=1000000", "/%00", "/%ff%fe", "/..%2f..%2fetc/passwd",
    "/stream/-1001/1?token=" + "A" * 500,
)  # fmt: skip


@pytest.mark.parametrize("public", ["true", "false"])
async def test_bad_requests_are_counted_in_the_log(tmp_path: Path, public: str) -> None:
    rounds = 20
    async with (
        emulator_world() as world,
        server_process(world, tmp_path, entry=HOME_DC, PUBLIC_ACCESS=public) as server,
    ):
        await server.start()
        await server.ready(60)
        before = len(server.log().splitlines())
        for _ in range(rounds):
            for raw in NO_HTTP:
                assert await answer(server.address, raw) == 400
            for protocol in UPGRADES:
                headers = {"Connection": "close, Upgrade", "Upgrade": protocol}
                assert await answer(server.address, head(server.address, "/healthz", headers=headers)) == 200
            for target in REFUSED:
                assert await answer(server.address, head(server.address, target)) < 500
            for method in ("DELETE", "TRACE", "PROPFIND", "POST"):
                assert 400 <= await answer(server.address, head(server.address, "/healthz", method=method)) < 500
        assert await server.stop() == 0
        lines = server.log().splitlines()[before:]
        counted = [
            found for line in lines if (found := re.search(r"bad requests within a minute: (\d+) \((.*)\)", line))
        ]
        assert sum(int(found[1]) for found in counted) == rounds * (len(NO_HTTP) + len(UPGRADES))
        assert "without valid HTTP" in counted[0][2]
        assert "for another protocol" in counted[0][2]
        assert len(lines) - len(counted) <= 3, lines


async def answer(address: tuple[str, int], raw: bytes) -> int:
    """The status that these bytes are answered with."""
    reader, writer = await connect(address)
    try:
        async with asyncio.timeout(30):
            writer.write(raw)
            return (await read_head(reader)).status
    finally:
        writer.transport.abort()
