"""Reads the manifests that are posted beside pieces, and lets the catalog join the pieces that they list.

There is no queue: manifests that were not read yet are found by a search, after one was posted and every PERIOD
seconds, so that none is lost by a restart, an outage or a failure.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Protocol

from streamvault.catalog.base import MAX_LIMIT, CatalogQuery, Page
from streamvault.errors import FileGone, FileMissing, SourceError
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.periodic import PERIOD, repeat
from streamvault.media.byterange import ByteRange
from streamvault.media.layout import FileLayout
from streamvault.media.manifest import MAX_MANIFEST, SUFFIX
from streamvault.media.model import MediaFile
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds
from streamvault.reading.retry import LoopClock, with_retries

log = logging.getLogger(__name__)

_WORDS = '"parts json"'  # SUFFIX as a search query


class ReadFile(Protocol):
    """Reads all bytes of a small file."""

    async def __call__(self, file: MediaFile) -> bytes: ...


class Manifests:
    """Reads the manifests of all chats; `run` is a task of the server."""

    def __init__(self, catalog: JoiningCatalog, read: ReadFile, *, pause: float = PERIOD) -> None:
        self._catalog = catalog
        self._read = read
        self._pause = pause
        self._posted = asyncio.Event()
        catalog.on_manifest = self._posted.set

    async def run(self) -> None:
        """Read new manifests, until cancelled."""
        await repeat(self.round, posted=self._posted, name="manifests", pause=self._pause)

    async def round(self) -> None:
        """Read every manifest that was not read yet. Raises CatalogError."""
        async for file in self._listed():
            if await self._catalog.is_manifest_read(file):
                continue
            try:
                data = await self._read(file) if file.size <= MAX_MANIFEST else b""
            except (FileMissing, FileGone, SourceError) as error:
                log.debug("the manifest %r in %s cannot be read now: %s", file.name, file.origin, error)
                continue
            await self._catalog.apply_manifest(file, data)

    async def _listed(self) -> AsyncIterator[MediaFile]:
        """The manifests that are not joined with their pieces."""
        page: Page | None = None
        while page is None or page.next is not None:
            after = page.next if page else None
            page = await self._catalog.page(CatalogQuery(text=_WORDS, limit=MAX_LIMIT, after=after))
            for entry in page.items:
                for origin in await self._catalog.origins(entry.file.key.file_unique_id):
                    file = await self._catalog.get(origin)  # a list shows one of several messages with the same file
                    if file is not None and file.name.endswith(SUFFIX):
                        yield file


def small_file_reader(cells: Cells, bounds: Bounds) -> ReadFile:
    """A ReadFile over the shared cells, in the INDEX lane."""

    async def read(file: MediaFile) -> bytes:
        wanted = FileLayout(file).cells(ByteRange(0, file.size))
        work = partial(read_whole_cells, cells, file, wanted, lane=Lane.INDEX, client="manifests")
        return await with_retries(work, bounds.start, clock=LoopClock())

    return read
