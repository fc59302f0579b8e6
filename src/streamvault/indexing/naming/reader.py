"""Reads the names that the catalog holds unread, in the background, a batch after the other."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from streamvault.catalog.base import UnparsedName
from streamvault.errors import CatalogError
from streamvault.indexing.naming.child import NameChild, ReaderAway
from streamvault.indexing.naming.protocol import NOTHING, VERSION, telling
from streamvault.media.name_facts import Facts

log = logging.getLogger(__name__)

BATCH = 50
IDLE_SECONDS = 30.0
"""So long the child stays without a name to read."""
AGAIN_FIRST, AGAIN_MOST = 1.0, 60.0


class Names(Protocol):
    """The part of the catalog that is needed here; see Catalog."""

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]: ...

    async def store_facts(self, facts: Mapping[str, Facts]) -> None: ...


class NameReader:
    """An async context manager: works from the start on, and again after each `wake`, until it is left.

    While the catalog or the child is away it tries again, less and less often; nothing is lost by that.
    """

    def __init__(
        self, catalog: Names, *, child: NameChild | None = None, idle: float = IDLE_SECONDS, again: float = AGAIN_FIRST
    ) -> None:
        """`idle`: seconds that the child is kept without work; `again`: the first delay after a failure, in seconds."""
        self._catalog = catalog
        self._child = child or NameChild()
        self._idle = idle
        self._again = again
        self._new = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.read = 0
        """Names read so far."""

    def wake(self) -> None:
        """New files came."""
        self._new.set()

    async def watch(self) -> None:
        """Lasts as long as the work does; raises what ended it unasked."""
        assert self._task is not None
        await asyncio.shield(self._task)

    async def __aenter__(self) -> Self:
        self._new.set()
        self._task = asyncio.create_task(self._run(), name="names")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        # a failure of ours shows here
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    async def _run(self) -> None:
        delay = self._again
        try:
            while True:
                await self._work_to_do()
                self._new.clear()
                try:
                    await self._read_all()
                    delay = self._again
                except (CatalogError, ReaderAway) as error:
                    log.warning("names wait %.0f s to be read: %s", delay, error)
                    self._new.set()
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, AGAIN_MOST)
        finally:
            await self._child.close()

    async def _work_to_do(self) -> None:
        """Until somebody wakes us; the child does not wait as long."""
        try:
            async with asyncio.timeout(self._idle):
                await self._new.wait()
        except TimeoutError:
            await self._child.close()
            await self._new.wait()

    async def _read_all(self) -> None:
        before: tuple[UnparsedName, ...] = ()
        while batch := await self._catalog.unparsed_names(VERSION, BATCH):
            if batch == before:
                raise CatalogError("the catalog does not keep what names tell")
            await self._catalog.store_facts(await self._facts(batch))
            self.read += len(batch)
            before = batch

    async def _facts(self, batch: Sequence[UnparsedName]) -> dict[str, Facts]:
        """By file; those that nobody named need no child."""
        told = [file for file in batch if telling(file.kind)]
        read = await self._child.read([(file.name, file.kind) for file in told]) if told else []
        facts = {file.file_unique_id: NOTHING for file in batch}
        return facts | {file.file_unique_id: each for file, each in zip(told, read, strict=True)}
