"""Processes beside the server: started again when they end, left alone for a wrong setting, and ended with it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streamvault.server.children import ChildProcess

WAITS = "import signal, sys, pathlib; pathlib.Path(sys.argv[1]).write_text(' '.join(sys.argv[1:])); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITS


class Sleeps:
    """Pauses that last until the test has looked at them."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self.over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        await self.asked.put(seconds)
        await self.over.wait()
        self.over.clear()


def child(code: str, *arguments: str, sleep: Sleeps | None = None, exit_timeout: float = 15.0) -> ChildProcess:
    return ChildProcess(
        arguments, settings={"GIVEN": "value"}, program=(sys.executable, "-c", code), exit_timeout=exit_timeout,
        sleep=sleep or Sleeps(),
    )  # fmt: skip


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - what another process does is no event here
        await asyncio.sleep(0.01)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_child_that_ends_is_started_again_after_longer_and_longer_pauses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log, sleeps = tmp_path / "log", Sleeps()
    code = "import os, sys; open(sys.argv[1], 'a').write(os.environ['GIVEN'] + chr(10)); sys.exit(3)"
    task = asyncio.create_task(child(code, str(log), sleep=sleeps).run())
    pauses = []
    for _ in range(4):
        pauses.append(await sleeps.asked.get())
        sleeps.over.set()
    await sleeps.asked.get()
    await ended(task)
    assert log.read_text().split() == ["value"] * 5
    assert pauses == sorted(pauses)
    assert "exit code 3" in caplog.text


async def test_a_child_whose_settings_are_wrong_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    sleeps = Sleeps()
    task = asyncio.create_task(child("import sys; sys.exit(2)", sleep=sleeps).run())
    await until(lambda: "not started again" in caplog.text)
    assert sleeps.asked.empty()
    await ended(task)


@pytest.mark.parametrize(("code", "timeout"), [(WAITS, 15.0), (STUBBORN, 0.1)], ids=["in order", "killed"])
async def test_a_child_ends_with_the_server(tmp_path: Path, code: str, timeout: float) -> None:
    ready = tmp_path / "ready"
    one = child(code, str(ready), exit_timeout=timeout)
    task = asyncio.create_task(one.run())
    await until(lambda: ready.exists() and ready.read_text())
    assert ready.read_text() == f"{ready} --parent {os.getpid()}"
    pid = one.pid
    assert pid is not None
    await ended(task)
    assert one.pid is None
    assert not alive(pid)


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    inner = (
        "import os, pathlib, signal, sys; from streamvault.process import end_with_parent; "
        "end_with_parent(os.getppid()); pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); signal.pause()"
    )
    outer = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1], sys.argv[2]])"
    with subprocess.Popen([sys.executable, "-c", outer, inner, str(ready)]) as parent:
        while not (ready.exists() and ready.read_text()):
            os.sched_yield()
        pid = int(ready.read_text())
        parent.send_signal(signal.SIGKILL)
    while alive(pid):
        os.sched_yield()
