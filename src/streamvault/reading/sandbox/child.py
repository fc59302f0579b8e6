"""The fork's side: closes what it inherited, takes its job, limits itself, runs the function, and ends."""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
from pathlib import Path
from typing import BinaryIO, NoReturn

from streamvault.media.cells import CELL
from streamvault.reading.sandbox.model import Call, Job, JobFunction, JobLimits
from streamvault.reading.sandbox.protocol import (
    LARGEST_REASON,
    LENGTH,
    PIECE,
    AnswerHeader,
    CellRequest,
    FailureHeader,
    Message,
    PieceHeader,
    pack_message,
    unpack_job,
    unpack_length,
)
from streamvault.reading.sandbox.remote_file import RemoteFile

FILES = 32
"""Open files of a job."""

INHERITED = 64
"""Open files of the origin, so that a fork knows the highest number of one."""

SOCKET = 3
"""The descriptor of the job's socket in the fork; 0 to 2 are /dev/null."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class _ServerLeft(Exception):
    """Nobody is at the other end of the job's socket."""


def run(connection: int, origin: int) -> NoReturn:
    """Be the process of the job that comes by the socket `connection`; `origin` is the parent's process id."""
    try:
        _detach(origin)
        _keep_only(connection)
        with open(SOCKET, "rb") as answers, open(SOCKET, "wb", closefd=False) as messages:
            _Worker(answers, messages).work()
    finally:
        os._exit(0)  # without the origin's clean-up, and whatever happened: the server sees a socket without an answer


def _detach(origin: int) -> None:
    """A process group of its own, which can be killed as a whole, and an end together with the origin.

    It stays in the server's session: where the kernel groups processes by session (autogroups), niceness counts within
    one only.
    """
    os.setpgid(0, 0)
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != origin:
        os._exit(0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _keep_only(connection: int) -> None:
    """Close all descriptors beyond the standard ones but the socket, which becomes SOCKET."""
    if connection != SOCKET:
        os.dup2(connection, SOCKET, inheritable=False)
    os.closerange(SOCKET + 1, INHERITED)


class _Worker:
    """One job."""

    def __init__(self, answers: BinaryIO, messages: BinaryIO) -> None:
        self._answers, self._messages = answers, messages

    def work(self) -> None:
        job, lengths = unpack_job(self._exactly(unpack_length(self._exactly(LENGTH))))
        blobs = tuple(self._exactly(length) for length in lengths)
        try:
            _limit(job.limits)
            self._send(AnswerHeader, self._answer(job, blobs))
        except _ServerLeft:
            return
        except BaseException as error:  # an exit, too, is a job without an answer
            reason = f"{type(error).__name__}: {error}".encode(errors="replace")
            self._send(FailureHeader, reason[:LARGEST_REASON])

    def _answer(self, job: Job, blobs: tuple[bytes, ...]) -> bytes:
        module, _, name = job.function.partition(":")
        function: JobFunction = getattr(importlib.import_module(module), name)
        file = RemoteFile(self._fetch, job.size, most=-(-job.limits.read // CELL), ends=job.limits.ends)
        return json.dumps(function(Call(file, job.arguments, blobs, self._write))).encode()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(view), PIECE):
            self._send(PieceHeader, view[start : start + PIECE])

    def _fetch(self, request: CellRequest) -> bytes:
        self._put(pack_message(request))
        return self._exactly(unpack_length(self._exactly(LENGTH)))

    def _send(
        self, kind: type[PieceHeader] | type[AnswerHeader] | type[FailureHeader], data: bytes | memoryview
    ) -> None:
        header: Message = kind(len(data))
        self._put(pack_message(header), data)

    def _put(self, *parts: bytes | memoryview) -> None:
        try:
            for part in parts:
                self._messages.write(part)
            self._messages.flush()
        except OSError as error:
            raise _ServerLeft from error

    def _exactly(self, count: int) -> bytes:
        data = self._answers.read(count)
        if len(data) < count:
            raise _ServerLeft
        return data


def _limit(limits: JobLimits) -> None:
    os.nice(limits.nice)
    with contextlib.suppress(OSError):  # not every system allows that
        Path("/proc/self/oom_score_adj").write_text("500")  # the first to be killed when the machine has no memory
    for what, most, more in (
        (resource.RLIMIT_AS, _address_space() + limits.memory, 0),
        (resource.RLIMIT_CPU, limits.cpu, 1),  # SIGXCPU, and SIGKILL a second later
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, FILES, 0),
    ):
        hard = resource.getrlimit(what)[1]
        known = hard != resource.RLIM_INFINITY
        soft, hard = (min(most, hard), min(most + more, hard)) if known else (most, most + more)
        resource.setrlimit(what, (soft, hard))


def _address_space() -> int:
    """Bytes of address space that this process has, mostly of libraries."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
