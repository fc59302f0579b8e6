"""Held: secrets and tokens are in no log line, no process's arguments, and no export."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from streamvault.access.links import Grant, LinkSigner
from tests.support.http_client import request
from tests.support.proof import sample
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import HOME_DC, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent

SECRET_KEY, OLD_KEY = "the-secret-key-of-this-very-test", "the-secret-key-of-the-last-test"


@pytest.mark.parametrize("form", sample(["json", "console"]))
async def test_nothing_that_opens_something_is_written_anywhere(tmp_path: Path, form: str) -> None:
    async with emulator_world() as world:
        environment = environment_for(
            world, tmp_path, entry=HOME_DC, PLAYBACK_SLOTS="2",
            PUBLIC_ACCESS="false", SECRET_KEY=SECRET_KEY, OLD_SECRET_KEYS=OLD_KEY, LOG_LEVEL="DEBUG", LOG_FORMAT=form,
        )  # fmt: skip
        links = LinkSigner(SECRET_KEY.encode())
        whole = links.sign(None, scope="server", expires_at=None)
        granted = links.sign(None, scope="link", expires_at=None, grant=Grant("link", 7))
        secrets = {SECRET_KEY, OLD_KEY, environment["BOT_TOKEN"], environment["API_HASH"], whole}
        server = ServerProcess(tmp_path, environment, forked=False)
        await server.start()
        try:
            await server.ready(60)
            _, message_id = await world.post_file(SyntheticContent(200_000, 1), name="film.mp4")
            place = f"{chat_id_of(world.films)}/{message_id}"
            await until(lambda: _status(server, f"/stream/{place}?token={whole}", 200), timeout=60, pause=0.05)
            for path in (f"/watch/{place}", f"/thumb/{place}", "/", "/docs", "/api/catalog", "/nothing", "/stream/x"):
                for token in (whole, whole[::-1], f"{whole}x", granted, f"sv_{granted[::-1]}"):
                    secrets.add(token)
                    for target in (f"{path}?token={token}", f"/s/{token}{path}", f"/login/{token}"):
                        await request(server.address, target)
                    for field in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"sv_user={token}"}):
                        await request(server.address, path, headers=field)
            arguments = _arguments(server.pid)
            assert len(arguments) >= 1
            export = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "streamvault", "catalog", "export"],
                cwd=tmp_path, env=environment, capture_output=True, timeout=60,
            )  # fmt: skip
            assert export.returncode == 0, export.stderr
            assert b"film.mp4" in export.stdout
            assert await server.stop() == 0
        finally:
            await server.kill()
        for place, text in (
            ("log", server.log()),
            ("arguments", "\n".join(arguments)),
            ("export", export.stdout.decode() + export.stderr.decode()),
        ):
            assert [secret for secret in secrets if secret in text] == [], place


async def _status(server: ServerProcess, target: str, wanted: int) -> bool:
    return (await request(server.address, target)).status == wanted


def _arguments(pid: int) -> list[str]:
    """The command lines of the process and of all that it has started."""
    found = []
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        found.append(Path(f"/proc/{one}/cmdline").read_text().replace("\0", " "))
        for task in Path(f"/proc/{one}/task").iterdir():
            waiting += map(int, (task / "children").read_text().split())
    return found
