"""Bytes of films that are read before they are asked for, as long as their viewers watch on."""

import asyncio
import contextlib
from dataclasses import dataclass

from streamvault.errors import StreamVaultError
from streamvault.media.byterange import ByteRange
from streamvault.media.model import MediaFile
from streamvault.playback.feed import Feed
from streamvault.reading import tasks
from streamvault.reading.cells import Cells
from streamvault.reading.reader import Bounds

MOST = 32 << 20
"""Bytes that are read ahead at once for a viewer of a film."""
LASTS = 10.0
"""Seconds for which reading ahead goes on while its viewer asks for nothing; players ask every 4 to 6 s."""
NEAR = 4
"""Segments between those of pictures and of sound that a player asks for; one farther away is a seek."""


@dataclass(slots=True)
class _Reading:
    number: int
    task: asyncio.Task[None]
    end: asyncio.TimerHandle


class ReadAhead:
    """Brings the bytes of segments into the caches, one segment at a time for each viewer of a film."""

    def __init__(self, cells: Cells, *, bounds: Bounds) -> None:
        self._cells, self._bounds = cells, bounds
        self._reading: dict[tuple[str, str], _Reading] = {}

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is being read."""
        return [reading.task for reading in self._reading.values()]

    def begin(self, file: MediaFile, wanted: ByteRange, *, number: int, viewer: str) -> None:
        """Read the first MOST of these bytes, which are those of a segment, unless another one is being read."""
        key = (viewer, file.key.file_unique_id)
        if key in self._reading:
            return
        wanted = ByteRange(wanted.start, min(wanted.stop, wanted.start + MOST))
        task = asyncio.create_task(self._bring(file, wanted), name="segments ahead")
        self._reading[key] = _Reading(number, task, _timer(task))
        task.add_done_callback(lambda _: self._ended(key, task))

    def watched(self, file: MediaFile, *, number: int, viewer: str) -> None:
        """The viewer asks for a segment of the film: what is read for it goes on, or ends after a seek."""
        reading = self._reading.get((viewer, file.key.file_unique_id))
        if reading is None:
            return
        if not number <= reading.number <= number + NEAR:
            self.left(file, viewer=viewer)
            return
        reading.end.cancel()
        reading.end = _timer(reading.task)

    def left(self, file: MediaFile, *, viewer: str) -> None:
        """The viewer has broken off: end what is read for it."""
        reading = self._reading.pop((viewer, file.key.file_unique_id), None)
        if reading is not None:
            reading.end.cancel()
            reading.task.cancel()

    async def close(self) -> None:
        """End all."""
        await tasks.end(self.tasks)

    def _ended(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        reading = self._reading.get(key)
        if reading is not None and reading.task is task:
            reading.end.cancel()
            del self._reading[key]

    async def _bring(self, file: MediaFile, wanted: ByteRange) -> None:
        with (
            contextlib.suppress(StreamVaultError),
            Feed(self._cells, file, bounds=self._bounds, ahead=wanted) as feed,
        ):
            await feed.skip_through()


def _timer(task: asyncio.Task[None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(LASTS, task.cancel)
