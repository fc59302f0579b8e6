"""Leech jobs of a running server: from a terminal, over its death, on both databases."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.mongo import mongo_server
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import HOME_DC, chat_id_of, emulator_world

PASSWORD = "p%40ss-of-a-stranger"


@pytest.fixture(params=["sqlite", "mongodb"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield "sqlite:///streamvault.db"
        return
    async with mongo_server(tmp_path / "mongo", keeps=False) as server:
        yield server.url.get_secret_value()


class Program:
    """Runs commands as in a terminal beside the server."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = folder, environment

    async def run(self, *arguments: str, typed: str = "") -> tuple[int | None, list[str]]:
        """The exit code, and the lines that it prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "streamvault", *arguments, cwd=self._folder, env=self._environment,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate(typed.encode())
        assert PASSWORD not in out.decode() + err.decode()
        return process.returncode, out.decode().splitlines()


async def ask(server: ServerProcess, token: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        answer = await client.request(method, path, json=body)
        return answer.status_code, answer.json()


async def test_jobs_outlive_the_server_and_hide_passwords(tmp_path: Path, database: str) -> None:
    async with emulator_world() as world:
        vault = chat_id_of(world.vault)
        environment = environment_for(
            world, tmp_path, entry=HOME_DC, PUBLIC_ACCESS="false", VAULT_CHANNEL=str(vault), DATABASE_URL=database,
            LEECH_BOT_TOKEN="99999:leech-bot", LEECH="external",
        )  # fmt: skip
        program, server = Program(tmp_path, environment), ServerProcess(tmp_path, environment)
        await server.start()
        try:
            await server.ready(60)
            typed = f"https://user:{PASSWORD}@example.org/Garten.mkv\nftp://example.org/%D0%A4%D0%B8%D0%BB%D1%8C%D0%BC.mkv\n"
            code, lines = await program.run("leech", "add", "-", typed=typed)
            assert code == 0
            assert [line.split()[1:] for line in lines] == [
                ["queued", "0", "B", "Garten.mkv"], ["queued", "0", "B", "Фильм.mkv"],
            ]  # fmt: skip
            first, second = (line.split()[0] for line in lines)
            assert (await program.run("leech", "cancel", second))[0] == 0
            token = (await program.run("token", "create", "scripts", "--can", "leech"))[1][0]
            await server.kill()
            await server.start()
            await server.ready(60)
            status, page = await ask(server, token, "GET", "/api/jobs")
            assert status == 200
            assert {job["id"]: job["state"] for job in page["items"]} == {first: "queued", second: "cancelled"}
            assert {job["chat_id"] for job in page["items"]} == {vault}
            assert page["items"][-1]["source"] == "https://example.org/Garten.mkv"
            status, job = await ask(server, token, "POST", f"/api/jobs/{second}/retry")
            assert (status, job["state"]) == (200, "queued")
            same = {"source": f"https://user:{PASSWORD}@EXAMPLE.org:443/Garten.mkv"}
            assert (await ask(server, token, "POST", "/api/jobs", same)) == (200, page["items"][-1])
            assert await server.stop() == 0
        finally:
            await server.kill()
        kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert kept
        assert not any(PASSWORD.encode() in content for content in kept)
