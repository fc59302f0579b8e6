"""A process that uploads files to the emulator: StreamVault's uploader, or the library's own `save_file`.

    python -m benchmarks.uploading.uploader ours|worker|library

reads one line of JSON with the emulator's addresses, then one per job, and answers each job with an `Upload`. All use
the server's ciphers, and send parts from memory; `worker` is ours as another bot.
"""

import asyncio
import io
import json
import logging
import secrets
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import streamvault.telegram  # noqa: F401  prepares Kurigram and installs the server's ciphers

# isort: split
import pyrogram
from pyrogram.session import Auth

from benchmarks.streaming.testbed import API_HASH, API_ID, BASELINE_BOT, BOT, HOME_DC
from streamvault.media.uploads import PART, REQUESTS_PER_CONNECTION
from streamvault.metrics import Metrics
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.upload import AccountUploads
from streamvault.telegram.mtproto.rsa_keys import install_server_key
from streamvault.telegram.updates.receiver import AccountUpdates
from tgemulator.world.content import synthetic_bytes

Send = Callable[[bytes], Awaitable[None]]
"""Uploads a file, without a message."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The result of one job; `cpu`: seconds of processor time of the uploading process."""

    seconds: float
    bytes: int
    cpu: float

    @property
    def rate(self) -> float:
        """Bytes/s."""
        return self.bytes / self.seconds

    @property
    def cpu_per_gb(self) -> float:
        """Seconds of processor time for a gigabyte."""
        return self.cpu / self.bytes * 1e9


class Uploader:
    """The process; a context manager. It logs in once and keeps its connections."""

    def __init__(self, whose: str, telegram: dict[str, Any]) -> None:
        command = [sys.executable, "-m", "benchmarks.uploading.uploader", whose]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._send(telegram)

    def upload(self, size: int, *, seed: int) -> Upload:
        """Upload a file of `size` bytes."""
        self.begin(size, seed=seed, files=1)
        return self.end()

    def begin(self, size: int, *, seed: int, files: int) -> None:
        """Begin to upload so many files of `size` bytes at once."""
        self._send({"size": size, "seed": seed, "files": files})

    def has_ended(self) -> bool:
        """Whether what was begun has ended."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout.fileno()], [], [], 0)[0])

    def end(self) -> Upload:
        """The result of what was begun, once it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the uploading process ended")
        return Upload(**json.loads(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def _send(self, value: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()


@asynccontextmanager
async def _ours(telegram: dict[str, Any], folder: Path, token: str = BOT) -> AsyncIterator[Send]:
    home = telegram["dcs"][str(HOME_DC)]
    settings = Settings.model_validate(
        {
            "api_id": API_ID,
            "api_hash": API_HASH,
            "bot_token": token,
            "data_dir": folder,
            "telegram_server": f"{HOME_DC}@{home['host']}:{home['port']}",
            "telegram_server_key": telegram["public_key"],
        }
    )
    accounts = AccountPool(settings, Metrics())
    accounts.prepare = _without_index
    async with accounts:
        yield partial(_send_parts, AccountUploads(accounts.main))


def _without_index(client: Any) -> None:
    client.make_receiver = partial(AccountUpdates, index=None)


async def _send_parts(uploads: AccountUploads, data: bytes) -> None:
    limits = await uploads.limits()
    places = asyncio.Semaphore(limits.connections * REQUESTS_PER_CONNECTION)
    file_id, total = secrets.randbits(62), -(-len(data) // PART)

    async def send(part: int) -> None:
        async with places:
            piece = data[part * PART : (part + 1) * PART]
            await uploads.save(file_id, part, piece, total=total, big=True)

    async with asyncio.TaskGroup() as group:
        for part in range(total):
            group.create_task(send(part))


class _Client(pyrogram.Client):  # type: ignore[misc]  # the library is untyped
    """Kurigram's client, which begins at the emulator."""

    def __init__(self, telegram: dict[str, Any]) -> None:
        self._home = telegram["dcs"][str(HOME_DC)]
        super().__init__(
            "plain", api_id=API_ID, api_hash=API_HASH, bot_token=BASELINE_BOT, in_memory=True, no_updates=True
        )

    async def load_session(self) -> None:
        """Make a key with the emulator and store it, as the library does with its own data centre."""
        await self.storage.open()
        host, port = self._home["host"], self._home["port"]
        await self.storage.api_id(API_ID)
        await self.storage.dc_id(HOME_DC)
        await self.storage.server_address(host)
        await self.storage.port(port)
        await self.storage.date(0)
        await self.storage.test_mode(False)
        await self.storage.auth_key(await Auth(self, HOME_DC, host, port, False).create())
        await self.storage.user_id(None)
        await self.storage.is_bot(None)


@asynccontextmanager
async def _library(telegram: dict[str, Any], _: Path) -> AsyncIterator[Send]:
    install_server_key(Path(telegram["public_key"]))
    client = _Client(telegram)
    await client.start()

    async def send(data: bytes) -> None:
        file = io.BytesIO(data)
        file.name = "film.mp4"
        await client.save_file(file)

    yield send
    await client.stop()


async def _serve(whose: str) -> None:
    """Run the jobs of standard input one after the other."""
    telegram = json.loads(await asyncio.to_thread(sys.stdin.readline))
    opened: dict[str, Callable[[dict[str, Any], Path], AbstractAsyncContextManager[Send]]] = {
        "ours": _ours, "worker": partial(_ours, token=BASELINE_BOT), "library": _library,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with opened[whose](telegram, Path(folder)) as send:
            while line := await asyncio.to_thread(sys.stdin.readline):
                job = json.loads(line)
                data, files = synthetic_bytes(job["seed"], 0, job["size"]), job["files"]
                began, computed = time.monotonic(), time.process_time()
                await asyncio.gather(*(send(data) for _ in range(files)))
                seconds, cpu = time.monotonic() - began, time.process_time() - computed
                print(json.dumps({"seconds": seconds, "bytes": files * len(data), "cpu": cpu}), flush=True)


def main() -> int:
    """The process that `Uploader` starts."""
    logging.disable(logging.WARNING)
    asyncio.run(_serve(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
