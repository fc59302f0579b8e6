"""Settings that the demo refuses before it makes any media."""

import asyncio
import errno
import socket
from pathlib import Path

import pytest

from streamvault.demo.run import run_demo
from streamvault.errors import ConfigError
from tests.support.ports import free_port


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without `.env`, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("PUBLIC_ACCESS", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "demo.example"])
async def test_listens_on_loopback_only(host: str, empty_folder: Path) -> None:
    with pytest.raises(ConfigError, match="PUBLIC_ACCESS"):
        await run_demo(host=host, port=0, folder=empty_folder / "demo", stop=asyncio.Event())
    assert not (empty_folder / "demo").exists()


async def test_a_taken_port_is_refused_before_the_media_are_made(empty_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=r"cannot listen on .*PORT"):
            await run_demo(port=port, folder=empty_folder / "demo", stop=asyncio.Event())
    assert not (empty_folder / "demo").exists()


async def test_the_port_is_held_while_the_media_are_made(empty_folder: Path) -> None:
    port, stop = free_port(), asyncio.Event()
    refused: list[OSError] = []

    def take_the_port(line: str) -> None:
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            refused.append(error)
        stop.set()

    await run_demo(port=port, folder=empty_folder / "demo", stop=stop, say=take_the_port)
    assert [error.errno for error in refused[:1]] == [errno.EADDRINUSE]
