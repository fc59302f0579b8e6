"""`streamvault serve` as a process: the port at once, the bot first, and an end in order."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.support.ports import free_port
from tgemulator.wire.rsa import RsaKey

TOKEN = "700000001:emulated-token-of-the-vault-bot"


def get(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, lowered(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, lowered(error.headers), error.read()


def wait_for(port: int, path: str, status: int, *, process: "subprocess.Popen[str]", looks: int = 600) -> bytes:
    """The body, once the path answers with this status; a machine that stands still uses up no look."""
    for _ in range(looks):
        assert process.poll() is None, "the server ended"
        try:
            found, _, body = get(port, path)
            if found == status:
                return body
        except urllib.error.URLError:
            pass  # the port is not open yet
        threading.Event().wait(0.05)
    raise AssertionError(f"{path} never answered {status}")


def lowered(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[dict[str, Any]]:
    with emulating(tmp_path) as about:
        yield about


@contextmanager
def emulating(folder: Path, **world: Any) -> Iterator[dict[str, Any]]:
    """An emulator as a process, whose world has the bot and what is given; what it prints at its start."""
    world = {"bots": [{"ref": "bot", "token": TOKEN, "home_dc": 2}], **world}
    (folder / "world.json").write_text(json.dumps(world))
    command = [sys.executable, "-m", "tgemulator", "--print-json", "--folder", str(folder / "emulator")]
    with subprocess.Popen(
        [*command, "--world", str(folder / "world.json")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def public_key(folder: Path) -> Path:
    """The file of a server's key that is nobody's, for servers that are never reached."""
    path = folder / "nobodys_key.pem"
    path.write_text(RsaKey.generate().public_pem())
    return path


@contextmanager
def serving(folder: Path, **settings: str) -> "Iterator[subprocess.Popen[str]]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "API_ID": "12345",
        "API_HASH": "0123456789abcdef0123456789abcdef",
        "BOT_TOKEN": TOKEN,
        "DATA_DIR": str(folder / "data"),
        **settings,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "streamvault", "serve"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_ready_then_sigterm_is_exit_code_0(tmp_path: Path, emulator: dict[str, Any], loop: str) -> None:
    port = free_port()
    server = {"TELEGRAM_SERVER": emulator["entry"], "TELEGRAM_SERVER_KEY": emulator["public_key"]}
    with serving(tmp_path, PORT=str(port), PUBLIC_ACCESS="true", EVENT_LOOP=loop, **server) as process:
        wait_for(port, "/readyz", 200, process=process)
        metrics = get(port, "/metrics")[2].decode()
        for name in ("streams_active", "streams_aborted_total", "first_byte_seconds_count", "logins_total"):
            assert f"streamvault_{name}" in metrics
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        written = process.stderr.read()
    assert "Traceback" not in written
    assert TOKEN.split(":")[1] not in written


def test_the_port_is_open_before_telegram_can_be_reached(tmp_path: Path) -> None:
    port = free_port()
    server = {"TELEGRAM_SERVER": f"2@127.0.0.1:{free_port()}", "TELEGRAM_SERVER_KEY": str(public_key(tmp_path))}
    with serving(tmp_path, PORT=str(port), PUBLIC_ACCESS="true", **server) as process:
        assert json.loads(wait_for(port, "/readyz", 503, process=process))["waiting_for"] == "telegram"
        assert get(port, "/healthz")[0] == 200
        status, headers, _ = get(port, "/api/catalog")
        assert status == 503
        assert int(headers["retry-after"]) >= 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
