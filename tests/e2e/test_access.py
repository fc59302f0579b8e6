"""People, tokens and links on a running server, changed from another process."""

import asyncio
import sys
from pathlib import Path

from tests.support.http_client import opened, request
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import HOME_DC, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent

MEMBER = 22222222
SIZE = 96 << 20
"""Bytes of the file: more than sockets and the server hold between them."""


async def streamvault(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    """What a command prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "streamvault", *arguments,
        cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err
    return out.decode()


async def test_who_is_removed_while_streaming_loses_the_stream(tmp_path: Path) -> None:
    async with emulator_world() as world:
        environment = environment_for(world, tmp_path, entry=HOME_DC, PUBLIC_ACCESS="false", CACHE_DISK="0")
        server = ServerProcess(tmp_path, environment)
        await server.start()
        try:
            await server.ready(60)
            _, message_id = await world.post_file(SyntheticContent(SIZE, 1), name="film.mp4")
            await streamvault(tmp_path, environment, "people", "invite", str(MEMBER))
            token = (
                await streamvault(tmp_path, environment, "token", "create", "Kodi", "--person", str(MEMBER))
            ).strip()
            bearer = {"Authorization": f"Bearer {token}"}
            path = f"/stream/{chat_id_of(world.films)}/{message_id}"

            async def status(target: str = path) -> int:
                return (await request(server.address, target, method="HEAD", headers=bearer)).status

            await until(lambda: _is(status, 200), timeout=60, pause=0.05)
            async with opened(server.address, path, headers=bearer, receive_buffer=64 << 10) as film:
                assert film.reply.status == 200
                assert len(await film.reader.readexactly(1 << 20)) == 1 << 20
                await streamvault(tmp_path, environment, "people", "remove", str(MEMBER))
                await until(lambda: _is(status, 403), timeout=5, pause=0.05)
                got = 1 << 20
                while chunk := await _some(film.reader):
                    got += len(chunk)
            assert got < SIZE
            assert await server.stop() == 0
        finally:
            await server.kill()


async def _is(status: object, expected: int) -> bool:
    return await status() == expected  # type: ignore[operator,no-any-return]


async def _some(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(1 << 20)
    except ConnectionError:
        return b""
