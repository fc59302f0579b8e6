"""Stored sessions in files: the suite of all backends, and what applies to files only."""

import errno
import fcntl
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from streamvault.errors import ConfigError
from streamvault.telegram.sessions.backend import SessionHeld
from streamvault.telegram.sessions.file import FileBackend
from tests.contracts.session_backend import *  # noqa: F403  the suite
from tests.contracts.session_backend import Make, taken_over


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def make(folder: Path) -> Make:
    return lambda: FileBackend(folder, "bot")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_folder_and_files_are_accessible_to_their_owner_only(folder: Path, make: Make) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    backend = make()
    await backend.open()
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    await backend.close()


async def test_the_lease_ends_when_its_holder_is_killed(folder: Path, make: Make) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; import streamvault.telegram\n"
        "from streamvault.telegram.sessions.file import FileBackend\n"
        "async def main():\n"
        "    backend = FileBackend(Path(sys.argv[1]), 'bot')\n"
        "    await backend.open(); await backend.write({'a': b'1'})\n"
        "    print('open', flush=True); await asyncio.Event().wait()\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220  it prints one line
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        backend = make()
        with pytest.raises(SessionHeld, match=f"process {process.pid} on"):
            await backend.open()
        process.kill()
        assert await taken_over(backend) == {"a": b"1"}
        await backend.close()


async def test_a_damaged_file_is_refused_and_left_unchanged(folder: Path, make: Make) -> None:
    folder.mkdir()
    path = folder / "bot.session"
    path.write_bytes(b"this is no database, and long enough to be taken for one" * 100)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(ConfigError, match="is damaged") as caught:
            await make().open()
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    await make().set_aside("damaged")
    assert (folder / "bot.session.damaged").read_bytes() == before
    backend = make()
    assert await backend.open() == {}
    await backend.close()


async def test_a_file_of_a_newer_version_is_refused(folder: Path, make: Make) -> None:
    backend = make()
    await backend.open()
    await backend.close()
    with sqlite3.connect(folder / "bot.session") as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(ConfigError, match="newer version"):
        await make().open()


async def test_a_file_system_without_locks_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(ConfigError, match="has no locks"):
        await make().open()


async def test_a_file_that_cannot_be_written_is_refused(folder: Path, make: Make) -> None:
    folder.write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="cannot be written"):
        await make().open()
