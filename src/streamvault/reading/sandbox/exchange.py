"""The messages between the server and one fork: requests for cells are answered, everything is counted and timed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from streamvault.errors import SourceUnavailable
from streamvault.media.cells import CELL
from streamvault.reading.retry import Clock
from streamvault.reading.sandbox.model import Job
from streamvault.reading.sandbox.protocol import (
    MESSAGE_HEADER,
    AnswerHeader,
    CellRequest,
    FailureHeader,
    PieceHeader,
    pack_cells,
    pack_job,
    unpack_answer,
    unpack_message,
)

ReadCells = Callable[[range], Awaitable[bytes]]
"""Reads these cells of the job's file (media/cells.py); raises as ChunkSource.fetch."""


class ExchangeFailed(Exception):
    """The fork exceeded a limit, sent an invalid message, or says that its function failed."""


class ForkLost(ExchangeFailed):
    """The fork closed its socket, most likely because it has ended."""


class Exchange:
    """One job's messages."""

    def __init__(
        self,
        job: Job,
        read: ReadCells,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        *,
        clock: Clock,
    ) -> None:
        self._job, self._read = job, read
        self._from, self._to = streams
        self._clock = clock
        self._wall_left, self._source_left = job.limits.wall, job.limits.source
        self._cells_left = -(-job.limits.read // CELL)
        self._result_left = job.limits.result
        self._begun = False
        self.has_read = False
        """Whether the fork has requested any cells."""
        self.answer: Mapping[str, Any] | None = None

    async def next_piece(self) -> bytes | None:
        """The next piece of the result; None when the fork has sent its answer. The first call sends the job.

        Raises ExchangeFailed for the fork, what reading the file raises, and ValueError for a job that is too large.
        """
        if not self._begun:
            self._begun = True
            await self._send(pack_job(self._job))
        while self.answer is None:
            message = unpack_message(await self._receive(MESSAGE_HEADER))
            match message:
                case CellRequest():
                    await self._answer_request(message)
                case PieceHeader(length):
                    return await self._receive_result(length)
                case AnswerHeader(length):
                    self.answer = unpack_answer(await self._receive_result(length))
                    if self.answer is None:
                        raise ExchangeFailed("its answer is no JSON object")
                case FailureHeader(length):
                    raise ExchangeFailed((await self._receive(length)).decode(errors="replace"))
                case None:
                    raise ExchangeFailed("it sent an invalid message")
        return None

    async def _answer_request(self, request: CellRequest) -> None:
        if request.count > self._cells_left or (request.first + request.count - 1) * CELL >= self._job.size:
            raise ExchangeFailed("it requested more of the file than it may")
        self.has_read = True
        self._cells_left -= request.count
        await self._send(pack_cells(await self._fetch(request)))

    async def _receive_result(self, length: int) -> bytes:
        self._result_left -= length
        if self._result_left < 0:
            raise ExchangeFailed(f"its result has more than {self._job.limits.result} bytes")
        return await self._receive(length)

    async def _receive(self, count: int) -> bytes:
        return await self._within(self._from.readexactly(count))

    async def _send(self, data: bytes) -> None:
        self._to.write(data)
        await self._within(self._to.drain())

    async def _within(self, awaited: Awaitable[bytes | None]) -> bytes:
        """Wait for the fork, within the rest of its time limit."""
        began = self._clock.time()
        try:
            async with self._clock.timeout(self._wall_left):
                return await awaited or b""
        except TimeoutError as error:
            raise ExchangeFailed(f"it took more than {self._job.limits.wall:g} s") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise ForkLost("it ended early") from error
        finally:
            self._wall_left -= self._clock.time() - began

    async def _fetch(self, request: CellRequest) -> bytes:
        began = self._clock.time()
        try:
            async with self._clock.timeout(self._source_left):
                return await self._read(range(request.first, request.first + request.count))
        except TimeoutError as error:
            raise SourceUnavailable("the bytes of a media file take too long") from error
        finally:
            self._source_left -= self._clock.time() - began
