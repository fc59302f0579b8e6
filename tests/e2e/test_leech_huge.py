"""Files larger than the disk, and of the sizes at which Telegram cuts: leeched by `serve`, and streamed back whole."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.test_leech import LEECHES, api_token, asked
from tests.support.leech_stage import TOKEN
from tests.support.raw_server import Answer, Request, Talk, raw_server
from tests.support.server import ServerProcess, environment_for, server_process
from tests.support.stack import HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import synthetic_bytes

pytestmark = [pytest.mark.proof, pytest.mark.timeout(3600)]

DISK = 200 << 20
MEMORY = 256 << 20
"""Bytes that all processes together may hold."""
MESSAGE = 2_097_152_000
"""Bytes that one message of a bot holds."""
BLOCK = 1 << 20


@dataclass
class Huge:
    """A web server's file of `size` bytes; no more of it is in memory than is being sent."""

    size: int

    def __call__(self, request: Request) -> Answer:
        async def answer(talk: Talk) -> None:
            start, size = request.start(), self.size
            told = f'Content-Range: bytes {start}-{size - 1}/{size}\r\nContent-Length: {size - start}\r\nETag: "1"\r\n'
            await talk.send(f"HTTP/1.1 206 Partial Content\r\n{told}Connection: close\r\n\r\n".encode())
            for at in range(start, size, BLOCK):
                await talk.send(synthetic_bytes(3, at, min(BLOCK, size - at)))

        return answer


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of DISK bytes, where the server's data are; needs root."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def most_memory(pid: int) -> dict[str, int]:
    """Bytes that this process and each that it started have held at most, by process id and command."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    held = next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM")), 0)
    command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    found = {f"{pid} {command[-60:]}": held}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found |= most_memory(int(child))
    return found


async def listed(server: ServerProcess, token: str, size: int) -> Any:
    """The file of this size in the catalog, once it is there whole."""

    async def there() -> Any:
        items = (await asked(server, "/api/catalog", token))[1]["items"]
        return next((item for item in items if item["size"] == size), None)

    return await until(there, timeout=60, pause=0.2)


async def check_stream(server: ServerProcess, item: Any) -> None:
    """All bytes of a file are streamed, and are the right ones."""
    at = 0
    async with httpx.AsyncClient(timeout=60) as client:
        address = f"{server.url}/stream/{item['chat_id']}/{item['message_id']}"
        async with client.stream("GET", address) as answer:
            assert answer.status_code == 200
            async for block in answer.aiter_raw():
                assert block == synthetic_bytes(3, at, len(block)), at
                at += len(block)
    assert at == item["size"]


def messages_of(world: EmulatedWorld) -> list[int]:
    """The sizes of the files in the channel that are no manifests."""
    files = [message.file for message in world.vault.messages.values() if message.file is not None]
    return [file.size for file in files if not file.name.endswith(".parts.json")]


@pytest.mark.parametrize("size", [5_000_000_000, MESSAGE - 1, MESSAGE, MESSAGE + 1])
async def test_a_file_larger_than_the_disk_is_leeched_and_streamed(tmp_path: Path, disk: Path, size: int) -> None:
    assert disk == tmp_path / "data"
    async with (
        emulator_world() as world,
        raw_server(Huge(size)) as web,
        server_process(world, tmp_path, entry=HOME_DC, VAULT_CHANNEL=str(chat_id_of(world.vault)), **LEECHES) as server,
    ):
        bot = world.emulator.world.add_bot(TOKEN, home_dc=HOME_DC)
        world.emulator.world.add_member(world.vault, bot, admin=True)
        await server.start()
        await server.ready()
        token = await api_token(tmp_path, environment_for(world, tmp_path, entry=HOME_DC))
        _, job = await asked(server, "/api/jobs", token, body={"source": web.url("/Huge.mkv")})

        async def done() -> Any:
            found = (await asked(server, f"/api/jobs/{job['id']}", token))[1]
            assert found["state"] != "failed", found
            return found["state"] == "done"

        await until(done, timeout=1800, pause=1)
        cut = [MESSAGE] * (size // MESSAGE) + ([size % MESSAGE] if size % MESSAGE else [])
        assert messages_of(world) == cut
        await check_stream(server, await listed(server, token, size))
        held = most_memory(server.pid)
        assert sum(held.values()) <= MEMORY, held
        assert await server.stop() == 0
