"""`streamvault serve` as a process of its own, for tests that kill, restart and duplicate it."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support import secrets_made
from tests.support.forks import Process, begun, run
from tests.support.http_client import Address, request
from tests.support.ports import free_port
from tests.support.proof import full
from tests.support.short_lease import sitecustomize
from tests.support.stack import EmulatedWorld, settings_for
from tests.support.waiting import until

LEASE = sitecustomize.TTL + sitecustomize.HEARTBEAT
"""See short_lease."""


class ServerProcess:
    """One process. Its log is in `folder`, one file for all processes that were started there."""

    def __init__(
        self, folder: Path, environment: dict[str, str], *, within: tuple[str, ...] = (), forked: bool = not full()
    ) -> None:
        """For the last two see `begun`."""
        self.address: Address = (environment["HOST"], int(environment["PORT"]))
        self._within = within
        self._folder = folder
        self._environment = environment
        self._forked = forked
        self._process: Process | None = None
        secrets_made.note(environment.get(name, "") for name in secrets_made.SECRET_SETTINGS)

    async def start(self) -> None:
        """Start it, not waiting for anything."""
        with (self._folder / "log").open("ab") as log:
            self._process = await begun(
                ["serve"],
                cwd=self._folder,
                env=self._environment,
                stderr=log.fileno(),
                within=self._within,
                forked=self._forked,
            )

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        host, port = self.address
        return f"http://{host}:{port}"

    @property
    def pid(self) -> int:
        """Of the process that was started last."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """Of the last process, once it has ended."""
        return self._process.returncode if self._process is not None else None

    async def ready(self, seconds: float = 30.0) -> None:
        """Wait until /readyz answers 200."""
        await until(self._is_ready, timeout=seconds, pause=0.05)

    async def readyz(self) -> dict[str, Any] | None:
        """What /readyz says, and when it was asked and had answered (Unix seconds); None before the port is open."""
        assert self.runs, f"the server ended: {self.log()[-2000:]}"
        asked = time.time()
        try:
            reply = await request(self.address, "/readyz")
        except OSError:
            return None
        found: dict[str, Any] = {"http_status": reply.status, "headers": reply.headers, **json.loads(reply.body)}
        found |= {"asked": asked, "answered": time.time()}
        return found

    async def waits_for(self, what: str, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until /readyz says that the server waits for `what`; all that it says."""

        async def said() -> dict[str, Any] | None:
            found = await self.readyz()
            return found if found is not None and found.get("waiting_for") == what else None

        return await until(said, timeout=seconds, pause=0.05)

    async def no_longer_waits_for(self, what: str, seconds: float) -> None:
        """Wait until /readyz says anything else."""

        async def over() -> bool:
            found = await self.readyz()
            return found is not None and found.get("waiting_for") != what

        await until(over, timeout=seconds, pause=0.05)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), 30)

    async def kill(self) -> None:
        """SIGKILL; nothing happens if it does not run."""
        if self.runs:
            assert self._process is not None
            self._process.kill()
            await self._process.wait()

    async def ended_within(self, seconds: float) -> bool:
        """Give it so long; whether it has ended by itself then."""
        assert self._process is not None
        waiting = asyncio.create_task(self._process.wait())
        done, _ = await asyncio.wait([waiting], timeout=seconds)
        waiting.cancel()
        return bool(done)

    def log(self) -> str:
        """What all processes of this folder have written."""
        file = self._folder / "log"
        return file.read_text() if file.exists() else ""

    async def show(self) -> None:
        """Write what /readyz says, if it answers, and the end of the log, to stderr."""
        said = await self.readyz() if self.runs else None
        sys.stderr.write(f"/readyz: {said}\nlog:\n{self.log()[-8000:]}\n")

    async def _is_ready(self) -> bool:
        found = await self.readyz()
        return found is not None and found["http_status"] == 200


def environment_for(world: EmulatedWorld, folder: Path, *, entry: int, **changes: str) -> dict[str, str]:
    """The environment of a server of `world` with a port of its own; `changes` by the settings' names.

    It repackages no films, and so starts no process for them, except in `make proof`.
    """
    settings = settings_for(world, folder, entry=entry)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # the tree under test, where another one is installed
        "PORT": str(free_port()),
        "HOST": "127.0.0.1",
        "PUBLIC_ACCESS": "true",
        "RATE_LIMIT": "0",
        "STREAM_LIMIT": "0",
        **({} if full() else {"PLAYBACK_SLOTS": "0"}),
        "API_ID": str(settings.api_id),
        "API_HASH": settings.api_hash.get_secret_value(),
        "BOT_TOKEN": settings.bot_token.get_secret_value(),
        "OWNER_IDS": str(world.owner.id),
        "DATA_DIR": str(settings.data_dir),
        "TELEGRAM_SERVER": settings.telegram_server or "",
        "TELEGRAM_SERVER_KEY": str(settings.telegram_server_key),
        **changes,
    }


def short_lease() -> dict[str, str]:
    """Changes to the environment: a session in a database is free LEASE seconds after its server was killed."""
    paths = (str(Path(sitecustomize.__file__).parent), os.environ.get("PYTHONPATH", ""))
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


@asynccontextmanager
async def server_process(
    world: EmulatedWorld, folder: Path, *, entry: int, **changes: str
) -> AsyncIterator[ServerProcess]:
    """A process that is not started yet, and does not outlive the test; one that fails shows what it said last."""
    server = ServerProcess(folder, environment_for(world, folder, entry=entry, **changes))
    try:
        yield server
    except Exception:
        await server.show()
        raise
    finally:
        await server.kill()


async def doctor(server: ServerProcess) -> tuple[int, str]:
    """Exit code and output of `streamvault doctor` with the settings of a server that runs."""
    code, out, _ = await run(["doctor"], cwd=server._folder, env=server._environment)
    return code, out
