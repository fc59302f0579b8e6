"""Hot single streams: bytes in the memory or disk cache, against nginx with the same bytes in a file."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.streaming.baseline import Baseline
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.table import Line, Target
from benchmarks.streaming.testbed import Address, Film, Testbed, free_port, open_testbed
from benchmarks.streaming.viewer import Plan
from benchmarks.streaming.viewers import watch
from tgemulator.world.content import synthetic_bytes

_ROUNDS = 4  # reads to fill the cache; if bytes are still missing then, it is measured as it is
_CONFIG = """\
{user}worker_processes 1;
daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""


def memory(options: Options) -> list[Line]:
    """Row 5m: from memory."""
    return _hot(options, "in memory", 0.8, {"CACHE_MEMORY": "2GiB", "CACHE_DISK": "0"})


def disk(options: Options) -> list[Line]:
    """Row 5d: from disk."""
    return _hot(options, "on disk", 0.4, {"CACHE_MEMORY": "0", "CACHE_DISK": "8GiB"})


def _hot(options: Options, where: str, target: float, settings: dict[str, str]) -> list[Line]:
    share = Line(f"5 hot single stream, {where}: share of nginx", "", Target(">=", target))
    rate = Line(f"5 its rate, {where}", "MB/s")
    peer = Line("5 nginx, same bytes, same client", "MB/s")
    missing = [name for name in ("nginx", "curl") if shutil.which(name, path=_path()) is None]
    if missing:
        share.instead = f"needs {' and '.join(missing)} (Debian: apt-get install nginx-light curl)"
        return [share]
    with open_testbed(settings) as testbed, Baseline(testbed) as baseline:
        film = testbed.film(options.scaled(512, 128) * MIB)
        with _nginx(testbed.folder, film) as address:
            _fill(testbed, film)
            before = testbed.chunk_bytes()
            for _ in range(options.runs):
                ours = _curl(testbed.server.address, film.path, film.size)
                theirs = _curl(address, "/film.bin", film.size)
                from_telegram = testbed.chunk_bytes() - before
                rate.add(ours, sequential=baseline.read(film, length=options.scaled(128, 32) * MIB).rate / MB)
                before = testbed.chunk_bytes()
                peer.add(theirs)
                share.add(ours / theirs)
                if from_telegram:
                    share.note = f"{from_telegram / film.size:.0%} of the bytes came from Telegram, not the cache"
    return [share, rate, peer]


def _fill(testbed: Testbed, film: Film) -> None:
    """Read the file until the cache has all of it: the disk cache drops cells when writing is slow."""
    for _ in range(_ROUNDS):
        before = testbed.chunk_bytes()
        watch(testbed.server.address, [Plan(film.path)])
        testbed.settle()
        time.sleep(1.0)
        if testbed.chunk_bytes() == before:
            return


def _curl(address: Address, path: str, size: int) -> float:
    """MB/s of one download to /dev/null."""
    url = f"http://{address[0]}:{address[1]}{path}"
    command = ["curl", "-s", "--noproxy", "*", "-o", os.devnull, "-w", "%{time_total} %{size_download}", url]
    seconds, received = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    if int(received) != size:
        raise RuntimeError(f"curl got {received} of {size} bytes")
    return size / float(seconds) / MB


def _path() -> str:
    return os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"))


@contextmanager
def _nginx(folder: Path, film: Film) -> Iterator[Address]:
    """nginx as a child process, with the film's bytes in a file."""
    program = shutil.which("nginx", path=_path())
    assert program is not None
    port = free_port()
    (folder / "www").mkdir()
    with (folder / "www" / "film.bin").open("wb") as file:
        for offset in range(0, film.size, MIB):
            file.write(synthetic_bytes(film.seed, offset, min(MIB, film.size - offset)))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_CONFIG.format(user=user, folder=folder, port=port))
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=log)
    try:
        _wait_for(("127.0.0.1", port), process)
        yield ("127.0.0.1", port)
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: Address, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 10
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(address):
            return
        time.sleep(0.1)
    raise RuntimeError("nginx does not answer")
