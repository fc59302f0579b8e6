"""One SQLite file: migrations, transactions, cancellation, and errors."""

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streamvault.errors import CatalogError, ConfigError
from streamvault.storage.sqlite import SqliteDatabase

FIRST = ("CREATE TABLE things (name TEXT PRIMARY KEY)", "INSERT INTO things VALUES ('first')")
SECOND = ("ALTER TABLE things ADD COLUMN size INTEGER DEFAULT 7",)
BROKEN = ("INSERT INTO things (name) VALUES ('half')", "INSERT INTO nowhere VALUES (1)")


async def test_the_file_is_created_private(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with SqliteDatabase(path, [FIRST]) as database:
        assert await database.read("SELECT name FROM things") == [("first",)]
        assert await database.read("PRAGMA journal_mode") == [("wal",)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("place", ["gone", "gone/deeper", "file", "file/deeper"])
async def test_a_missing_folder_is_told_and_not_made(tmp_path: Path, place: str) -> None:
    """25: as for DATA_DIR, a forgotten mount does not become a new installation."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"the folder of the database .* does not exist: mount or make it"):
        async with SqliteDatabase(tmp_path / place / "test.db", [FIRST]):
            pass
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("dangling", [True, False])
async def test_a_file_behind_a_symbolic_link_is_created_private(tmp_path: Path, dangling: bool) -> None:
    """19: also through two links, and whatever the umask is."""
    (tmp_path / "disk").mkdir()
    target = tmp_path / "disk" / "real.db"
    if not dangling:
        target.touch(0o600)
    (tmp_path / "middle.db").symlink_to(target)
    (tmp_path / "test.db").symlink_to("middle.db")
    before = os.umask(0o022)
    try:
        async with SqliteDatabase(tmp_path / "test.db", [FIRST]) as database:
            await database.write("INSERT INTO things VALUES ('second')")
            for file in (tmp_path / "disk").iterdir():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    finally:
        os.umask(before)


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    shutil.copy(path, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def move_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))


def delete_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize("harm", [delete, replace, move_folder, delete_log])
@pytest.mark.parametrize("linked", [False, True])
async def test_a_file_that_is_deleted_or_replaced_while_open_is_an_error(
    tmp_path: Path, harm: Callable[[Path], None], linked: bool
) -> None:
    """19: SQLite goes on writing into a file that nobody can open any more."""
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "test.db"
    if linked:
        (tmp_path / "link.db").symlink_to(path)
    async with SqliteDatabase(tmp_path / "link.db" if linked else path, [FIRST], readers=1) as database:
        await database.write("INSERT INTO things VALUES ('second')")
        harm(path)
        for _ in range(2):
            with pytest.raises(CatalogError, match="was deleted or replaced"):
                await database.write("INSERT INTO things VALUES ('lost')")
        with pytest.raises(CatalogError, match="was deleted or replaced"):
            await database.read("SELECT name FROM things")


async def test_a_file_that_is_moved_back_works_again(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with SqliteDatabase(path, [FIRST]) as database:
        path.rename(tmp_path / "away.db")
        with pytest.raises(CatalogError):
            await database.write("INSERT INTO things VALUES ('lost')")
        (tmp_path / "away.db").rename(path)
        await database.write("INSERT INTO things VALUES ('second')")
    async with SqliteDatabase(path, [FIRST]) as database:
        assert await database.read("SELECT name FROM things") == [("first",), ("second",)]


async def test_migrations_run_once_and_continue_at_the_stored_version(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with SqliteDatabase(path, [FIRST]):
        pass
    for _ in range(2):
        async with SqliteDatabase(path, [FIRST, SECOND]) as database:
            assert await database.read("SELECT name, size FROM things") == [("first", 7)]
            assert await database.read("PRAGMA user_version") == [(2,)]


async def test_a_failing_migration_leaves_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with SqliteDatabase(path, [FIRST]):
        pass
    with pytest.raises(CatalogError):
        async with SqliteDatabase(path, [FIRST, BROKEN]):
            pass
    async with SqliteDatabase(path, [FIRST]) as database:
        assert await database.read("SELECT name FROM things") == [("first",)]


async def test_a_file_of_a_newer_version_raises_config_error(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with SqliteDatabase(path, [FIRST, SECOND]):
        pass
    with pytest.raises(ConfigError, match="newer version"):
        async with SqliteDatabase(path, [FIRST]):
            pass


async def test_a_file_that_is_no_database_raises_config_error(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    path.write_bytes(b"this is no database, and it is long enough to look like one" * 100)
    with pytest.raises(ConfigError, match="restore it from a backup"):
        async with SqliteDatabase(path, [FIRST]):
            pass


async def test_an_exception_rolls_the_transaction_back(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "test.db", [FIRST]) as database:

        async def insert_and_fail() -> None:
            async with database.transaction() as run:
                await run("INSERT INTO things VALUES ('second')")
                raise KeyError

        with pytest.raises(KeyError):
            await insert_and_fail()
        assert await database.read("SELECT count(*) FROM things") == [(1,)]
        await database.write("INSERT INTO things VALUES ('third')")
        assert await database.read("SELECT count(*) FROM things") == [(2,)]


async def test_a_failing_statement_raises_catalog_error_and_leaves_the_connection_usable(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "test.db", [FIRST]) as database:
        with pytest.raises(CatalogError, match="UNIQUE"):
            await database.write("INSERT INTO things VALUES ('first')")
        assert await database.read("SELECT count(*) FROM things") == [(1,)]


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1, 1 << 200, "\ud800"])
async def test_values_that_sqlite_cannot_hold_raise_catalog_error(tmp_path: Path, value: object) -> None:
    async with SqliteDatabase(tmp_path / "test.db", [FIRST], readers=1) as database:
        with pytest.raises(CatalogError):
            await database.read("SELECT ?", (value,))
        with pytest.raises(CatalogError):
            await database.write("INSERT INTO things VALUES (?)", (value,))
        assert await database.read("SELECT * FROM things") == [("first",)]


@pytest.mark.parametrize("phase", ["begin", "first", "second", "commit"])
async def test_cancellation_in_any_phase_leaves_no_open_transaction(tmp_path: Path, phase: str) -> None:
    async with SqliteDatabase(tmp_path / "test.db", [FIRST]) as database:

        def reached(place: str) -> None:
            if place == phase:
                task.cancel()  # takes effect while the statement after this is under way

        async def insert() -> None:
            reached("begin")
            async with database.transaction() as run:
                reached("first")
                await run("INSERT INTO things VALUES ('second')")
                reached("second")
                await run("INSERT INTO things VALUES ('third')")
                reached("commit")

        task = asyncio.create_task(insert())
        with pytest.raises(asyncio.CancelledError):
            await task
        # all or nothing, and the next transaction can begin
        assert (await database.read("SELECT count(*) FROM things"))[0][0] in (1, 3)
        await database.write("INSERT INTO things VALUES ('last')")


async def test_concurrent_writers_wait_for_each_other(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "test.db", [FIRST]) as database:

        async def insert(number: int) -> None:
            async with database.transaction() as run:
                [(before,)] = await run("SELECT count(*) FROM things")
                await run("INSERT INTO things VALUES (?)", (f"{number}",))
                assert await run("SELECT count(*) FROM things") == [(before + 1,)]

        await asyncio.gather(*(insert(number) for number in range(20)))
        assert await database.read("SELECT count(*) FROM things") == [(21,)]


async def test_opening_a_file_twice_keeps_its_locks_against_other_processes(tmp_path: Path) -> None:
    """POSIX drops all of a process's locks on a file as soon as it closes any descriptor of that file.

    Another process then takes itself for the last one, and deletes the write-ahead log that we still write to.
    """
    path = tmp_path / "test.db"
    async with SqliteDatabase(path, [FIRST]) as first:
        await first.read("SELECT * FROM things")
        async with SqliteDatabase(path, [FIRST]) as second:
            _elsewhere(path, "SELECT count(*) FROM things")
            await second.write("INSERT INTO things VALUES ('kept')")
            assert "('kept',)" in _elsewhere(path, "SELECT * FROM things")
        await first.write("INSERT INTO things VALUES ('kept too')")
        assert "('kept too',)" in _elsewhere(path, "SELECT * FROM things")


def _elsewhere(path: Path, query: str) -> str:
    """The result of `query` in another process, which closes the database properly."""
    program = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); print(*db.execute(sys.argv[2])); db.close()"
    return subprocess.run(
        [sys.executable, "-c", program, str(path), query], capture_output=True, text=True, check=True
    ).stdout


async def test_readers_do_not_wait_for_a_writer_and_see_committed_data(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "test.db", [FIRST], readers=2) as database:
        async with database.transaction() as run:
            await run("INSERT INTO things VALUES ('second')")
            assert await database.read("SELECT count(*) FROM things") == [(1,)]
        assert await database.read("SELECT count(*) FROM things") == [(2,)]
        reads = (database.read("SELECT count(*) FROM things") for _ in range(20))
        assert await asyncio.gather(*reads) == [[(2,)]] * 20
        with pytest.raises(CatalogError, match="readonly"):
            await database.read("DELETE FROM things")
    with pytest.raises(CatalogError, match="closed"):
        await database.read("SELECT 1")


async def test_a_cancelled_reader_is_used_again(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT count(*) FROM n"
    async with SqliteDatabase(tmp_path / "test.db", [FIRST], readers=1) as database:
        tasks = [asyncio.create_task(database.read(endless)) for _ in range(3)]
        await asyncio.wait(tasks, timeout=0, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert await database.read("SELECT count(*) FROM things") == [(1,)]


async def test_a_read_that_nobody_awaits_any_more_is_interrupted(tmp_path: Path) -> None:
    """Also one without an end leaves its reader to the others."""
    endless = "WITH RECURSIVE n (i) AS (SELECT running() UNION ALL SELECT 0 FROM n) SELECT i FROM n WHERE i > 1"
    running = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell() -> int:
        loop.call_soon_threadsafe(running.set)
        return 0

    async with SqliteDatabase(tmp_path / "test.db", [FIRST], readers=1) as database:
        [reader] = database._readers
        await reader.create_function("running", 0, tell)
        for _ in range(2):
            running.clear()
            task = asyncio.create_task(database.read(endless))
            await running.wait()
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
            assert await database.read("SELECT name FROM things") == [("first",)]
