"""What is wrong before anything connects: one sentence with the mend, exit code 2, no connection and no new key."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from streamvault.metrics import Metrics
from streamvault.telegram.accounts.pool import AccountPool
from tests.support.forks import run
from tests.support.programs import as_root
from tests.support.server import ServerProcess, environment_for
from tests.support.stack import HOME_DC, EmulatedWorld, emulator_world, settings_for

SECRET = "a-secret-key-that-is-long-enough-for-it"
NO_LOCKS = """
import errno, fcntl, os
def flock(*_):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
fcntl.flock = flock
"""


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    async with emulator_world() as made:
        yield made


async def refusal(world: EmulatedWorld, folder: Path, changes: dict[str, str], *, within: tuple[str, ...] = ()) -> str:
    """The one sentence of a server that does not start, and leaves Telegram alone."""
    before = world.emulator.counters.value("connections"), world.emulator.counters.value("keys_created")
    log = folder / "log"
    log.unlink(missing_ok=True)
    server = ServerProcess(folder, environment_for(world, folder, entry=HOME_DC, **changes), within=within)
    await server.start()
    try:
        assert await server.ended_within(60)
    finally:
        await server.kill()
    assert server.exit_code == 2
    said = server.log()
    assert said.startswith("streamvault: ")
    assert said.count("\n") == 1, said
    assert (world.emulator.counters.value("connections"), world.emulator.counters.value("keys_created")) == before
    return said


async def run_once(world: EmulatedWorld, folder: Path, **changes: str) -> None:
    """Log in, and end in order; in this process, which takes a tenth of a server's time."""
    settings = settings_for(world, folder, entry=HOME_DC, **{name.lower(): value for name, value in changes.items()})
    async with AccountPool(settings, Metrics()):
        pass


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DATA_DIR": "/var/tmp/no-such-mount/data"}, "does not exist, nor does the folder that it would be in"),
        ({"DATA_DIR": "/proc/self"}, "DATA_DIR /proc/self cannot be written to"),
        ({"DATA_DIR": "/etc/passwd"}, "is a file: set DATA_DIR to a folder"),
        ({"SESSION_STORE": "database"}, "encrypted with SECRET_KEY, which is not set"),
        ({"SESSION_STORE": "database", "SECRET_KEY": SECRET, "DATABASE_URL": "sqlite:////proc/x.db"}, "DATABASE_URL"),
        ({"PROXY_URL": "socks4://127.0.0.1:1"}, "PROXY_URL is wrong"),
        ({"TELEGRAM_SERVER": "nowhere"}, "TELEGRAM_SERVER is"),
    ],
)
async def test_a_wrong_place_or_setting(
    world: EmulatedWorld, tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    assert words in await refusal(world, tmp_path, changes)


@pytest.mark.parametrize(
    ("options", "words"), [("ro", "is on a read-only file system"), ("size=64k", "is full: free some space")]
)
async def test_a_mount_that_takes_nothing(world: EmulatedWorld, tmp_path: Path, options: str, words: str) -> None:
    as_root()
    mounting = f'mount -t tmpfs -o {options} none "$0" && exec "$@"'
    within = ("unshare", "--mount", "sh", "-c", mounting, str(tmp_path / "data"))
    assert words in await refusal(world, tmp_path, {}, within=within)


async def test_a_file_system_without_locks(world: EmulatedWorld, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_LOCKS)
    said = await refusal(world, tmp_path, {"PYTHONPATH": str(tmp_path)})
    assert "without locks" in said
    assert "SESSION_STORE=database" in said


async def test_a_session_folder_of_another_user(world: EmulatedWorld, tmp_path: Path) -> None:
    as_root()
    await run_once(world, tmp_path)
    os.chown(tmp_path / "data" / "sessions" / "streamvault_v2.session", 1000, 1000)
    assert "belongs to user id 1000, but this is user id 0" in await refusal(world, tmp_path, {})


def _overwrite(session: Path) -> None:
    session.write_bytes(b"this is no database, and long enough to be taken for one" * 100)


def _cut(session: Path) -> None:
    session.write_bytes(session.read_bytes()[:5000])


def _lose_the_identity(session: Path) -> None:
    db = sqlite3.connect(session)
    db.execute("DELETE FROM records WHERE name = 'identity'")
    db.commit()
    db.close()


@pytest.mark.parametrize("damage", [_overwrite, _cut, _lose_the_identity])
async def test_a_damaged_session_is_kept_and_can_be_set_aside(
    world: EmulatedWorld, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    await run_once(world, tmp_path)
    session = tmp_path / "data" / "sessions" / "streamvault_v2.session"
    damage(session)
    before = session.read_bytes()
    said = await refusal(world, tmp_path, {})
    assert "is damaged" in said
    assert "streamvault session set-aside" in said
    assert session.read_bytes() == before
    environment = environment_for(world, tmp_path, entry=HOME_DC)
    code, _, err = await run(["session", "set-aside", "streamvault_v2"], cwd=tmp_path, env=environment)
    assert code == 0, err
    [kept] = session.parent.glob("streamvault_v2.session.aside-*")
    assert kept.read_bytes() == before
    await run_once(world, tmp_path)


async def test_a_damaged_database_of_sessions(world: EmulatedWorld, tmp_path: Path) -> None:
    kept = {"SESSION_STORE": "database", "SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{tmp_path}/elsewhere.db"}
    await run_once(world, tmp_path, **kept)
    database = tmp_path / "elsewhere.db"
    _overwrite(database)
    before = database.read_bytes()
    assert "restore it from a backup if it is damaged" in await refusal(world, tmp_path, kept)
    assert database.read_bytes() == before


@pytest.mark.parametrize("store", ["file", "database"])
async def test_a_session_of_something_else(world: EmulatedWorld, tmp_path: Path, store: str) -> None:
    kept = {} if store == "file" else {"SESSION_STORE": "database", "SECRET_KEY": SECRET}
    await run_once(world, tmp_path, **kept)
    token = "700000009:emulated-token-of-another-bot"
    world.emulator.world.add_bot(token, home_dc=HOME_DC)
    told = await refusal(world, tmp_path, kept | {"BOT_TOKEN": token})
    assert "belongs to another bot" in told
    assert "session set-aside" in told
    assert "belongs to another API_ID" in await refusal(world, tmp_path, kept | {"API_ID": "777"})
    async with emulator_world() as other:
        assert "belongs to another Telegram server" in await refusal(other, tmp_path, kept)
        if store == "database":
            said = await refusal(world, tmp_path, kept | {"SECRET_KEY": SECRET[::-1]})
            assert "another SECRET_KEY" in said
    await run_once(world, tmp_path, **kept)
    assert world.emulator.counters.by("keys_created", "dc") == {HOME_DC: 1}
    assert world.emulator.counters.value("logins") == 1
