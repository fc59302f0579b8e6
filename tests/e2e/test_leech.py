"""A link becomes a file of the library: from the API over the leech worker into Telegram, and out again as a stream."""

import hashlib
from pathlib import Path
from typing import Any

import httpx

from tests.support import media_files
from tests.support.boxes import content, top
from tests.support.forks import run
from tests.support.http_client import request
from tests.support.leech_stage import SIZE, TOKEN, film
from tests.support.raw_server import Request, ranged, raw_server
from tests.support.server import ServerProcess, environment_for, server_process
from tests.support.stack import HOME_DC, chat_id_of, emulator_world
from tests.support.waiting import until

LEECHES = {"LEECH_BOT_TOKEN": TOKEN, "LEECH_ALLOW_PRIVATE": "127.0.0.0/8"}


async def api_token(folder: Path, environment: dict[str, str]) -> str:
    code, out, error = await run(["token", "create", "script", "--can", "read,leech"], cwd=folder, env=environment)
    assert code == 0, error
    return out.split()[-1]


async def asked(server: ServerProcess, path: str, token: str, *, body: Any = None) -> tuple[int, Any]:
    async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {token}"}) as client:
        reply = await (client.get(path) if body is None else client.post(path, json=body))
    return reply.status_code, reply.json()


async def leeched(server: ServerProcess, token: str, address: str) -> tuple[Any, bytes]:
    """The job that leeches an address, when it is done, and its file as it is streamed."""
    status, job = await asked(server, "/api/jobs", token, body={"source": address})
    assert (status, job["state"]) == (201, "queued")

    async def done() -> Any:
        _, found = await asked(server, f"/api/jobs/{job['id']}", token)
        assert found["state"] != "failed", found
        return found if found["state"] == "done" else None

    found = await until(done, timeout=90, pause=0.1)
    [message] = found["messages"]

    async def streamed() -> Any:
        reply = await request(server.address, f"/stream/{message['chat_id']}/{message['message_id']}")
        return reply if reply.status == 200 else None

    return found, (await until(streamed, timeout=20, pause=0.1)).body


def source(asked: Request) -> bytes:
    data = media_files.late() if asked.target == "/late.mp4" else film()
    return ranged(asked, data, etag=f'"{len(data)}"')


async def test_a_link_is_leeched_listed_and_streamed_byte_for_byte(tmp_path: Path) -> None:
    async with (
        emulator_world() as world,
        raw_server(source) as web,
        server_process(world, tmp_path, entry=HOME_DC, VAULT_CHANNEL=str(chat_id_of(world.vault)), **LEECHES) as server,
    ):
        bot = world.emulator.world.add_bot(TOKEN, home_dc=HOME_DC)
        world.emulator.world.add_member(world.vault, bot, admin=True)
        await server.start()
        await server.ready()
        token = await api_token(tmp_path, environment_for(world, tmp_path, entry=HOME_DC))
        found, body = await leeched(server, token, web.url("/Garden.mkv"))
        [message] = found["messages"]
        assert (found["bytes_done"], found["bytes_total"], message["chat_id"]) == (SIZE, SIZE, chat_id_of(world.vault))
        assert hashlib.sha256(body).digest() == hashlib.sha256(film()).digest()
        assert ["could not be read" in note for note in found["notes"]] == [True]
        found, body = await leeched(server, token, web.url("/late.mp4"))
        assert (len(body), found["notes"]) == (len(media_files.late()), [])
        kinds = [kind for kind, *_ in top(body)]
        assert kinds.index("moov") < kinds.index("mdat")
        assert content(body, "mdat") == content(media_files.late(), "mdat")
        assert await server.stop() == 0
