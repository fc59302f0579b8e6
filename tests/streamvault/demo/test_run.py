"""What the demo refuses, before it makes anything."""

import asyncio
import socket
from pathlib import Path

import pytest

from streamvault.demo.run import run_demo
from streamvault.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without `.env`, and an environment without our settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("PUBLIC_ACCESS", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "demo.example"])
async def test_listens_on_loopback_only(host: str, elsewhere: Path) -> None:
    with pytest.raises(ConfigError, match="PUBLIC_ACCESS"):
        await run_demo(host=host, port=0, folder=elsewhere / "demo", stop=asyncio.Event())
    assert not (elsewhere / "demo").exists()


async def test_a_taken_port_is_told_before_the_media_are_made(elsewhere: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match="--port"):
            await run_demo(port=port, folder=elsewhere / "demo", stop=asyncio.Event())
    assert not (elsewhere / "demo").exists()
