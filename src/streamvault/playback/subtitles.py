"""Text tracks of films as WebVTT: segments for HLS out of the bytes that pictures need anyway, and whole tracks.

A whole track of a Matroska file lies all over the file: it is read in the background, one film at a time, and kept.
That may take an hour, so it holds no slot, which viewers of pictures wait for; its process has the lowest priority.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from fractions import Fraction
from typing import Any

from streamvault.errors import FileMissing, StreamVaultError, TooBusy
from streamvault.media.model import MediaFile
from streamvault.playback import failures, webvtt
from streamvault.playback.choices import TEXT_SUBTITLES
from streamvault.playback.failures import Failures
from streamvault.playback.feed import Feed
from streamvault.playback.model import Facts, Track
from streamvault.playback.playlists import Subtitles
from streamvault.playback.segments import LIMITS, Film, Probe, Runs, Slot, shared
from streamvault.playback.webvtt import Cue
from streamvault.reading import tasks
from streamvault.reading.bulk import read_whole_cells
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds
from streamvault.reading.retry import Clock, LoopClock
from streamvault.reading.sandbox.again import run_again
from streamvault.reading.sandbox.model import Job, JobFailed, JobLimits
from streamvault.reading.shared_work import SharedWork

log = logging.getLogger(__name__)

KEPT = 4096
"""Segments and tracks whose cues are kept."""
KEPT_BYTES = 16 << 20
"""Bytes of text that are kept."""
MOST_READ = 8 << 30
"""Bytes of a file that are read for a whole track; cues behind them are missing."""
WITHIN = 15.0
"""Seconds that an answer waits for a whole track."""
WAITING = 8
"""Whole tracks that are read or wait for it, at most."""
OF_ONE = 2
"""Those of them that one viewer has begun."""
FAILURE_LASTS = 60.0
"""Seconds for which a whole track that could not be read is not tried again."""

UNREAD = "the subtitles could not be read ({})"
UNREADABLE = "The subtitles of this film cannot be read ({})."

LONGEST = 60.0
"""Seconds of the longest cue that is surely in each segment over which it lasts, as far as MOST_BEHIND allows."""
MOST_BEHIND = 8 << 20
"""Bytes of the file before a segment that are read for the cues that last into it: a seek must not cost many more."""

_MAKING = "streamvault.playback.making.cues"


def texts(facts: Facts) -> list[Track]:
    """The tracks of text among a film's subtitles."""
    return [track for track in facts.of_type("subtitle") if track.codec in TEXT_SUBTITLES]


def check_text(film: Film, track: int, number: int = 0) -> None:
    """Raises FileMissing where the film has no such track of text, or no segment of this number."""
    if not 0 <= number < len(film.timeline.cuts) or track not in (text.index for text in texts(film.timeline.facts)):
        raise FileMissing("the film has no such segment of text")


class SubtitleService:
    """`probe` gives the facts of a file, `slot` a place for a job."""

    def __init__(
        self,
        sandbox: Runs,
        cells: Cells,
        *,
        probe: Probe,
        slot: Slot,
        bounds: Bounds,
        check: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        """`check` raises NotPlayable where nothing of a film is to be read for a whole track."""
        self._check = check
        self._sandbox, self._cells = sandbox, cells
        self._probe, self._slot, self._bounds = probe, slot, bounds
        self._cues: OrderedDict[Hashable, tuple[list[Cue], int]] = OrderedDict()
        self._held = 0
        self._work: SharedWork[Hashable, list[Cue]] = SharedWork()
        self._whole: dict[Hashable, asyncio.Task[list[Cue]]] = {}
        self._begun: dict[Hashable, str] = {}
        """The viewer who has begun each whole track."""
        self._failures = Failures(FAILURE_LASTS, clock or LoopClock())
        self._one = asyncio.Lock()

    async def close(self) -> None:
        """End what is read in the background."""
        await tasks.end(self._whole.values())

    async def facts(self, file: MediaFile, *, viewer: str) -> Facts:
        """The facts of a file. Raises as `probe`."""
        return (await self._probe(file, viewer)).facts

    def renditions(self, film: Film) -> Sequence[Subtitles]:
        """The renditions of a film's text tracks."""
        return [
            Subtitles(
                f"text/{track.index}.m3u8", track.title or track.language or f"Track {track.index}", track.language,
                forced=track.forced,
            )
            for track in texts(film.timeline.facts)
        ]  # fmt: skip

    async def segment(self, film: Film, track: int, number: int, *, viewer: str) -> bytes:
        """A WebVTT segment. Raises FileMissing, NotPlayable, TooBusy, and as FileReader."""
        check_text(film, track, number)
        line = film.timeline
        own = await self._of_segment(film, track, number, viewer)
        before = list[Cue]()
        for earlier in line.behind(number, seconds=LONGEST, most=MOST_BEHIND):
            before += await self._of_segment(film, track, earlier, viewer)
        start, stop = (round(line.begin(one) * 1000) for one in (number, number + 1))
        return webvtt.segment(own, before, start, stop=None if number + 1 == len(line.cuts) else stop)

    async def whole(self, file: MediaFile, track: int, *, viewer: str) -> bytes:
        """The whole track as WebVTT.

        Raises FileMissing, TooBusy while it is still read or the viewer has OF_ONE others read, and as `probe`.
        """
        self._check()
        probed = await self._probe(file, viewer)
        if track not in (text.index for text in texts(probed.facts)):
            raise FileMissing("the file has no such track of text")
        key = ("whole", file.key.file_unique_id, file.size, track)
        cues = self._found(key)
        if cues is None:
            origin = float(Fraction(probed.facts.start).limit_denominator(10**6))
            task = self._begin(key, lambda: self._read_whole(key, file, track, origin), viewer)
            done, _ = await asyncio.wait({task}, timeout=WITHIN)
            if not done:
                raise TooBusy(10, "these subtitles are being read out of the film")
            cues = task.result()
        return webvtt.document(cues)

    async def _of_segment(self, film: Film, track: int, number: int, viewer: str) -> list[Cue]:
        key = (*film.key, track, number)
        found = self._found(key)
        if found is None:
            found = await shared(self._work, key, lambda: self._read_segment(key, film, track, number, viewer))
        return found

    async def _read_segment(self, key: Hashable, film: Film, track: int, number: int, viewer: str) -> list[Cue]:
        line = film.timeline
        place = {"track": track, "video": film.video, "position": line.position(number)}
        arguments = {**line.job(number), **place}
        blobs = (line.keys.header,) if line.keys.header else ()
        job = Job(f"{_MAKING}:segment_cues", film.file.size, arguments, blobs, LIMITS)
        async with self._slot(viewer):
            with Feed(self._cells, film.file, bounds=self._bounds, ahead=line.bytes_of(number)) as feed:
                return self._keep(key, await self._run(job, feed))

    def _begin(
        self, key: Hashable, work: Callable[[], Coroutine[Any, Any, list[Cue]]], viewer: str
    ) -> "asyncio.Task[list[Cue]]":
        """The task that reads a whole track, which goes on when nobody waits for it any more."""
        task = self._whole.get(key)
        if task is None:
            self._failures.check(key)
            if len(self._whole) >= WAITING or list(self._begun.values()).count(viewer) >= OF_ONE:
                raise TooBusy(30, "too many subtitles are being read out of films")
            self._begun[key] = viewer
            task = self._whole[key] = asyncio.create_task(work(), name="whole subtitles")
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: Hashable, task: "asyncio.Task[list[Cue]]") -> None:
        del self._whole[key], self._begun[key]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StreamVaultError):
            log.info("subtitles could not be read: %s", error)
            self._failures.put(key, error)
        elif error is not None:
            log.error("reading subtitles failed", exc_info=error)

    async def _read_whole(self, key: Hashable, file: MediaFile, track: int, origin: float) -> list[Cue]:
        limits = JobLimits(
            read=MOST_READ, cpu=120, wall=300.0, source=3600.0, result=KEPT_BYTES // 2, nice=19, ends=True
        )
        job = Job(f"{_MAKING}:track_cues", file.size, {"track": track, "origin": origin}, (), limits)

        async def read(wanted: range) -> bytes:
            return await read_whole_cells(self._cells, file, wanted, lane=Lane.THUMBNAILS, client="subtitles")

        async with self._one:
            return self._keep(key, await self._run(job, read))

    async def _run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> list[Cue]:
        try:
            result = await run_again(self._sandbox.run, job, read)
        except JobFailed as error:
            raise failures.of_job(error, passing=UNREAD, lasting=UNREADABLE) from error
        return [Cue(*json.loads(line)) for line in result.data.splitlines()]

    def _found(self, key: Hashable) -> list[Cue] | None:
        held = self._cues.get(key)
        if held is None:
            return None
        self._cues.move_to_end(key)
        return held[0]

    def _keep(self, key: Hashable, cues: list[Cue]) -> list[Cue]:
        size = sum(len(cue.text) + 64 for cue in cues)
        self._cues[key] = (cues, size)
        self._held += size
        while len(self._cues) > KEPT or self._held > KEPT_BYTES:
            self._held -= self._cues.popitem(last=False)[1][1]
        return cues
