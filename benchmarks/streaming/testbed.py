"""The processes of a row: an emulated Telegram and a StreamVault server that reads from it.

The row itself, the viewers (`viewers`) and the library on its own (`baseline`) are further processes, so that none
takes time from another's event loop.
"""

import http.client
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.streaming.control import Control
from benchmarks.streaming.options import MIB

HOME_DC, FOREIGN_DC = 2, 4
BOT, WORKER, BASELINE_BOT = "700000001:the-vault-bot", "700000002:a-worker-bot", "700000003:a-plain-reader"
_CHANNEL = 1_500_000_001
CHAT = -1_000_000_000_000 - _CHANNEL
FIRST = 2
"""The message of the first file that is posted; 1 is that of the channel's creation."""
API_ID, API_HASH = 12345, "0123456789abcdef0123456789abcdef"
SOFT_FILES = 1024
"""RLIMIT_NOFILE as most systems start a service with it."""

Address = tuple[str, int]


def bot_id(token: str) -> int:
    """The user id in a bot's token."""
    return int(token.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Film:
    """A synthetic file in a message of the channel: `synthetic_bytes(seed, ...)` are its bytes."""

    message: int
    size: int
    seed: int

    @property
    def path(self) -> str:
        """Where the server streams it."""
        return f"/stream/{CHAT}/{self.message}"


class Server:
    """A running `streamvault serve`."""

    def __init__(self, address: Address, process: "subprocess.Popen[bytes]", *, log: Path) -> None:
        self.address = address
        self.pid = process.pid
        self._process = process
        self._log = log

    def get(self, path: str, *, method: str = "GET") -> tuple[int, bytes]:
        """Status and body of one request on a new connection. Raises OSError if nothing listens."""
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def metric(self, name: str, **labels: str) -> float | None:
        """The sum of a metric over the label sets that contain `labels`; None if the server does not have it."""
        values = [
            float(match[2])
            for match in re.finditer(rf"^{name}(\{{[^}}]*\}})? (\S+)$", self.get("/metrics")[1].decode(), re.MULTILINE)
            if all(f'{label}="{value}"' in (match[1] or "") for label, value in labels.items())
        ]
        return sum(values) if values else None

    def samples(self, name: str) -> dict[str, float]:
        """The values of a metric by their label text."""
        text = self.get("/metrics")[1].decode()
        return {
            match[1] or "": float(match[2])
            for match in re.finditer(rf"^{name}(\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
        }

    def wait_until_ready(self, *, within: float = 60.0) -> None:
        """Return once streams can be served. Raises RuntimeError with the end of the log after `within` seconds."""
        ends = time.monotonic() + within
        while time.monotonic() < ends and self._process.poll() is None:
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the server is not ready: {self._log.read_text()[-2000:]}")


class Testbed:
    """The emulator and the server of a row. Each `film` is a new file with bytes of its own."""

    def __init__(self, control: Control, server: Server, *, telegram: dict[str, Any], folder: Path) -> None:
        self.control = control
        self.server = server
        self.folder = folder
        self.telegram = telegram
        """The emulator's description: addresses and public key; and its process id, `pid`."""
        self._seeds = 0

    def film(self, size: int, *, dc: int = HOME_DC) -> Film:
        """Post a new file and wait until the server has it in its catalog; none of its bytes have been read."""
        self._seeds += 1
        seed = self._seeds
        name = f"film {seed}.bin"
        posted = self.control.post(_CHANNEL, {"size": size, "seed": seed, "name": name, "dc": dc})
        film = Film(int(posted["id"]), size, seed)
        ends = time.monotonic() + 30
        while self._newest() < film.message:  # a request for an unknown message would be read from Telegram
            if time.monotonic() > ends:
                raise RuntimeError("the server does not list a new file")
            time.sleep(0.02)
        return film

    def _newest(self) -> int:
        """The id of the newest message that the server lists, 0 if none."""
        items = json.loads(self.server.get("/api/catalog?limit=1")[1])["items"]
        return max((int(item["message_id"]) for item in items), default=0)

    def chunk_bytes(self) -> int:
        """Bytes of files that the emulator has sent so far."""
        return self.control.counted("getfile_bytes")

    def settle(self, *, still: float = 0.5, within: float = 30.0) -> None:
        """Return once no chunk has been requested for `still` seconds, or after `within`."""
        ends = time.monotonic() + within
        last, since = self.control.counted("getfile"), time.monotonic()
        while time.monotonic() - since < still and time.monotonic() < ends:
            time.sleep(0.05)
            if (now := self.control.counted("getfile")) != last:
                last, since = now, time.monotonic()

    def warm(self, *, amount: int = 64 * MIB) -> None:
        """Stream a file once, so that connections are open and code is loaded."""
        film = self.film(amount)
        self.server.get(film.path)
        self.settle()

    def media_ports(self) -> set[int]:
        """Every port of the emulated data centres."""
        dcs = self.telegram["dcs"].values()
        return {int(dc[name]) for dc in dcs for name in ("port", "media_port") if dc[name]}


@contextmanager
def open_testbed(
    settings: Mapping[str, str] | None = None, *, workers: bool = False, posted: Sequence[Path] = ()
) -> Iterator[Testbed]:
    """Start both processes and warm them up. `settings` by their names in the environment; `workers`: a second bot.

    `posted` are files in the messages from FIRST on.
    """
    raise_file_limit()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        telegram = stack.enter_context(open_emulator(folder, posted))
        given = {**({"WORKER_BOT_TOKENS": WORKER} if workers else {}), **(settings or {})}
        server = stack.enter_context(_server(folder, telegram, given))
        testbed = Testbed(Control(telegram["control"]), server, telegram=telegram, folder=folder)
        testbed.warm()
        yield testbed


def raise_file_limit() -> None:
    """Raise the limit of open files of this process and its children to the hard limit."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def open_emulator(folder: Path, posted: Sequence[Path] = ()) -> Iterator[dict[str, Any]]:
    """A new emulator's description, once it is ready."""
    world = folder / "world.json"
    world.write_text(json.dumps(_world(posted)))
    command = [sys.executable, "-m", "tgemulator", "--world", str(world), "--control-port", "0", "--print-json"]
    command += ["--folder", str(folder / "emulator")]
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
    with _terminating(process):
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the emulator ended: {(folder / 'emulator.log').read_text()[-2000:]}")
        yield {**json.loads(line), "pid": process.pid}


def _world(posted: Sequence[Path]) -> dict[str, Any]:
    bots = [
        {"ref": token, "token": token, "home_dc": HOME_DC, "name": token[10:]} for token in (BOT, WORKER, BASELINE_BOT)
    ]
    members = [{"who": bot["ref"], "admin": True} for bot in bots]
    posts = [{"file": {"path": str(path), "kind": "video", "dc": HOME_DC}} for path in posted]
    return {
        "users": [{"ref": "owner", "phone": "+15550100", "first_name": "Owner", "home_dc": HOME_DC}],
        "bots": bots,
        "channels": [{"title": "Films", "creator": "owner", "id": _CHANNEL, "members": members, "posts": posts}],
    }


@contextmanager
def _server(folder: Path, telegram: dict[str, Any], settings: dict[str, str]) -> Iterator[Server]:
    address = ("127.0.0.1", free_port())
    home = telegram["dcs"][str(HOME_DC)]
    (folder / "data").mkdir()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
        "HOME": str(folder),
        "HOST": address[0],
        "PORT": str(address[1]),
        "PUBLIC_ACCESS": "true",
        "RATE_LIMIT": "0",
        "STREAM_LIMIT": "0",
        "API_ID": str(API_ID),
        "API_HASH": API_HASH,
        "BOT_TOKEN": BOT,
        "CHANNELS": str(CHAT),
        "DATA_DIR": str(folder / "data"),
        "TELEGRAM_SERVER": f"{HOME_DC}@{home['host']}:{home['port']}",
        "TELEGRAM_SERVER_KEY": telegram["public_key"],
        **settings,
    }
    log = folder / "server.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamvault", "serve"],
            cwd=folder,
            env=environment,
            stderr=stderr,
            stdout=stderr,
            preexec_fn=_limit_files,
        )
    with _terminating(process):
        server = Server(address, process, log=log)
        server.wait_until_ready()
        yield server


def _limit_files() -> None:
    """In the child process: the soft limit that a service usually starts with."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(SOFT_FILES, hard), hard))


@contextmanager
def _terminating(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """End the process with the block."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
