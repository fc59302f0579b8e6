"""Fetching a video to the disk: with room that is reserved before, and more of it where it turns out to be larger."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from streamvault.errors import NeverFits
from streamvault.leech.disk import Room
from streamvault.leech.ytdlp.lines import Entry, Progress
from streamvault.leech.ytdlp.program import Ytdlp
from streamvault.leech.ytdlp.written import Kept, keep, kept_in

SPARE = 32 << 20
"""Bytes beside those of the video: subtitles, a picture, the child's own."""
UNKNOWN = 128 << 20
"""Bytes that are reserved for a video of unknown size at first."""
LOOK = 1.0
"""Seconds between two looks at how much was written."""


def needed(entry: Entry, space: int) -> int:
    """Bytes on the disk, of which jobs may use `space`: tracks and what they are put together to are there at the same
    time. What the site does not tell for sure is more than `space` only when it turns out to be.
    """
    if entry.exact and entry.size is not None:
        return 2 * entry.size + SPARE
    return min(space, UNKNOWN if entry.size is None else int(2.5 * entry.size) + SPARE)


@dataclass(frozen=True, slots=True)
class Fetching:
    """One video into `room`. `most`: bytes of a file, and of all that comes; `space`: that the disk may hold. `sleep`:
    that of asyncio.
    """

    ytdlp: Ytdlp
    room: Room
    most: int
    space: int
    on_progress: Callable[[Progress], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def folder(self) -> Path:
        """What is written is here."""
        return self.room.path / "out"

    async def run(self, address: str, entry: Entry, *, items: str) -> Kept:
        """Until it is complete. Raises SourceRefused, SourceFailed; NoRoom, NeverFits where it grows too large."""
        await asyncio.to_thread(self.folder.mkdir, 0o700, exist_ok=True)
        known = await asyncio.to_thread(kept_in, self.folder)
        if known is not None:
            return known
        fetch = asyncio.ensure_future(
            self.ytdlp.fetch(address, self.folder, items=items, most=self.most, on_progress=self.on_progress)
        )
        growth = asyncio.ensure_future(self._follow_growth())
        try:
            await asyncio.wait({fetch, growth}, return_when=asyncio.FIRST_COMPLETED)
            if growth.done():
                growth.result()
            written = await fetch
        finally:
            for task in (fetch, growth):
                task.cancel()
            await asyncio.gather(fetch, growth, return_exceptions=True)
        return await asyncio.to_thread(keep, self.folder, entry, written)

    async def _follow_growth(self) -> None:
        """Reserve twice as much whenever less than half is left. Raises NoRoom, NeverFits."""
        while True:
            await self.sleep(LOOK)
            used = await self.room.used()
            if used * 2 > self.room.size:
                with suppress(NeverFits):  # what is reserved may do
                    await self.room.resize(max(self.room.size, min(used * 4, self.space)))
            await self.room.check()
