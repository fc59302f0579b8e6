"""Kurigram is imported and used without its side effects."""

import subprocess
import sys
from pathlib import Path

import pytest

from streamvault.errors import SourceError
from tests.streamvault.telegram.conftest import Connect, right
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld


async def test_unknown_rpc_errors_write_no_file(
    world: EmulatedWorld, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    place = await world.post_synthetic(MIB, dc_id=FOREIGN_DC)
    async with connect() as online:
        film = await online.file(place)
        for code in (400, 406, 500):
            world.emulator.faults.error(code, "AN_UNKNOWN_ERROR", method="upload.getFile", times=1)
            with pytest.raises(SourceError):
                await online.source.fetch(film, 0, MIB)
        assert await online.source.fetch(film, 0, MIB) == right()
    assert list(here.iterdir()) == []
    assert list(tmp_path.rglob("unknown_errors.txt")) == []


def test_importing_kurigram_leaves_no_event_loop() -> None:
    script = (
        "import asyncio, warnings; warnings.simplefilter('error'); import streamvault.telegram\n"
        "try: asyncio.get_event_loop_policy().get_event_loop()\n"
        "except (RuntimeError, DeprecationWarning): print('none')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("none\n", "")
