"""The emulator as a process: its output, its ports, its exit codes."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyrogram import raw

from tests.support.rawclient import RawClient
from tgemulator.__main__ import config_of, main, make_parser

WORLD = {
    "users": [{"ref": "owner", "phone": "+15550100", "first_name": "Ada"}],
    "bots": [{"ref": "bot", "token": "4242:secret"}],
    "channels": [{"ref": "films", "title": "Films", "creator": "owner", "members": [{"who": "bot", "admin": True}]}],
}


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    """The process, and the line that it prints when it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tgemulator", "--print-json", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            ready = json.loads(await process.stdout.readline())
        yield process, ready
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_serves_until_a_signal_and_exits_with_0(tmp_path: Path, number: signal.Signals) -> None:
    world = tmp_path / "world.json"
    world.write_text(json.dumps(WORLD))
    async with running("--world", str(world), "--control-port", "0") as (process, ready):
        dc_id, _, address = ready["entry"].partition("@")
        host, _, port = address.partition(":")
        assert ready["dcs"][dc_id]["port"] == int(port)
        async with await RawClient.connect((host, int(port))) as client:
            await client.make_key(await asyncio.to_thread(Path(ready["public_key"]).read_text))
            assert isinstance(await client.init(), raw.types.Config)
        async with httpx.AsyncClient(base_url=ready["control"], trust_env=False) as http:
            described = (await http.get("/world")).json()
            keys = (await http.get("/counters")).json()["counters"]["keys_created"]
        assert [chat["title"] for chat in described["chats"]] == ["Films"]
        assert keys == [{"labels": {"dc": int(dc_id)}, "value": 1}]
        process.send_signal(number)
        async with asyncio.timeout(20):
            assert await process.wait() == 0
    assert not await asyncio.to_thread(Path(ready["public_key"]).exists)


async def test_a_folder_keeps_key_and_ports_across_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "emulator"
    kept = []
    for _ in range(2):
        async with running("--folder", str(folder)) as (process, ready):
            kept.append((ready, await asyncio.to_thread(Path(ready["public_key"]).read_text)))
            process.terminate()
            assert await process.wait() == 0
    assert kept[0] == kept[1]


def test_ports_follow_from_the_base() -> None:
    config = config_of(make_parser().parse_args(["--port-base", "4000", "--cdn"]))
    assert [(dc.id, dc.port, dc.media_port, dc.cdn) for dc in config.dcs] == [
        (1, 4000, 4001, False),
        (2, 4002, 4003, False),
        (4, 4004, 4005, False),
        (203, 4006, None, True),
    ]


@pytest.mark.parametrize("port", ["70000", "-1", "x"])
def test_a_wrong_option_exits_with_2(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--port-base", port])
    assert ended.value.code == 2
    assert "a port is a number" in capsys.readouterr().err


def test_a_missing_world_file_exits_with_2_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--world", str(tmp_path / "none.json")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("tgemulator: ")
    assert error.count("\n") == 1
