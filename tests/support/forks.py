"""`streamvault` as a process that has its modules loaded: a fork of a process that has loaded them and done no more.

Loading them takes two seconds of a processor, and the tests start it a hundred times. Apart from that it is a process
as any other: with an environment, a folder, signals and an exit code of its own.
"""

import asyncio
import importlib.util
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing import reduction
from pathlib import Path
from typing import IO, Any, Protocol

from streamvault.cli.main import main
from tests.support.proof import full

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.support.loaded"])


class Process(Protocol):
    """What a fork and a process of asyncio have in common."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def send_signal(self, signal: int, /) -> None: ...
    async def wait(self) -> int: ...


class Fork:
    """A running process, made by `begun`; asyncio's names for what can be done with it."""

    def __init__(self, process: multiprocessing.process.BaseProcess) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._loop.add_reader(process.sentinel, self._end)
        assert process.pid is not None
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def terminate(self) -> None:
        if self.returncode is None:
            self._process.terminate()

    def kill(self) -> None:
        if self.returncode is None:
            self._process.kill()

    def send_signal(self, signal: int, /) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    def _end(self) -> None:
        self._loop.remove_reader(self._process.sentinel)
        code = self._process.exitcode
        assert code is not None
        self._process.close()
        self._ended.set_result(code)


async def begun(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    within: Sequence[str] = (),
    forked: bool = not full(),
) -> Process:
    """Start `streamvault` with these words, as a fork; without one of the file descriptors it has this process's.

    Not `forked`, or with something that stands before the command, `within`, such as `ip netns exec`, it is a program
    that loads its modules itself. So it always is in `make proof`.
    """
    if within or not forked:
        command = [*within, sys.executable, "-m", "streamvault", *words]
        return await asyncio.create_subprocess_exec(
            *command, cwd=cwd, env=dict(env), stdin=stdin, stdout=stdout, stderr=stderr
        )
    given = [None if number is None else _Descriptor(number) for number in (stdin, stdout, stderr)]
    process = _forks.Process(target=_run, args=(list(words), str(cwd), dict(env), given), daemon=True)
    await asyncio.to_thread(process.start)  # the first one waits until the modules are loaded
    return Fork(process)


async def run(words: Sequence[str], *, cwd: Path, env: Mapping[str, str], typed: str = "") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `streamvault` with these words, which ends within 90 s."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(typed.encode())
        stdin.seek(0)
        process = await begun(
            words, cwd=cwd, env=env, stdin=stdin.fileno(), stdout=stdout.fileno(), stderr=stderr.fileno()
        )
        try:
            code = await asyncio.wait_for(process.wait(), 90)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        return code, _written(stdout), _written(stderr)


def _written(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


class _Descriptor:
    """A file descriptor of this process, which is another number in the process that receives it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (reduction.DupFd(self.number),)


def _received(descriptor: Any) -> _Descriptor:
    return _Descriptor(descriptor.detach())


def _run(words: list[str], folder: str, environment: dict[str, str], streams: list["_Descriptor | None"]) -> None:
    """In the fork: what the start of a program does, and the program."""
    for number, stream in enumerate(streams):
        if stream is not None:
            os.dup2(stream.number, number)
            os.close(stream.number)
    sys.stdin = os.fdopen(0, closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["streamvault", *words]
    sys.orig_argv = [sys.executable, "-m", *sys.argv]
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.modules.pop("sitecustomize", None)
    if importlib.util.find_spec("sitecustomize") is not None:
        importlib.import_module("sitecustomize")
    sys.exit(main())
