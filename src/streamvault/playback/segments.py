"""Makes initialization and media segments of films in the sandbox, each once for all viewers who want it.

What is made depends on the film and on playback.model.VERSION only, so that its address is its identity.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from streamvault.errors import FileMissing, NotPlayable, TooBusy
from streamvault.media.byterange import ByteRange
from streamvault.media.model import MediaFile
from streamvault.playback import failures
from streamvault.playback.ahead import ReadAhead
from streamvault.playback.feed import Feed
from streamvault.playback.model import Cut, KeyFrames, Probed
from streamvault.playback.places import Places
from streamvault.playback.playlists import check_playable
from streamvault.playback.sound import Sound, is_copied, sounds_alike
from streamvault.playback.timeline import Timeline
from streamvault.reading.cells import Cells
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.again import run_again
from streamvault.reading.sandbox.model import Job, JobFailed, JobLimits, Result
from streamvault.reading.shared_work import SharedWork

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MEMORY = 32 << 20
"""Bytes of finished segments that are kept."""

OPENINGS = 64
"""Films whose tracks are remembered."""

LIMITS = JobLimits(read=160 << 20, cpu=20, wall=30.0, source=120.0, result=128 << 20, nice=0)
"""Of a job that makes a segment; a segment of 10 s of the fastest Blu-ray has 50 MB."""

UNMADE = "repackaging failed ({})"
UNMAKEABLE = "This part of the film cannot be repackaged ({}); a player may play the file."

_MAKING = "streamvault.playback.making"
MODULES = tuple(f"{_MAKING}.{name}" for name in ("opening", "video", "audio"))
"""The modules of the jobs, to be loaded by the sandbox."""


class Runs(Protocol):
    """Runs jobs, as reading.sandbox.jobs.Sandbox does."""

    async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result: ...


Probe = Callable[[MediaFile, str], Awaitable[Probed]]
"""The facts of a file, read on account of a viewer; raises as ChunkSource.fetch, and NotPlayable, TooBusy."""

Slot = Callable[[str], AbstractAsyncContextManager[None]]
"""Holds a place for repackaging on account of a viewer; raises TooBusy."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The tracks of a film: initialization segments by track, and what making.opening tells of them."""

    inits: Mapping[int, bytes]
    delay: int
    sounds: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Film:
    """A film that can be repackaged, and its segments."""

    file: MediaFile
    timeline: Timeline

    @property
    def key(self) -> tuple[str, int]:
        return self.file.key.file_unique_id, self.file.size

    @property
    def video(self) -> int:
        """The index of its picture track."""
        return check_playable(self.timeline.facts).index

    def has_sound(self, track: int) -> bool:
        return any(one.index == track for one in self.timeline.facts.of_type("audio"))

    def check(self, track: int, number: int = 0) -> None:
        """Raises FileMissing where pictures and sound have no such track, or no segment of this number."""
        if not 0 <= number < len(self.timeline.cuts) or not (track == self.video or self.has_sound(track)):
            raise FileMissing("the film has no such segment")


async def shared(work: SharedWork[K, V], key: K, make: Callable[[], Awaitable[V]]) -> V:
    """As SharedWork.get; but where another viewer's job had no place, the job is begun on one's own account."""
    while True:
        joined = key in work
        try:
            return await work.get(key, make)
        except TooBusy:
            if not joined:
                raise


class SegmentService:
    """`probe` gives the facts of a file, `cut` the segments of its key frames, `slot` a place for a job."""

    def __init__(
        self,
        sandbox: Runs,
        cells: Cells,
        *,
        probe: Probe,
        cut: Callable[[KeyFrames], Sequence[Cut]],
        slot: Slot,
        admit: Callable[[str], None] = lambda _: None,
        bounds: Bounds,
        memory: int = MEMORY,
        read_ahead: bool = True,
    ) -> None:
        """`admit` keeps a viewer's place where no job is needed, and raises TooBusy.

        `read_ahead`: whether the bytes of the next segment are brought into the caches.
        """
        self._sandbox, self._cells = sandbox, cells
        self._probe, self._cut, self._slot = probe, cut, slot
        self.admit = admit
        self._bounds = bounds
        self._films: OrderedDict[tuple[str, int], tuple[Probed, Film]] = OrderedDict()
        self._read_ahead = read_ahead
        self._memory = memory
        self._held = 0
        self._segments: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._openings: OrderedDict[tuple[str, int], Opening] = OrderedDict()
        self._work: SharedWork[tuple[object, ...], Any] = SharedWork()
        self._places = Places()
        self.ahead = ReadAhead(cells, bounds=bounds)

    async def close(self) -> None:
        """End what is read ahead."""
        await self.ahead.close()

    async def film(self, file: MediaFile, *, viewer: str) -> Film:
        """The film that this file holds. Raises NotPlayable, and as `probe`."""
        probed = await self._probe(file, viewer)
        key = (file.key.file_unique_id, file.size)
        known, film = self._films.get(key, (None, None))
        if known is probed and film is not None:
            return replace(film, file=file)
        check_playable(probed.facts)
        if probed.keys.addressing == "none" or not probed.keys.keys:
            raise NotPlayable("This file has no key frames at which it can be cut; a player plays it as it is.")
        film = Film(file, Timeline(probed, self._cut(probed.keys), file.size))
        self._films[key] = probed, film
        while len(self._films) > OPENINGS:
            self._films.popitem(last=False)
        return film

    async def sound_durations(self, film: Film, track: int, *, viewer: str) -> list[float]:
        """How long each segment of a sound track sounds, in seconds. Raises FileMissing, and as `segment`."""
        if not film.has_sound(track):
            raise FileMissing("the film has no such sound track")
        opening = await self.opening(film, viewer=viewer)
        sound = Sound.described(opening.sounds[track], film.timeline.origin_seconds)
        count, line = len(film.timeline.cuts), film.timeline
        return [
            sound.seconds(sound.frames(line.begin(n), line.begin(n + 1), first=n == 0, last=n + 1 == count))
            for n in range(count)
        ]

    async def copied(self, film: Film, *, viewer: str) -> frozenset[int]:
        """The sound tracks that are sent as they are. Raises as `segment` where the film must be read to tell.

        AAC that begins late, or that does not tell how it is coded, is encoded anew.
        """
        sounds = film.timeline.facts.of_type("audio")
        if all(sounds_alike(track) for track in sounds):
            return frozenset(track.index for track in sounds if is_copied(track))
        opening = await self.opening(film, viewer=viewer)
        return frozenset(track for track, values in opening.sounds.items() if values["copied"])

    async def initialization(self, film: Film, track: int, *, viewer: str) -> bytes:
        """The initialization segment of a track. Raises FileMissing, and as `segment`."""
        opening = await self.opening(film, viewer=viewer)
        if track not in opening.inits:
            raise FileMissing("the film has no such track")
        return opening.inits[track]

    async def opening(self, film: Film, *, viewer: str) -> Opening:
        """The film's tracks, read once. Raises as `segment`."""
        held = self._openings.get(film.key)
        if held is None:
            opened: Opening = await shared(self._work, ("opening", *film.key), lambda: self._open(film, viewer))
            held = self._openings[film.key] = opened
            while len(self._openings) > OPENINGS:
                self._openings.popitem(last=False)
        self._openings.move_to_end(film.key)
        return held

    async def segment(self, film: Film, track: int, number: int, *, viewer: str) -> bytes:
        """A media segment. Raises FileMissing, NotPlayable, TooBusy, and as FileReader."""
        film.check(track, number)
        self.admit(viewer)
        self.ahead.watched(film.file, number=number, viewer=viewer)
        key = (*film.key, track, number)
        data = self._segments.get(key)
        if data is None:
            try:
                data = bytes(await shared(self._work, key, lambda: self._make(film, track, number, viewer=viewer)))
            except asyncio.CancelledError:
                self.ahead.left(film.file, viewer=viewer)
                raise
            self._keep(key, data)
        else:
            self._segments.move_to_end(key)
        self._warm(film, number + 1, viewer=viewer)
        return data

    async def _open(self, film: Film, viewer: str) -> Opening:
        job = self._job(film, "opening:make_opening", film.timeline.opening_job(video=film.video), spliced=False)
        result = await self._run(job, film, viewer=viewer)
        inits, at = {}, 0
        for track, size in result.answer["inits"]:
            inits[track] = result.data[at : at + size]
            at += size
        told = {int(track): values for track, values in result.answer["sounds"].items()}
        return Opening(inits, result.answer["delay"], told)

    async def _make(self, film: Film, track: int, number: int, *, viewer: str) -> bytes:
        opening, line = await self.opening(film, viewer=viewer), film.timeline
        if track == film.video:
            function, arguments = "video:make_video", line.video_job(number, track=track, delay=opening.delay)
        else:
            function = "audio:make_audio"
            arguments = line.sound_job(number, video=film.video, sound=opening.sounds[track])
        job = self._job(film, function, arguments, spliced=True)
        result = await self._run(job, film, viewer=viewer, ahead=self._places.bytes_of(film.key, number, line))
        if track == film.video:
            self._places.put(film.key, number, result.answer["read"])
        return result.data

    @staticmethod
    def _job(film: Film, function: str, arguments: Mapping[str, Any], *, spliced: bool) -> Job:
        header = film.timeline.keys.header
        blobs = (header,) if header and spliced else ()
        return Job(f"{_MAKING}.{function}", film.file.size, arguments, blobs, LIMITS)

    async def _run(self, job: Job, film: Film, *, viewer: str, ahead: ByteRange | None = None) -> Result:
        async with self._slot(viewer):
            with Feed(self._cells, film.file, bounds=self._bounds, ahead=ahead) as feed:
                try:
                    return await run_again(self._sandbox.run, job, feed)
                except JobFailed as error:
                    raise failures.of_job(error, passing=UNMADE, lasting=UNMAKEABLE) from error

    def _keep(self, key: tuple[object, ...], data: bytes) -> None:
        if key in self._segments or len(data) > self._memory:
            return
        self._segments[key] = data
        self._held += len(data)
        while self._held > self._memory:
            self._held -= len(self._segments.popitem(last=False)[1])

    def _warm(self, film: Film, number: int, *, viewer: str) -> None:
        if not self._read_ahead or number >= len(film.timeline.cuts):
            return
        wanted = self._places.bytes_of(film.key, number, film.timeline)
        if wanted is not None:
            self.ahead.begin(film.file, wanted, number=number, viewer=viewer)
