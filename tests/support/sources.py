"""A small real source of chunks, with named faults, and a clock that tests move by hand."""

import asyncio
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from streamvault.errors import FileMissing
from streamvault.media.model import FileKey, MediaFile, Origin, Part

_PERIOD = 1_000_003  # a prime, so that no two offsets that code could mix up hold the same bytes
_NUMBERS = ((index * 2_654_435_761) & 0xFFFFFFFF for index in range(_PERIOD // 4 + 1))
_BASE = struct.pack(f">{_PERIOD // 4 + 1}I", *_NUMBERS)[:_PERIOD]

Fault = Callable[[bytes], Awaitable[bytes]]
"""What happens to one answer: gets the right bytes, returns other ones, raises or waits."""


def pattern(start: int, stop: int) -> bytes:
    """Bytes `[start, stop)` of an endless file that is the same for everybody."""
    first = start % _PERIOD
    length = max(0, stop - start)
    return (_BASE[first:] + _BASE * ((first + length) // _PERIOD))[:length]


def fail(error: Exception) -> Fault:
    """The request ends with `error`."""

    async def fault(_: bytes) -> bytes:
        raise error

    return fault


def short(missing: int = 1) -> Fault:
    """The answer lacks its last bytes."""

    async def fault(data: bytes) -> bytes:
        return data[:-missing]

    return fault


def stall() -> Fault:
    """The answer never comes."""

    async def fault(_: bytes) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets was set")

    return fault


def hold(until: asyncio.Event) -> Fault:
    """The answer comes once `until` is set."""

    async def fault(data: bytes) -> bytes:
        await until.wait()
        return data

    return fault


class MemorySource:
    """A ChunkSource and ThumbnailSource over `pattern`, as strict about requests as Telegram.

    `faults` are used up one per request (None: the request goes well); then `always` applies. A file begins at the
    pattern's beginning unless `begins` says where.
    """

    def __init__(self) -> None:
        self.faults: deque[Fault | None] = deque()
        self.always: Fault | None = None
        self.requests: list[tuple[int, int]] = []
        self.keys: set[FileKey] = set()
        self.begins: dict[FileKey, int] = {}
        self.in_flight = 0
        self.abandoned = 0
        self.thumbnails = 0
        self.asked = asyncio.Condition()

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        assert offset % 4096 == 0, "OFFSET_INVALID"
        assert limit % 4096 == 0, "LIMIT_INVALID"
        assert 1_048_576 % limit == 0, "LIMIT_INVALID"
        assert offset // 1_048_576 == (offset + limit - 1) // 1_048_576, "LIMIT_INVALID"
        assert offset < file.size, "a request beyond the end"
        self.keys.add(file.key)
        begins = self.begins.get(file.key, 0)
        return await self._answer((offset, limit), pattern(begins + offset, begins + min(offset + limit, file.size)))

    async def thumbnail(self, file: MediaFile) -> bytes:
        self.thumbnails += 1
        if not file.thumb_sizes:
            raise FileMissing("no thumbnail")
        return await self._answer((0, 0), b"\xff\xd8" + file.key.file_unique_id.encode())

    def cut(self, sizes: Sequence[int]) -> MediaFile:
        """A film that was cut into pieces of these sizes, in the messages from 7 on; all of it is `pattern`."""
        whole = media_file(sum(sizes))
        parts = []
        for number, size in enumerate(sizes):
            key, origin = FileKey(f"Piece{number}"), Origin(whole.origin.chat_id, whole.origin.message_id + number)
            self.begins[key] = sum(sizes[:number])
            parts.append(Part(key, origin, 2 + number % 2, f"{whole.name}.{number + 1:03}", size))
        return replace(whole, key=FileKey("jWhole"), parts=tuple(parts))

    async def until_asked(self, times: int) -> None:
        """Wait until that many requests have arrived."""
        async with asyncio.timeout(5), self.asked:
            await self.asked.wait_for(lambda: len(self.requests) >= times)

    async def until_in_flight(self, count: int) -> None:
        """Wait until that many requests are unanswered."""
        async with asyncio.timeout(5), self.asked:
            await self.asked.wait_for(lambda: self.in_flight >= count)

    async def _answer(self, request: tuple[int, int], data: bytes) -> bytes:
        self.requests.append(request)
        self.in_flight += 1
        try:
            async with self.asked:
                self.asked.notify_all()
            fault = self.faults.popleft() if self.faults else self.always
            return await fault(data) if fault else data
        except asyncio.CancelledError:
            self.abandoned += 1
            raise
        finally:
            self.in_flight -= 1


class Forgetful:
    """A MemoryStore that keeps nothing, so that whatever is shared is shared in flight."""

    def get(self, key: FileKey, cell: int) -> bytes | None:
        return None

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        """Forget it."""


class KeepsAll:
    """What Memory and Disk share: nothing is ever forgotten."""

    def __init__(self) -> None:
        self.kept: dict[tuple[FileKey, int], bytes] = {}
        self.edges: set[int] = set()

    def put(self, key: FileKey, cell: int, data: bytes, *, edge: bool) -> None:
        self.kept[key, cell] = data
        if edge:
            self.edges.add(cell)


class Memory(KeepsAll):
    """A MemoryStore."""

    def get(self, key: FileKey, cell: int) -> bytes | None:
        return self.kept.get((key, cell))


class Disk(KeepsAll):
    """A DiskStore."""

    async def get(self, key: FileKey, first: int, count: int) -> list[bytes | None]:
        await asyncio.sleep(0)
        return [self.kept.get((key, cell)) for cell in range(first, first + count)]

    async def room(self) -> None:
        """Always."""


class ManualClock:
    """Time that stands still until `advance`; timeouts and sleeps end by it alone."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._alarms: list[tuple[float, Callable[[], None]]] = []
        self.slept: list[float] = []
        self.sleeping = asyncio.Event()

    def time(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        done = asyncio.Event()
        self._alarms.append((self._now + seconds, done.set))
        self.sleeping.set()
        await done.wait()

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[object]:
        async with asyncio.timeout(None) as timeout:
            alarm = (self._now + seconds, lambda: timeout.reschedule(asyncio.get_running_loop().time()))
            self._alarms.append(alarm)
            try:
                yield timeout
            finally:
                self._alarms = [other for other in self._alarms if other is not alarm]

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass; what was due by then happens."""
        self._now += seconds
        due = [alarm for alarm in self._alarms if alarm[0] <= self._now]
        self._alarms = [alarm for alarm in self._alarms if alarm[0] > self._now]
        for _, ring in due:
            ring()


class HastyClock(ManualClock):
    """Time that jumps ahead whenever somebody sleeps, so that back-off costs no test any time."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)


def media_file(size: int, *, name: str = "film.mp4", mime_type: str = "video/mp4", thumbs: str = "ms") -> MediaFile:
    """A file of `size` bytes in the message -1001234567890/7."""
    return MediaFile(
        key=FileKey(f"Unique{size}"),
        origin=Origin(-1001234567890, 7),
        dc_id=2,
        kind="video",
        name=name,
        size=size,
        mime_type=mime_type,
        date=1_767_225_600,
        edit_date=1_767_225_661,
        thumb_sizes=tuple(thumbs),
    )
