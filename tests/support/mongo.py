"""A server of MongoDB's wire protocol: the one that DATABASE_URL names, else a child process on loopback."""

import asyncio
import gc
import os
import secrets
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.support.ports import free_port
from tests.support.proof import full
from tests.support.waiting import until

_PROGRAM = (sys.executable, "-m", "nx_27017.nx_27017")


@dataclass
class Mongo:
    """`url` names a database of its own. Only a server that is ours can be killed and started again, with the data that
    it had if it `keeps` any.
    """

    url: SecretStr
    port: int
    folder: Path
    process: asyncio.subprocess.Process | None = None
    keeps: bool = True

    @property
    def ours(self) -> bool:
        """Whether the server is a child process."""
        return self.port != 0

    async def start(self) -> None:
        """Start it, on the port that it had before."""
        self.process = await asyncio.create_subprocess_exec(
            *(*_PROGRAM, "--data-dir", _place(self.folder, keeps=self.keeps), "-p", str(self.port)),
            *("--log-file", str(self.folder / "log"), "--pid-file", str(self.folder / "pid")),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await until(self._answers, timeout=30, pause=0.05)

    async def kill(self) -> None:
        """As kill -9 does."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, "the database server ended"
        return await _listens(self.port)


@contextmanager
def shared_server(folder: Path) -> Iterator[int]:
    """A server for many tests, which `mongo_server` gives a database each; its port, 0 where DATABASE_URL names one."""
    if os.environ.get("DATABASE_URL", "").startswith("mongodb"):
        yield 0
        return
    port = free_port()
    with subprocess.Popen(
        [*_PROGRAM, "--data-dir", _place(folder, keeps=False), "-p", str(port), "--log-file", str(folder / "log"),
         "--pid-file", str(folder / "pid")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield port
        finally:
            process.kill()


@asynccontextmanager
async def mongo_server(folder: Path, *, shared: int = 0, keeps: bool = True) -> AsyncIterator[Mongo]:
    """An empty database on a running server; dropped at the end where the server is not ours.

    `shared`: the port of a `shared_server`, which is not to be killed. `keeps`: its data outlives a kill.
    """
    name = f"test_{secrets.token_hex(6)}"
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("mongodb"):
        mongo = Mongo(SecretStr(_with_database(given, name)), 0, folder)
        try:
            yield mongo
        finally:
            await _drop(mongo, name)
            collect_sockets()
        return
    if shared:
        mongo = Mongo(SecretStr(f"mongodb://127.0.0.1:{shared}/{name}"), 0, folder)
        await until(lambda: _listens(shared), timeout=30, pause=0.05)
        yield mongo
        collect_sockets()
        return
    place = folder / "mongo"
    place.mkdir(parents=True)
    port = free_port()
    mongo = Mongo(SecretStr(f"mongodb://127.0.0.1:{port}/{name}"), port, place, keeps=keeps)
    await mongo.start()
    try:
        yield mongo
    finally:
        await mongo.kill()
        collect_sockets()


def _place(folder: Path, *, keeps: bool) -> str:
    """The folder of the data, or the memory, which takes half the time; in `make proof` all data is in folders."""
    return str(folder) if keeps or full() else "memory"


leaves_sockets = pytest.mark.filterwarnings("ignore:unclosed (<socket|transport):ResourceWarning")
"""For tests that open MongoDB clients: closing one cancels its monitors, and pymongo 4.20 closes the socket of one that
is just connecting for an OSError or a TimeoutError only, so that it is left to the garbage collector.
"""


def collect_sockets() -> None:
    """Collect them before another test is blamed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _with_database(url: str, name: str) -> str:
    head, _, options = url.partition("?")
    scheme, _, rest = head.partition("://")
    return f"{scheme}://{rest.split('/')[0]}/{name}" + (f"?{options}" if options else "")


async def _drop(mongo: Mongo, name: str) -> None:
    from pymongo import AsyncMongoClient

    async with AsyncMongoClient(mongo.url.get_secret_value()) as client:  # type: ignore[var-annotated]
        await client.drop_database(name)
