"""The server's side of the sandbox: runs a job in a fork of the origin, and ends the fork whatever happens."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from streamvault.errors import SourceUnavailable
from streamvault.reading import tasks
from streamvault.reading.retry import Clock, LoopClock
from streamvault.reading.sandbox.exchange import Exchange, ExchangeFailed, ForkLost, ReadCells
from streamvault.reading.sandbox.model import NOBODY_WAITS, Job, JobFailed, Result
from streamvault.reading.sandbox.process import Exit, Fork, OriginProcess

log = logging.getLogger(__name__)

BUFFER = 64 << 10
"""Bytes of a result that may wait in memory for whoever takes the pieces; twice as much at most."""

IDLE, IDLE_WATCHED = 10.0, 300.0
"""Seconds for which the origin is kept without a job: after one that nobody waited for, and after others."""

EXIT_WITHIN = 1.0
"""Seconds in which a fork that closed its socket ends by itself; only then its exit code tells why."""


class Pieces:
    """An async iterator over the bytes of a result; `answer` is the job's, once the last piece was taken."""

    def __init__(self, job: Job, exchange: Exchange, origin: OriginProcess, fork: Fork) -> None:
        self.answer: Mapping[str, Any] = {}
        self._job = job
        self._exchange = exchange
        self._origin, self._fork = origin, fork

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Raises as Sandbox.run."""
        try:
            piece = await self._exchange.next_piece()
        except ForkLost:
            raise self._lost(await self._origin.end(self._fork, patience=EXIT_WITHIN)) from None
        except ExchangeFailed as error:
            raise JobFailed(str(error), has_read=self._exchange.has_read) from error
        if piece is None:
            self.answer = self._exchange.answer or {}
            raise StopAsyncIteration
        return piece

    def _lost(self, how: Exit) -> JobFailed | SourceUnavailable:
        """Why a fork has ended without an answer."""
        if self._fork.refused:
            return SourceUnavailable(f"no process for a media file can be started ({self._fork.refused})")
        killed = how.code is None or (
            how.code == -signal.SIGKILL and not self._fork.told and how.cpu < self._job.limits.cpu
        )
        return JobFailed(f"its process ended early ({_named(how)})", has_read=self._exchange.has_read, killed=killed)


def _named(how: Exit) -> str:
    if how.code is None:
        return "with the process that starts it"
    if how.code < 0:
        return signal.strsignal(-how.code) or f"signal {-how.code}"
    return f"exit code {how.code}"


class Sandbox:
    """An async context manager. Its origin is started by `start` or the first job, and again after it was killed; it
    ends when it has had no job for a while.

    `modules` are loaded by the origin, so that a job that needs them begins at once; ones that are not installed are
    left out. `path` are folders of modules beside this package's and the installed ones.
    """

    def __init__(
        self,
        modules: Sequence[str] = (),
        *,
        path: Sequence[Path] = (),
        clock: Clock | None = None,
        idle: float = IDLE,
        idle_watched: float = IDLE_WATCHED,
    ) -> None:
        """`idle`, `idle_watched`: as IDLE and IDLE_WATCHED."""
        self._modules = tuple(modules)
        self._path = tuple(path)
        self._clock = clock or LoopClock()
        self._idle, self._idle_watched = idle, idle_watched
        self._origin: OriginProcess | None = None
        self._starting = asyncio.Lock()
        self._closed = False
        self._jobs = 0
        """Jobs that use the origin, or wait for it."""
        self._kept_until = 0.0
        self._resting: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        if self._resting is not None:
            self._resting.cancel()
        await tasks.end(self._tasks)
        async with self._starting:
            if self._origin is not None:
                await self._origin.close()

    @property
    def origin(self) -> int | None:
        """The process id of the origin, while there is one."""
        return self._origin.pid if self._origin is not None and self._origin.alive else None

    @property
    def running(self) -> int:
        """How many forks there are."""
        return len(self._origin.forks) if self._origin is not None else 0

    async def start(self) -> None:
        """Start the origin, so that the next job need not wait for its libraries. A failure is left to that job."""
        try:
            await self._started()
        except SourceUnavailable as error:
            log.warning("media files cannot be looked into for now: %s", error)
        self._keep(self._idle_watched)

    def warm(self) -> None:
        """Start the origin in the background, or keep it: a job that somebody waits for may come soon."""
        if self._origin is not None and self._origin.alive:
            self._keep(self._idle_watched)
        elif not self._tasks and not self._closed:
            self._begin(self.start())

    async def run(self, job: Job, read: ReadCells) -> Result:
        """The result of a job, as a whole. `read` brings cells of its file.

        Raises JobFailed, SourceUnavailable where no process can be started or `read` takes longer than the limits
        say, and what `read` raises. Cancelling the call ends the job.
        """
        async with self.stream(job, read) as pieces:
            data = [piece async for piece in pieces]
            return Result(pieces.answer, b"".join(data))

    @asynccontextmanager
    async def stream(self, job: Job, read: ReadCells) -> AsyncIterator[Pieces]:
        """The result of a job while it is made; the job waits while no pieces are taken. Errors as `run`.

        Leaving the block ends the job.
        """
        self._jobs += 1
        try:
            async with self._forked(job, read) as pieces:
                yield pieces
        finally:
            self._jobs -= 1
            self._keep(self._idle if job.limits.nice == NOBODY_WAITS else self._idle_watched)

    @asynccontextmanager
    async def _forked(self, job: Job, read: ReadCells) -> AsyncIterator[Pieces]:
        origin = await self._started()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            reader, writer = await asyncio.open_unix_connection(sock=ours, limit=BUFFER)
            exchange = Exchange(job, read, (reader, writer), clock=self._clock)
            try:
                fork = origin.fork(theirs)
            except SourceUnavailable:
                writer.transport.abort()
                raise
        try:
            yield Pieces(job, exchange, origin, fork)
        finally:
            writer.transport.abort()
            await origin.end(fork)

    def _keep(self, seconds: float) -> None:
        """Keep the origin for so long from now on; it ends when it has no job then."""
        now = asyncio.get_running_loop().time()
        self._kept_until = max(self._kept_until, now + seconds)
        if self._resting is None and self._origin is not None and not self._closed:
            self._resting = asyncio.get_running_loop().call_at(self._kept_until, self._rest)

    def _rest(self) -> None:
        self._resting = None
        if not self._jobs:
            self._begin(self._end_origin())

    async def _end_origin(self) -> None:
        """End the origin, unless it is to be kept by now."""
        async with self._starting:
            left = self._kept_until - asyncio.get_running_loop().time()
            if left > 0:
                self._keep(left)
            elif not self._jobs and self._origin is not None:
                origin, self._origin = self._origin, None
                await origin.close()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="sandbox")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _started(self) -> OriginProcess:
        async with self._starting:
            if self._closed:
                raise SourceUnavailable("the server is closing")
            if self._origin is not None and not self._origin.alive:
                log.warning("the process for media files was killed, and is started again")
                await self._origin.close()
                self._origin = None
            if self._origin is None:
                self._origin = await OriginProcess.start(self._modules, path=self._path)
            return self._origin
