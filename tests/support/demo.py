"""`streamvault demo` as a process of its own, as somebody at a terminal runs it."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamvault.demo.media import recipes_version
from tests.support.ui import the_built_ui


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is ready: its address, without a slash at the end, and what it has printed so far."""

    url: str
    printed: str
    process: subprocess.Popen[str]


def demo_folder() -> Path:
    """Where the media are kept: made once per machine, as the recipes are now, for all processes of the tests."""
    folder = Path(tempfile.gettempdir()) / f"streamvault-demo-{recipes_version()}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def nobody_else(folder: Path) -> Iterator[None]:
    """While one process of a test run makes the media, the others wait for them."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start the demo on a free port, wait until it is ready; in the end interrupt it, which must exit with 0.

    `folder` keeps the media from one run to the next.
    """
    the_built_ui()
    with tempfile.TemporaryFile("w+") as complaints, tempfile.TemporaryDirectory() as elsewhere:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamvault", "demo", "--port", "0", "--folder", str(folder)],
            cwd=elsewhere,  # no .env is read by accident
            env={name: value for name, value in os.environ.items() if name not in ("HOST", "PUBLIC_ACCESS")},
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        with process:
            try:
                printed = _read_until_ready(process)
                if process.poll() is not None:
                    complaints.seek(0)
                    raise AssertionError(f"the demo ended with {process.returncode}: {complaints.read()}")
                url = next(line.split()[1] for line in printed.splitlines() if line.strip().startswith("Open "))
                yield Demo(url.rstrip("/"), printed, process)
                process.send_signal(signal.SIGINT)
                assert process.wait(timeout=15) == 0
            finally:
                if process.poll() is None:
                    process.kill()
        complaints.seek(0)
        said = complaints.read()
        assert said == "", said


def _read_until_ready(process: subprocess.Popen[str]) -> str:
    """What it prints up to the line about Ctrl-C, or up to its end."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Ctrl-C"):
            return printed
    process.wait()
    return printed
