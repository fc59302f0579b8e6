"""The baseline without StreamVault: Kurigram sessions that request chunks, in a process of their own.

With one connection and one request at a time it is the plain sequential reader that most servers are built on; with
several of both it is the library at its best, without HTTP. It uses the server's ciphers.

    python -m benchmarks.streaming.baseline

reads one line of JSON with the emulator's addresses, then one per job, and answers each job with a `Read`.
"""

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import streamvault.telegram  # noqa: F401  prepares Kurigram and installs the server's ciphers

# isort: split
import pyrogram
from pyrogram import raw
from pyrogram.session import Auth, Session

from benchmarks.streaming.options import MIB
from benchmarks.streaming.testbed import API_HASH, API_ID, BASELINE_BOT, CHAT, HOME_DC, Film, Testbed
from streamvault.telegram.mtproto.rsa_keys import install_server_key


@dataclass(frozen=True, slots=True)
class Read:
    """The result of one job; `error` is the name of the exception that ended it early.

    `gap`: the longest wait for a chunk; `behind`: the longest delay of one behind the schedule of `rate`. Seconds.
    """

    seconds: float
    bytes: int
    gap: float
    behind: float
    error: str = ""

    @property
    def rate(self) -> float:
        """Bytes/s."""
        return self.bytes / self.seconds


class Baseline:
    """The baseline process, result from the row; a context manager. It logs in once and keeps its connections."""

    def __init__(self, testbed: Testbed) -> None:
        command = [sys.executable, "-m", "benchmarks.streaming.baseline"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._send(testbed.telegram)

    def start(
        self,
        *films: Film,
        offset: int = 0,
        length: int | None = None,
        connections: int = 1,
        in_flight: int = 1,
        readers: int = 1,
        rate: float | None = None,
        within: float = 300.0,
    ) -> None:
        """Start reading `films`; `result` waits for the end.

        Each of `readers` reads one file (the next of `films` in turn), at `rate` bytes/s if given. The job is cancelled
        after `within` seconds.
        """
        self._send(
            {
                "messages": [film.message for film in films],
                "offset": offset,
                "length": films[0].size - offset if length is None else length,
                "connections": connections,
                "in_flight": in_flight,
                "readers": readers,
                "rate": rate,
                "within": within,
            }
        )

    def result(self) -> Read:
        """Wait for the end of the job, and return its result."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the baseline process ended")
        return Read(**json.loads(line))

    def read(self, *films: Film, **how: Any) -> Read:
        """`start`, then `result`."""
        self.start(*films, **how)
        return self.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def _send(self, value: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()


class _Client(pyrogram.Client):  # type: ignore[misc]  # the library is untyped
    """Kurigram's client, of which its sessions need the storage and the settings."""

    def __init__(self) -> None:
        super().__init__(
            "bare",
            api_id=API_ID,
            api_hash=API_HASH,
            in_memory=True,
            loop=asyncio.get_running_loop(),
        )


class _Pool:
    """Media sessions at the account's home DC, with one auth key."""

    def __init__(self, telegram: dict[str, Any]) -> None:
        self._dc = telegram["dcs"][str(HOME_DC)]
        self._client: Any = None
        self._main: Any = None
        self._key = b""
        self._sessions: list[Any] = []

    async def log_in(self) -> None:
        """Make the auth key and log the bot in with it."""
        self._client = _Client()
        await self._client.storage.open()
        await self._client.storage.api_id(API_ID)
        self._key = await Auth(self._client, HOME_DC, self._dc["host"], self._dc["port"], False).create()
        self._main = await self._session(self._dc["port"], media=False)
        await self._main.invoke(
            raw.functions.auth.ImportBotAuthorization(
                flags=0, api_id=API_ID, api_hash=API_HASH, bot_auth_token=BASELINE_BOT
            )
        )

    async def sessions(self, count: int) -> list[Any]:
        """`count` media sessions, which stay open."""
        while len(self._sessions) < count:
            self._sessions.append(await self._session(self._dc["media_port"], media=True))
        return self._sessions[:count]

    async def locate(self, message: int) -> Any:
        """The location of the file in a message of the channel."""
        channel = raw.types.InputChannel(channel_id=-1_000_000_000_000 - CHAT, access_hash=0)
        ids = [raw.types.InputMessageID(id=message)]
        found = await self._main.invoke(raw.functions.channels.GetMessages(channel=channel, id=ids))
        document = found.messages[0].media.document
        return raw.types.InputDocumentFileLocation(
            id=document.id,
            access_hash=document.access_hash,
            file_reference=document.file_reference,
            thumb_size="",
        )

    async def _session(self, port: int, *, media: bool) -> Any:
        session = Session(self._client, HOME_DC, self._dc["host"], port, self._key, False, is_media=media)
        await session.start()
        return session


class _Reading:
    """One job over some sessions."""

    def __init__(self, locations: list[Any], *, rate: float | None) -> None:
        self._locations = locations
        self._rate = rate
        self._began = self._last = time.monotonic()
        self.bytes = 0
        self.gap = self.behind = 0.0

    async def run(self, sessions: list[Any], *, offset: int, length: int, in_flight: int, readers: int) -> None:
        """Fetch the bytes `readers` times, with `in_flight` requests at a time on each session."""
        async with asyncio.TaskGroup() as group:
            for reader in range(readers):
                location = self._locations[reader % len(self._locations)]
                chunks = iter(enumerate(range(offset, offset + length, MIB)))
                for session in sessions * in_flight:
                    group.create_task(self._fetch(session, location, chunks))

    async def _fetch(self, session: Any, location: Any, chunks: Iterator[tuple[int, int]]) -> None:
        for number, offset in chunks:
            due = self._began + (number * MIB / self._rate if self._rate else 0.0)
            await asyncio.sleep(due - time.monotonic())
            answer = await session.invoke(raw.functions.upload.GetFile(location=location, offset=offset, limit=MIB))
            self.bytes += len(answer.bytes)
            now = time.monotonic()
            self.gap, self._last = max(self.gap, now - self._last), now
            self.behind = max(self.behind, now - due)

    def as_json(self, error: str) -> dict[str, Any]:
        """A `Read` of what has happened so far; a wait that is going on counts."""
        now = time.monotonic()
        gap = max(self.gap, now - self._last)
        return {"seconds": now - self._began, "bytes": self.bytes, "gap": gap, "behind": self.behind, "error": error}


async def _serve() -> None:
    """Run the jobs of standard input one after the other."""
    telegram = json.loads(await asyncio.to_thread(sys.stdin.readline))
    install_server_key(Path(telegram["public_key"]))
    pool = _Pool(telegram)
    await pool.log_in()
    while line := await asyncio.to_thread(sys.stdin.readline):
        job = json.loads(line)
        sessions = await pool.sessions(job["connections"])
        locations = [await pool.locate(message) for message in job["messages"]]
        reading, error = _Reading(locations, rate=job["rate"]), ""
        span = {name: job[name] for name in ("offset", "length", "in_flight", "readers")}
        try:
            async with asyncio.timeout(job["within"]):
                await reading.run(sessions, **span)
        except* (TimeoutError, OSError, pyrogram.errors.RPCError) as group:
            error = type(group.exceptions[0]).__name__
        print(json.dumps(reading.as_json(error)), flush=True)


def main() -> int:
    """The process that `Baseline` starts."""
    logging.disable(logging.WARNING)
    asyncio.run(_serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
