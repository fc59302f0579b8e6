"""7 and 3: Ctrl-C is no traceback at any time, and the exit code says whether the command was done."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.forks import begun
from tests.support.http_client import request
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import HOME_DC, emulator_world

AT_AN_IMPORT = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path, target=None):
        if name == os.environ["INTERRUPTED_AT"]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
"""


def interrupted(folder: Path, module: str, *arguments: str, ignored: bool = False) -> subprocess.CompletedProcess[str]:
    """The command, which gets a SIGINT when it imports a module."""
    (folder / "sitecustomize.py").write_text(AT_AN_IMPORT)
    return subprocess.run(
        [sys.executable, "-m", "streamvault", *arguments],
        cwd=folder,
        env={
            **{"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(folder), "INTERRUPTED_AT": module},
            **{"API_ID": "1", "API_HASH": "0123456789abcdef" * 2, "BOT_TOKEN": "1:x", "HOST": "192.0.2.1"},
        },
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignored else None,
    )


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("streamvault.cli.main", "serve"),
        ("pydantic", "link --everything"),
        ("streamvault.server.run", "serve"),
        ("uvicorn", "index @films"),
        ("pyrogram", "doctor"),
    ],
)
def test_while_modules_are_loaded(tmp_path: Path, module: str, command: str) -> None:
    done = interrupted(tmp_path, module, *command.split())
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_where_it_is_ignored_it_stays_so(tmp_path: Path) -> None:
    """As a shell starts what runs in the background of a script."""
    done = interrupted(tmp_path, "pydantic", "link", "--everything", ignored=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "setting", "address"),
    [
        ("doctor", "TELEGRAM_SERVER", "2@127.0.0.1:{}"),
        ("doctor", "PROXY_URL", "socks5://127.0.0.1:{}"),
        ("catalog export", "DATABASE_URL", "mongodb://127.0.0.1:{}/x"),
    ],
)
async def test_a_command_that_was_not_done_ends_with_130(
    tmp_path: Path, command: str, setting: str, address: str
) -> None:
    """The server that it waits for says nothing."""
    connected: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()

    def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected.done():
            writer.close()
        else:
            connected.set_result(writer)

    async with emulator_world() as world:
        environment = environment_for(world, tmp_path, entry=HOME_DC)
    silent = await asyncio.start_server(hold, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with (tmp_path / "said").open("wb") as said:
        process = await begun(
            command.split(), cwd=tmp_path, env=environment | {setting: address.format(port)},
            stdout=said.fileno(), stderr=said.fileno(),
        )  # fmt: skip
        try:
            writer = await asyncio.wait_for(connected, 60)
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 30) == 130
            writer.close()
        finally:
            process.kill()
            silent.close()
    text = (tmp_path / "said").read_text()
    assert "Traceback" not in text
    assert text.endswith("streamvault: interrupted\n")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_the_server_says_that_it_stopped(tmp_path: Path, how: signal.Signals) -> None:
    async with emulator_world() as world:
        server = ServerProcess(tmp_path, environment_for(world, tmp_path, entry=HOME_DC, LOG_LEVEL="INFO"))
        await server.start()
        try:
            await server.ready()
            assert (await request(server.address, "/healthz")).status == 200
            os.kill(server.pid, how)
            assert await server.ended_within(30)
        finally:
            await server.kill()
    assert server.exit_code == 0
    assert server.log().rstrip().endswith("stopped")
