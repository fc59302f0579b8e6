"""nginx as Debian ships it in front of the server, with nothing but proxy_pass."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.http_client import Address, opened, request
from tests.support.ports import free_port
from tests.support.programs import program
from tests.support.serving import settled
from tests.support.stack import HOME_DC, MIB
from tests.support.waiting import until
from tests.support.whole import whole_product
from tgemulator.world.content import synthetic_bytes

SIZE, SEED, WATCHED = 192 * MIB, 5, 2 * MIB
BUFFERED = 48 * MIB
"""Twice READAHEAD, and what the kernel holds of two connections."""
BARE = """
daemon off; pid {folder}/nginx.pid; error_log stderr; user root;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{upstream}; {extra} }} }}
}}
"""


@asynccontextmanager
async def nginx(folder: Path, upstream: Address, extra: str = "") -> AsyncIterator[Address]:
    """A running nginx in front of `upstream`."""
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(BARE.format(folder=folder, port=port, upstream="{}:{}".format(*upstream), extra=extra))
    process = await asyncio.create_subprocess_exec(program("nginx"), "-p", str(folder), "-c", str(configuration))
    address = ("127.0.0.1", port)

    async def answers() -> bool:
        assert process.returncode is None, "nginx ended"
        try:
            return (await request(address, "/healthz")).status == 200
        except OSError:
            return False

    try:
        await until(answers, timeout=30, pause=0.05)
        yield address
    finally:
        process.terminate()
        await process.wait()


def temporary(folder: Path) -> int:
    """Bytes that nginx keeps on its disk."""
    return sum(path.stat().st_size for path in (folder / "proxy").rglob("*") if path.is_file())


@pytest.mark.parametrize("extra", ["", "proxy_http_version 1.1;"], ids=["HTTP/1.0", "HTTP/1.1"])
async def test_a_slow_viewer_behind_a_bare_proxy_pass_costs_what_is_watched(tmp_path: Path, extra: str) -> None:
    (tmp_path / "nginx").mkdir()
    async with whole_product(tmp_path, cache_memory=0, cache_disk=0) as whole:
        path = await whole.post(SIZE, dc_id=HOME_DC, seed=SEED)
        async with nginx(tmp_path / "nginx", whole.address, extra) as address:
            before = whole.getfile_bytes()
            async with opened(address, path, receive_buffer=65_536) as exchange:
                assert exchange.reply.status == 200
                assert await exchange.reader.readexactly(WATCHED) == synthetic_bytes(SEED, 0, WATCHED)
                await settled(whole.getfile_bytes, still=1.0, within=60)
                assert whole.getfile_bytes() - before <= WATCHED + BUFFERED
                assert temporary(tmp_path / "nginx") == 0
            for start in (150 * MIB + 11, SIZE - 1000):
                fields = {"Range": f"bytes={start}-{start + 999}"}
                reply = await request(address, path, headers=fields)
                assert (reply.status, reply.body) == (206, synthetic_bytes(SEED, start, 1000))
            suffix = await request(address, path, headers={"Range": "bytes=-777"})
            assert suffix.body == synthetic_bytes(SEED, SIZE - 777, 777)
