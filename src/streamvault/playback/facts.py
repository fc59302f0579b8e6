"""What media files hold: read once per file, kept in the catalog, and in memory for those that are watched."""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Self

from streamvault.catalog.probes import Probes, StoredProbe
from streamvault.errors import CatalogError, NotPlayable, StreamVaultError, TooBusy
from streamvault.media.model import MediaFile
from streamvault.media.types import UNKNOWN, kind_of, type_of
from streamvault.playback.failures import Failures
from streamvault.playback.model import VERSION, Facts, Probed
from streamvault.playback.packing import NO_KEYS, TooLarge, facts_from_json, facts_to_json, pack_keys, unpack_keys
from streamvault.reading import tasks
from streamvault.reading.lanes import Lane
from streamvault.reading.retry import Clock, LoopClock
from streamvault.reading.shared_work import SharedWork

log = logging.getLogger(__name__)

QUEUE = 32
"""Files that are read or wait for their turn; further ones are refused until there is room."""
OF_ONE = 8
"""Those of them that one viewer has asked for first."""
AT_ONCE = 2
HELD = 64
"""Files whose facts are kept in memory."""
FAILURE_LASTS = 15.0
"""Seconds for which a failure that may pass is answered without another try."""
RETRY_AFTER = 2
"""Seconds after which to ask again for what is being read."""
MANY = "too many films are being looked into"
NEW = 1000
"""New files that wait for the background walk; of more, the oldest are read when they are opened."""
ON_THE_LOOP = 16 << 10
"""Characters of stored facts; more are parsed in a thread, so that streams are not held up."""
PAUSE = 30.0
"""Seconds between two files of the background walk, and between two looks whether anybody plays."""


class FactsService:
    """An async context manager. `probe` is a Prober; `busy` tells whether anybody waits for bytes; `on_asked` is called
    whenever somebody asks for a file, who may play it next.

    A file that is read is read to the end even if nobody waits any more. What may pass (Telegram, the database) is
    raised and not stored; a file that cannot be read is stored with the reason.
    """

    def __init__(
        self,
        probe: Callable[[MediaFile, Callable[[], Lane]], Awaitable[Probed]],
        probes: Probes,
        *,
        busy: Callable[[], bool] = lambda: False,
        on_asked: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        self._probe = probe
        self._probes = probes
        self._busy = busy
        self._on_asked = on_asked
        self._clock = clock or LoopClock()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._jobs: dict[str, asyncio.Task[Probed]] = {}
        self._lookups: SharedWork[str, Probed | None] = SharedWork()
        self._asked: set[str] = set()
        self._first: dict[str, str] = {}
        """The viewer who asked first for each file that is read."""
        self._held: OrderedDict[str, Probed] = OrderedDict()
        self._failures = Failures(FAILURE_LASTS, self._clock)
        self._new: OrderedDict[str, MediaFile] = OrderedDict()
        self._noticed = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await tasks.end(self._jobs.values())

    async def of(self, file: MediaFile, *, within: float, viewer: str) -> Probed | None:
        """What the file holds; None if it is not read within so many seconds: ask again after RETRY_AFTER.

        Raises NotPlayable for a file that is neither film nor song; TooBusy for one that the catalog does not have
        while too many others are being read, for all or for this viewer; else as ChunkSource.fetch.
        """
        if not may_be_probed(file):
            raise NotPlayable("this file is neither a film nor a song: download it")
        self._on_asked()
        key = file.key.file_unique_id
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
            return held
        self._failures.check(key)
        if key not in self._jobs:
            found = await self._lookups.get(key, lambda: self._looked_up(key)) or self._held.get(key)
            if found is not None:
                return found
            self._failures.check(key)
        if key not in self._jobs and list(self._first.values()).count(viewer) >= OF_ONE:
            raise TooBusy(RETRY_AFTER, MANY)
        job = self._job(file)
        self._first.setdefault(key, viewer)
        self._asked.add(key)
        done, _ = await asyncio.wait([job], timeout=within)
        return job.result() if done else None

    async def known(self, files: Iterable[MediaFile]) -> dict[str, Facts]:
        """The facts of those of these files that were read already, by file_unique_id; one query, and no file is read.

        Raises CatalogError.
        """
        keys = {file.key.file_unique_id for file in files if may_be_probed(file)}
        rows = await self._probes.facts(keys, version=VERSION)
        long = sum(map(len, rows.values())) > ON_THE_LOOP
        found = await asyncio.to_thread(_all_unpacked, rows) if long else _all_unpacked(rows)
        return found | {key: held.facts for key in keys if (held := self._held.get(key)) is not None}

    def notice(self, file: MediaFile) -> None:
        """Have a new file read in the background."""
        if may_be_probed(file):
            self._new[file.key.file_unique_id] = file
            if len(self._new) > NEW:
                self._new.popitem(last=False)
            self._noticed.set()

    async def watch(self) -> None:
        """Read new files one after the other while nobody plays, until cancelled."""
        while True:
            await self._noticed.wait()
            if not self._new:
                self._noticed.clear()
                continue
            await self._clock.sleep(PAUSE)
            if not self._busy() and not self._jobs:
                await self._read_new(self._new.popitem()[1])

    async def _read_new(self, file: MediaFile) -> None:
        try:
            if await self._stored(file.key.file_unique_id) is None:
                await asyncio.shield(self._job(file))
        except StreamVaultError as error:
            log.debug("%s is looked into when it is opened: %s", file.origin, error)

    def _job(self, file: MediaFile) -> asyncio.Task[Probed]:
        key = file.key.file_unique_id
        job = self._jobs.get(key)
        if job is None:
            if len(self._jobs) >= QUEUE:
                raise TooBusy(RETRY_AFTER, MANY)
            job = self._jobs[key] = asyncio.create_task(self._work(file), name="facts")
            job.add_done_callback(lambda done: self._job_done(file, done))
        return job

    def _job_done(self, file: MediaFile, job: asyncio.Task[Probed]) -> None:
        key = file.key.file_unique_id
        del self._jobs[key]
        self._asked.discard(key)
        self._first.pop(key, None)
        error = None if job.cancelled() else job.exception()
        if isinstance(error, StreamVaultError):
            log.info("%s cannot be looked into for now: %r", file.origin, error)
            self._failures.put(key, error)
        elif error is not None:
            log.error("looking into %s failed", file.origin, exc_info=error)

    async def _work(self, file: MediaFile) -> Probed:
        key = file.key.file_unique_id
        async with self._turn:
            found = await self._probe(file, lambda: Lane.PLAYBACK if key in self._asked else Lane.INDEX)
        await self._store(key, found)
        return self._hold(key, found)

    async def _looked_up(self, key: str) -> Probed | None:
        """What was read before, as the catalog has it."""
        found = await self._stored(key)
        return found and self._hold(key, found)

    def _hold(self, key: str, found: Probed) -> Probed:
        self._held[key] = found
        if len(self._held) > HELD:
            self._held.popitem(last=False)
        return found

    async def _stored(self, key: str) -> Probed | None:
        """What the catalog has of this version; None while the database does not answer, too."""
        try:
            row = await self._probes.get(key)
            if row is None or row.version != VERSION:
                return None
            return Probed(facts_from_json(json.loads(row.facts)), unpack_keys(row.keys))
        except CatalogError as error:
            log.warning("a file is looked into again, as the database failed: %s", error)
        except ValueError as error:
            log.warning("a file is looked into again, as what is stored of it is damaged: %s", error)
        return None

    async def _store(self, key: str, found: Probed) -> None:
        try:
            packed = pack_keys(found.keys)
        except TooLarge:
            packed = pack_keys(NO_KEYS)
        try:
            await self._probes.put(key, StoredProbe(VERSION, json.dumps(facts_to_json(found.facts)), packed))
        except (CatalogError, ValueError) as error:
            log.warning("what was read of a file is not stored: %s", error)


def _all_unpacked(rows: Mapping[str, str]) -> dict[str, Facts]:
    return {key: facts for key, row in rows.items() if (facts := _unpacked(row)) is not None}


def _unpacked(row: str) -> Facts | None:
    """None of damaged ones, which are read again when the file is opened."""
    try:
        return facts_from_json(json.loads(row))
    except ValueError as error:
        log.warning("the stored facts of a file are damaged: %s", error)
        return None


def may_be_probed(file: MediaFile) -> bool:
    """Whether the file may be a film or song; a piece of one that was cut is none."""
    if not file.size or file.part_of is not None:
        return False
    if file.kind in ("video", "animation", "video_note", "audio", "voice"):
        return True
    mime_type = type_of(file.name) if file.mime_type == UNKNOWN else file.mime_type
    return kind_of(mime_type) in ("video", "audio", "voice")
