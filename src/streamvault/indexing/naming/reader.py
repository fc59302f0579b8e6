"""Reads the names of files that the catalog lists as unread, in the background, in batches."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Protocol, Self

from streamvault.catalog.base import UnparsedName
from streamvault.errors import CatalogError
from streamvault.indexing.naming.process import NameProcess, NameProcessUnavailable
from streamvault.indexing.naming.protocol import NO_FACTS, VERSION, has_chosen_name
from streamvault.media.name_facts import NameFacts
from streamvault.media.nameless import is_recording
from streamvault.media.release_words import is_release

log = logging.getLogger(__name__)

BATCH = 50
IDLE_SECONDS = 10.0
"""Seconds for which the child process is kept without work."""
FIRST_DELAY, MAX_DELAY = 1.0, 60.0
"""Seconds before the next try after a failure: the first delay, and the longest."""
DATABASE_DELAY = 5.0
"""The longest while the database is away: names are read within seconds of its return."""
_AGAIN = "reading names again in %.0f s: %s"


class Names(Protocol):
    """The part of Catalog that the reader needs."""

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]: ...

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None: ...


def _is_recording(file: UnparsedName) -> bool:
    """Whether a camera made the file, and its name is a sentence of the text beside it, which may hold a year."""
    return is_recording(file.sent_name) and not is_release(file.name)


class NameReader:
    """An async context manager: reads all unread names at the start and after each `wake`, until it is left.

    While the catalog or the child process is unavailable it tries again with growing delays; no name is lost.
    """

    def __init__(
        self,
        catalog: Names,
        *,
        child: NameProcess | None = None,
        idle: float = IDLE_SECONDS,
        first_delay: float = FIRST_DELAY,
    ) -> None:
        """`idle`: seconds that the child is kept without work; `first_delay`: that after a failure, in seconds."""
        self._catalog = catalog
        self._child = child or NameProcess()
        self._idle = idle
        self._first_delay = first_delay
        self._new = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.read = 0
        """Names read so far."""

    def wake(self) -> None:
        """New files were stored."""
        self._new.set()

    async def watch(self) -> None:
        """Wait until the reader ends; raises the error that ended it."""
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
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()

    async def _run(self) -> None:
        delay = self._first_delay
        try:
            while True:
                await self._work_to_do()
                self._new.clear()
                try:
                    await self._read_all()
                    delay = self._first_delay
                except (CatalogError, NameProcessUnavailable) as error:
                    away = isinstance(error, CatalogError)  # which has a condition of its own
                    delay = min(delay, DATABASE_DELAY if away else MAX_DELAY)
                    log.log(logging.DEBUG if away else logging.WARNING, _AGAIN, delay, error)
                    self._new.set()
                    await asyncio.sleep(delay)
                    delay *= 2
        finally:
            await self._child.close()

    async def _work_to_do(self) -> None:
        """Wait for `wake`; end the child process after `idle` seconds."""
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
                raise CatalogError("the catalog does not store the facts of names")
            await self._catalog.store_facts(await self._facts(batch), batch)
            self.read += len(batch)
            before = batch

    async def _facts(self, batch: Sequence[UnparsedName]) -> dict[str, NameFacts]:
        """The facts by file_unique_id; files that nobody named are not sent to the child."""
        named = [file for file in batch if has_chosen_name(file.kind) and not _is_recording(file)]
        read = await self._child.read([(file.name, file.kind) for file in named]) if named else []
        facts = {file.file_unique_id: NO_FACTS for file in batch}
        return facts | {file.file_unique_id: each for file, each in zip(named, read, strict=True)}
