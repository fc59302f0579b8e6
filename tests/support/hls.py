"""A server that repackages a film in its sandbox, over a source in memory."""

import contextlib
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from streamvault.access.limits import Limits
from streamvault.media.model import FileKey, MediaFile, Origin, Part
from streamvault.playback.model import Cut, Facts, KeyFrame, KeyFrames, Probed, Track, TrackType
from streamvault.playback.segments import Runs, SegmentService
from streamvault.playback.subtitles import SubtitleService
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.cells import Cells
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox
from tests.support.repackaged import Film
from tests.support.serving import Bench, serving
from tests.support.sources import MemorySource, media_file

MESSAGE = 7


class FilmSource(MemorySource):
    """A source whose files are these bytes, by file_unique_id."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, bytes] = {}

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        self.keys.add(file.key)
        return await self._answer((offset, limit), self.data[file.key.file_unique_id][offset : offset + limit])

    def posted_in_pieces(self, film: MediaFile, sizes: Sequence[int]) -> MediaFile:
        """The film, cut into pieces of these sizes."""
        data, at, parts = self.data[film.key.file_unique_id], 0, []
        for number, size in enumerate(sizes):
            key = FileKey(f"Piece{number}")
            origin = Origin(film.origin.chat_id, film.origin.message_id + number)
            self.data[key.file_unique_id] = data[at : at + size]
            parts.append(Part(key, origin, 2, f"{film.name}.{number + 1:03}", size))
            at += size
        return replace(film, key=FileKey("jWhole"), parts=tuple(parts))

    @property
    def read(self) -> int:
        """Bytes asked for."""
        return sum(limit for _, limit in self.requests)


def probed(path: Path) -> Probed:
    """Facts and key frames, by PyAV in this process."""
    film = Film.of(path, seconds=0.1)
    with av.open(io.BytesIO(film.data)) as container:
        tracks = tuple(_track(stream) for stream in container.streams if stream.type in ("video", "audio", "subtitle"))
        container_name = container.format.name.split(",")[0]
    keys = tuple(KeyFrame(pts, position) for pts, position in film.cuts)
    start = float(film.origin * film.time_base)
    addressing = "clusters" if film.header else "samples"
    facts = Facts(container_name, film.end, start, tracks)
    return Probed(facts, KeyFrames(addressing, film.time_base, keys, film.end, film.header))  # type: ignore[arg-type]


def _track(stream: Any) -> Track:
    context = stream.codec_context
    kind: TrackType = stream.type
    rate = stream.average_rate if kind == "video" else None
    return Track(
        stream.index, kind, context.name, {"h264": "avc1.4D400D"}.get(context.name, ""),
        profile=context.profile or "", language=stream.language or "",
        channels=getattr(context, "channels", None), sample_rate=getattr(context, "sample_rate", None),
        width=getattr(context, "width", None), height=getattr(context, "height", None),
        frame_rate=float(rate) if rate else None,
    )  # fmt: skip


def cut(keys: KeyFrames, seconds: Fraction = Fraction(4)) -> Sequence[Cut]:
    """Segments of at least `seconds`."""
    firsts = [0]
    for index, key in enumerate(keys.keys):
        if (key.pts - keys.keys[firsts[-1]].pts) * keys.time_base >= seconds:
            firsts.append(index)
    moments = [float(keys.keys[first].pts * keys.time_base) for first in firsts] + [keys.end]
    bounds = zip(firsts, [*firsts[1:], len(keys.keys)], moments, moments[1:], strict=False)
    return [Cut(first, last, start, end) for first, last, start, end in bounds]


@contextlib.asynccontextmanager
async def no_limit(_: str) -> AsyncIterator[None]:
    """A place for everybody."""
    yield


@contextlib.asynccontextmanager
async def film_server(
    path: Path,
    *,
    facts: Mapping[str, Any] | None = None,
    slot: Callable[[str], contextlib.AbstractAsyncContextManager[None]] = no_limit,
    admit: Callable[[str], None] = lambda _: None,
    check: Callable[[], None] = lambda: None,
    limits: Limits | None = None,
    pieces: Sequence[int] = (),
    sandbox_of: Callable[[Sandbox], Runs] = lambda sandbox: sandbox,
    **changes: Any,
) -> AsyncIterator[tuple[Bench, FilmSource, str]]:
    """A server with this film; its source; the path of its HLS. `facts` are changed ones of the film."""
    source, data = FilmSource(), path.read_bytes()
    film = replace(media_file(len(data)), name=path.name)
    source.data[film.key.file_unique_id] = data
    if pieces:
        film = source.posted_in_pieces(film, [*pieces, len(data) - sum(pieces)])
    known = probed(path)
    known = replace(known, facts=replace(known.facts, **(facts or {})))

    async def probe(_: MediaFile, viewer: str) -> Probed:
        return known

    bench = Bench(**changes)
    bench.limits = limits or bench.limits
    bench.source, bench.cells = source, cells_over(source)
    bench.finder.add(film, message_id=MESSAGE)
    bounds = Bounds(bench.settings.start_timeout, bench.settings.start_timeout)
    async with Sandbox(
        ("streamvault.playback.making.opening", "streamvault.playback.making.audio", "streamvault.playback.making.cues")
    ) as sandbox:
        service = SegmentService(
            sandbox_of(sandbox), bench.cells, probe=probe, cut=cut, slot=slot, admit=admit, bounds=bounds
        )
        bench.segments = service
        bench.subtitles = SubtitleService(sandbox, bench.cells, probe=probe, slot=slot, check=check, bounds=bounds)
        async with serving(bench):
            try:
                yield bench, source, f"/hls/{film.origin.chat_id}/{MESSAGE}"
            finally:
                await service.close()
                await bench.subtitles.close()


def cells_over(source: MemorySource) -> Cells:
    """Cells with a cache in memory."""
    return Cells(source, memory=MemoryCells(64 << 20), grace=0.0)
