"""The bytes of one job from its source to its messages, through memory alone.

A piece is one message. Its file_id is recorded before its first part is sent, how many parts Telegram has is recorded
while they are sent, and its message id after it was posted: whoever goes on begins with the first part that Telegram
may lack. A piece whose parts Telegram has lost is sent again from its start.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from streamvault.errors import PartsLost, SourceFailed, SourceRefused
from streamvault.leech.model import Described, Piece, Transfer
from streamvault.leech.parts import Part, regroup
from streamvault.leech.ports import PartUploads
from streamvault.leech.sources.base import TAIL, Checkpoint, Opened, Source, SourceChanged
from streamvault.media.uploads import PART, REQUESTS_PER_CONNECTION, SMALL_FILE, Limits

MAX_RESTARTS = 5
"""Times that a transfer begins anew, or sends a piece again, before it counts as a failed attempt."""
_TAIL_BYTES, _TAIL_DIGEST = "tail_bytes", "tail_sha256"


class Recorder(Protocol):
    """Where a transfer is recorded."""

    async def store(self, transfer: Transfer) -> None:
        """Return when it is stored. Raises when somebody else holds the job now."""
        ...

    def note(self, transfer: Transfer) -> None:
        """The same for progress that may be lost: it is stored soon."""
        ...


@dataclass(frozen=True, slots=True)
class Finished:
    """A piece whose parts are all with Telegram; `number` from 0. `last`: nothing follows it. `piece.sent` is None when
    its message is sent for the first time.
    """

    number: int
    piece: Piece
    parts: int
    big: bool
    last: bool


Posting = Callable[[Described, Finished], Awaitable[int]]
"""Posts a piece, once however often it is called for it, and returns the message's id. Raises PartsLost."""


class TransferRun:
    """Sends what is left of a transfer; `transfer` is how far it is. Call `run` once."""

    def __init__(
        self, source: Source, uploads: PartUploads, transfer: Transfer, *,
        recorder: Recorder, post: Posting,
        discard: Callable[[Sequence[int]], Awaitable[None]], new_file_id: Callable[[], int],
        notes: Callable[[], tuple[str, ...]] = tuple, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        """`discard` deletes messages of a file that the source no longer has. `notes`: what is to be recorded with the
        last message. `clock` returns Unix seconds.
        """
        self.transfer = transfer
        self._source = source
        self._uploads = uploads
        self._recorder = recorder
        self._post = post
        self._discard = discard
        self._new_file_id = new_file_id
        self._notes = notes
        self._clock = clock

    async def run(self) -> Transfer:
        """Until every piece is posted.

        Raises what the source and `uploads` raise, SourceFailed when it had to begin anew too often, and what the
        recorder raises.
        """
        for _ in range(MAX_RESTARTS):
            try:
                await self._once()
            except SourceChanged:
                await self._begin_anew()
            except PartsLost:
                await self._send_piece_again()
            else:
                return self.transfer
        raise SourceFailed("the file changed, or Telegram lost parts of it, again and again")

    async def _once(self) -> None:
        if self.transfer.complete:
            return
        limits = await self._uploads.limits()
        if self._exceeds(limits):
            raise PartsLost("the account may send fewer parts than before")
        async with self._source.open(_checkpoint(self.transfer)) as opened:
            await self._use(opened)
            sending = _Sending(self._uploads, limits, opened.described.size, on_saved=self._saved)
            try:
                await self._send(opened, sending, limits)
            finally:
                await sending.close()

    async def _use(self, opened: Opened) -> None:
        """Take over what the source says now; SourceChanged where it begins elsewhere than asked."""
        begun = self.transfer
        if opened.offset != _offset(begun):
            raise SourceChanged
        source = {**begun.source, "state": opened.state}
        await self._store(replace(begun, described=opened.described, source=source))

    async def _send(self, opened: Opened, sending: "_Sending", limits: Limits) -> None:
        described = opened.described
        empty = True
        async for part in regroup(opened.blocks):
            empty = False
            piece = self.transfer.pieces[-1] if self.transfer.pieces else None
            if piece is None or piece.message_id is not None:
                piece = await self._new_piece()
            elif sending.next_part(piece) == limits.parts:
                await self._finish(described, sending, piece, last=False)
                piece = await self._new_piece()
            await sending.send(piece, part)
            if part.last:
                await self._finish(described, sending, piece, last=True)
        if empty and not self.transfer.pieces:
            raise SourceRefused("the source has no bytes, and Telegram takes no empty file")

    async def _new_piece(self) -> Piece:
        pieces = self.transfer.pieces
        start = pieces[-1].start + (pieces[-1].size or 0) if pieces else 0
        piece = Piece(start, self._new_file_id())
        await self._store(replace(self.transfer, pieces=(*pieces, piece)))
        return piece

    async def _finish(self, described: Described, sending: "_Sending", piece: Piece, *, last: bool) -> None:
        """Post the piece, whose last part has been handed over, once Telegram has them all."""
        size, parts, big = await sending.finish(piece)
        number = len(self.transfer.pieces) - 1
        whole = replace(self.transfer.pieces[number], size=size)
        sent = replace(whole, sent=whole.sent or self._clock())
        await self._store(_with_last(self.transfer, sent))
        message_id = await self._post(described, Finished(number, whole, parts, big, last))
        posted = _with_last(self.transfer, replace(sent, message_id=message_id))
        await self._store(replace(posted, complete=True, notes=self._notes()) if last else posted)

    def _saved(self, parts: int, tail: bytes) -> None:
        """Telegram has the first `parts` parts of the current piece; `tail`: the last bytes of them."""
        last = replace(self.transfer.pieces[-1], parts=parts)
        digest = hashlib.sha256(tail).hexdigest()
        source = {**self.transfer.source, _TAIL_BYTES: len(tail), _TAIL_DIGEST: digest}
        self.transfer = _with_last(replace(self.transfer, source=source), last)
        self._recorder.note(self.transfer)

    async def _begin_anew(self) -> None:
        """The source has another file now: delete what was posted of the old one, and forget it."""
        await self._discard([piece.message_id for piece in self.transfer.pieces if piece.message_id is not None])
        await self._store(Transfer())

    async def _send_piece_again(self) -> None:
        pieces = self.transfer.pieces
        again = Piece(pieces[-1].start, self._new_file_id())
        kept = {"state": self.transfer.source.get("state", {})}  # the tail is of bytes that come again
        await self._store(replace(self.transfer, pieces=(*pieces[:-1], again), source=kept))

    async def _store(self, transfer: Transfer) -> None:
        self.transfer = transfer
        await self._recorder.store(transfer)

    def _exceeds(self, limits: Limits) -> bool:
        pieces = self.transfer.pieces
        return bool(pieces) and pieces[-1].message_id is None and pieces[-1].parts > limits.parts


class _Sending:
    """The parts of one piece after the other, several on their way at once."""

    def __init__(
        self, uploads: PartUploads, limits: Limits, size: int | None, *, on_saved: Callable[[int, bytes], None]
    ) -> None:
        self._uploads = uploads
        self._limits = limits
        self._size = size
        self._on_saved = on_saved
        self._slots = asyncio.Semaphore(limits.connections * REQUESTS_PER_CONNECTION)
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed: BaseException | None = None
        self._file_id: int | None = None
        self._next = self._length = 0
        self._big = True
        self._tails: dict[int, bytes] = {}
        self._acknowledged = 0

    def next_part(self, piece: Piece) -> int:
        """The number of the part of `piece` that is sent next."""
        self._turn_to(piece)
        return self._next

    async def send(self, piece: Piece, part: Part) -> None:
        """Hand over the next part, when there is room. Raises what became of an earlier one."""
        self._turn_to(piece)
        total = self._total(piece)
        number, self._next = self._next, self._next + 1
        self._length += len(part.data)
        if part.last and total is None:
            total = number + 1
        await self._slots.acquire()
        self._raise_failure()
        task = asyncio.create_task(self._save(piece.file_id, number, part, total))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def finish(self, piece: Piece) -> tuple[int, int, bool]:
        """Bytes and parts of the piece, and whether it went as a big file, once Telegram has all of it."""
        while self._tasks:
            await asyncio.wait(set(self._tasks), return_when=asyncio.FIRST_COMPLETED)
            self._raise_failure()
        self._raise_failure()
        return self._length, self._next, self._big

    async def close(self) -> None:
        """Give up what is on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _turn_to(self, piece: Piece) -> None:
        if piece.file_id == self._file_id:
            return
        self._file_id, self._next, self._acknowledged = piece.file_id, piece.parts, piece.parts
        self._length = piece.parts * PART
        self._tails.clear()
        size = self._piece_size(piece)
        self._big = size is None or size > SMALL_FILE

    def _piece_size(self, piece: Piece) -> int | None:
        return None if self._size is None else min(self._limits.piece, self._size - piece.start)

    def _total(self, piece: Piece) -> int | None:
        size = self._piece_size(piece)
        return None if size is None else -(-size // PART)

    async def _save(self, file_id: int, number: int, part: Part, total: int | None) -> None:
        try:
            await self._uploads.save(file_id, number, part.data, total=total, big=self._big)
        finally:
            self._slots.release()
        if part.last:
            return  # it is not recorded: a source is never asked for what begins at its end
        self._tails[number] = part.data[-TAIL:]
        while self._acknowledged in self._tails:
            tail = self._tails.pop(self._acknowledged)
            self._acknowledged += 1
            self._on_saved(self._acknowledged, tail)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        self._failed = self._failed or failure

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise self._failed


def _with_last(transfer: Transfer, piece: Piece) -> Transfer:
    return replace(transfer, pieces=(*transfer.pieces[:-1], piece))


def _offset(transfer: Transfer) -> int:
    """The first byte that has not been transferred."""
    if not transfer.pieces:
        return 0
    last = transfer.pieces[-1]
    return last.start + (last.parts * PART if last.message_id is None else last.size or 0)


def _checkpoint(transfer: Transfer) -> Checkpoint | None:
    offset, noted = _offset(transfer), transfer.source
    if transfer.described is None or not offset:
        return None
    tail = (int(noted[_TAIL_BYTES]), str(noted[_TAIL_DIGEST])) if _TAIL_DIGEST in noted else None
    return Checkpoint(transfer.described, offset, tail, dict(noted.get("state", {})))
