"""DiskCells in processes of their own: killed ones, and ones with a disk that the system limits."""

import asyncio
import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.space import DiskSpace
from tests.support.cells import FILM, allocated, content
from tests.support.cells_program import FULL_CELLS
from tests.support.programs import as_root

CAPACITY = 8 * 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cells"


@pytest.mark.parametrize("steps", [1, 5, 30, 100, 300])
async def test_after_a_kill_no_byte_is_wrong_and_the_folder_is_free(folder: Path, steps: int) -> None:
    command = [sys.executable, "-m", "tests.support.cells_program", "write", str(folder), str(CAPACITY)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(steps):
        assert await process.stdout.readline()
    process.kill()
    await process.communicate()
    async with DiskCells(folder, CAPACITY) as cells:
        await cells.settled()  # the folder is open, however slow the disk is
        got = await cells.get(FILM, 0, 3 * steps + 6)
        assert all(data in (None, content(FILM, cell)) for cell, data in enumerate(got))
        assert any(got)
        assert cells.broken <= 1  # the one that was being made may have no head yet
        assert cells.failures == 0
        cells.put(FILM, 0, content(FILM, 0), edge=True)
        await cells.settled()
        assert allocated(folder) <= CAPACITY


def outcome(folder: Path, *, before: list[str], limit: int | None = None) -> tuple[dict[str, int], list[str]]:
    """What the program `full` prints, and its warnings."""
    command = [*before, sys.executable, "-m", "tests.support.cells_program", "full", str(folder), str(64 * CAPACITY)]
    own = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit or own[0], own[1]))
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, own)
    return json.loads(done.stdout), done.stderr.splitlines()


def test_a_full_file_system(tmp_path: Path) -> None:
    as_root()
    mounting = 'mount -t tmpfs -o size=5300k none "$1" && shift && exec "$@"'
    said, warned = outcome(tmp_path / "cells", before=["unshare", "--mount", "sh", "-c", mounting, "sh", str(tmp_path)])
    assert (said["wrong"], said["failures"], warned) == (0, 0, [])
    assert 20 <= said["right"] < 40
    assert said["counted"]
    total = 5300 << 10
    assert DiskSpace(total, said["free"]).spare >= -(1 << 20)


def test_a_read_only_file_system_still_serves_what_it_has_until_it_is_written_to(tmp_path: Path) -> None:
    as_root()
    said, _ = outcome(tmp_path / "cells", before=[])
    assert said["right"] == FULL_CELLS
    mounting = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    said, warned = outcome(tmp_path / "cells", before=["unshare", "--mount", "sh", "-c", mounting, "sh", str(tmp_path)])
    assert said["wrong"] == 0
    assert said["failures"] == len(warned) <= 1


def test_a_file_size_limit(tmp_path: Path) -> None:
    said, warned = outcome(tmp_path / "cells", before=[], limit=600_000)
    assert (said["wrong"], said["failures"], len(warned)) == (0, 1, 1)
    assert said["right"] == said["written"] == 4
