"""What a file that a leech job posts is, by its bytes: at most a few MiB of them, in a process without secrets."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from streamvault.errors import LeechError, SourceUnavailable
from streamvault.leech.appearance import (
    DOCUMENT,
    PICTURES,
    UNREAD,
    Appearance,
    index_first,
    is_looked_into,
    of_other,
    of_picture,
)
from streamvault.leech.model import Described
from streamvault.leech.posting import Looking as Look
from streamvault.leech.seen import SeenSource
from streamvault.leech.sources.base import SourceChanged
from streamvault.leech.sources.magic import type_by_bytes
from streamvault.leech.transfer import Finished
from streamvault.media.cells import CELL
from streamvault.media.types import kind_of
from streamvault.media.uploads import MAX_THUMB, Audio, Video
from streamvault.playback.posted import MODULE, Shown, look_into
from streamvault.playback.prober import can_probe
from streamvault.reading.frames.scaler import LIMITS as SCALE_LIMITS
from streamvault.reading.frames.scaler import MODULE as SCALING
from streamvault.reading.frames.service import can_make_stills
from streamvault.reading.sandbox.again import Run, run_again
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, JobFailed

log = logging.getLogger(__name__)

THUMB_WIDTH = 320
"""Pixels that Telegram takes at most."""


def open_looking() -> Sandbox | None:
    """The processes in which films are looked into; None where their libraries are not installed."""
    return Sandbox((MODULE, SCALING)) if can_probe() and can_make_stills() else None


class Pictured:
    """Implements leech.posting.Looking like `look`, with a thumbnail made of `picture` for what has none of its own.
    `run`: Sandbox.run.
    """

    def __init__(self, look: Look, run: Run, picture: Callable[[], Awaitable[bytes]]) -> None:
        self._look, self._run, self._picture = look, run, picture

    async def __call__(self, described: Described, finished: Finished) -> Appearance:
        """Never raises for what the picture is."""
        found = await self._look(described, finished)
        if found.thumb is not None or not isinstance(found.shown_as, Video | Audio):
            return found
        picture = await self._picture()
        return replace(found, thumb=await self._scaled(picture)) if picture else found

    async def _scaled(self, picture: bytes) -> bytes | None:
        """A JPEG; None where it cannot be made, or is too large."""
        job = Job(f"{SCALING}:scale_down", 0, arguments={"width": THUMB_WIDTH}, blobs=(picture,), limits=SCALE_LIMITS)
        try:
            result = await run_again(self._run, job, _no_cells)
        except (JobFailed, SourceUnavailable) as error:
            log.info("the picture of a file that is posted cannot be made smaller: %s", error)
            return None
        made = result.data or picture  # no wider than asked for
        return made if made.startswith(b"\xff\xd8") and len(made) <= MAX_THUMB else None


async def _no_cells(cells: range) -> bytes:
    raise SourceUnavailable("a picture has no file")


class Looking:
    """Implements leech.posting.Looking for one job. `run`: Sandbox.run, None where there is none."""

    def __init__(self, seen: SeenSource, run: Run | None) -> None:
        self._seen = seen
        self._run = run

    async def __call__(self, described: Described, finished: Finished) -> Appearance:
        """Never raises for what the file, its source or the process does: then it is a document."""
        size = finished.piece.size or 0
        try:
            head = await self._seen.read_head(size)
        except (LeechError, SourceChanged) as error:
            log.info("the beginning of a file that is posted could not be read again: %s", error)
            return of_other(described.mime_type)
        mime_type = type_by_bytes(head)
        if mime_type in PICTURES:
            return of_picture(head, size, big=finished.big)
        if not is_looked_into(head):
            return of_other(described.mime_type)
        shown = await self._looked_into(head, size) if self._run is not None else None
        if shown is None or shown.shown_as is None:
            return UNREAD if self._run is not None else DOCUMENT
        told = None if kind_of(described.mime_type) != "document" else mime_type
        return Appearance(shown.shown_as, told, shown.thumb)

    async def _looked_into(self, head: bytes, size: int) -> Shown | None:
        """None where it could not be; where the source does not give more, with what was seen of it alone."""
        spans = self._seen.spans()
        if self._seen.ranged:
            try:
                return await self._look(head, size, [(0, size)])
            except (LeechError, SourceChanged, SourceUnavailable) as error:
                log.info("a file that is posted is looked into with what was seen of it: %s", error)
        try:
            return await self._look(head, size, spans) if spans else None
        except (LeechError, SourceUnavailable) as error:
            log.warning("a file that is posted could not be looked into: %s", error)
            return None

    async def _look(self, head: bytes, size: int, held: Sequence[tuple[int, int]]) -> Shown:
        async def read(cells: range) -> bytes:
            return await self._read(cells.start * CELL, min(size, cells.stop * CELL), held)

        assert self._run is not None
        return await look_into(self._run, read, size=size, held=held, index_first=index_first(head, size))

    async def _read(self, start: int, end: int, held: Sequence[tuple[int, int]]) -> bytes:
        """Whole cells; what is not held of them is never read by the job, and filled up."""
        if any(first <= start and end <= last for first, last in held):
            return await self._seen.read(start, end)
        data = bytearray(end - start)
        for first, last in held:
            low, high = max(start, first), min(end, last)
            if low < high:
                data[low - start : high - start] = await self._seen.read(low, high)
        return bytes(data)
