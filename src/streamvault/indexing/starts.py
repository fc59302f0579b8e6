"""Reads how doubtful pieces begin: Film.part2.avi may go on where Film.part1.avi ends, or be a film of its own.

Until it is known, and while Telegram cannot be reached, they stay apart; nothing waits for it.
"""

import asyncio
import logging
from functools import partial

from streamvault.errors import FileGone, FileMissing, SourceError
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.manifests import ReadFile
from streamvault.indexing.periodic import PERIOD, repeat
from streamvault.media.byterange import ByteRange
from streamvault.media.layout import FileLayout
from streamvault.media.model import MediaFile
from streamvault.media.parts import as_posted
from streamvault.media.signatures import LONGEST, begins_file
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds
from streamvault.reading.retry import LoopClock, with_retries

log = logging.getLogger(__name__)


class PieceStarts:
    """Reads the first bytes of the pieces that the catalog asks for; `run` is a task of the server."""

    def __init__(self, catalog: JoiningCatalog, read: ReadFile, *, pause: float = PERIOD) -> None:
        """`read` returns at least LONGEST bytes of the beginning, or the whole of a shorter file."""
        self._catalog = catalog
        self._read = read
        self._pause = pause
        self._posted = asyncio.Event()
        catalog.on_doubtful = self._posted.set

    async def run(self) -> None:
        """Read whatever is unread; until cancelled."""
        await repeat(self.round, posted=self._posted, name="pieces of cut files", pause=self._pause)

    async def round(self) -> None:
        """Read each start that was not read yet. Raises CatalogError."""
        for origin in await self._catalog.unread_starts():
            file = await self._catalog.get(origin)
            if file is None:
                continue  # it was deleted meanwhile, and its mark with it
            file = as_posted(file)
            try:
                begins = begins_file(await self._read(file))
            except (FileMissing, FileGone, SourceError) as error:
                log.warning("the beginning of %r in %s cannot be read now: %s", file.name, file.origin, error)
                continue
            await self._catalog.apply_start(file, begins=begins)


def start_reader(cells: Cells, bounds: Bounds) -> ReadFile:
    """A reader of the first bytes over the shared cells, in the INDEX lane."""

    async def read(file: MediaFile) -> bytes:
        wanted = FileLayout(file).cells(ByteRange(0, min(file.size, LONGEST)))
        work = partial(read_whole_cells, cells, file, wanted, lane=Lane.INDEX, client="starts")
        return await with_retries(work, bounds.start, clock=LoopClock())

    return read
