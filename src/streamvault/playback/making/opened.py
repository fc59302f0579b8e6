"""Files opened by FFmpeg, and what is told of them alike whatever the container."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from streamvault.playback.making.described import open_described
from streamvault.playback.making.tracks import streams_of, track_of
from streamvault.playback.model import Addressing, Chapter, Facts, KeyFrame, KeyFrames, Probed, Track
from streamvault.playback.packing import NO_KEYS
from streamvault.playback.refusals import reason_of

WINDOW = 5.0
"""Seconds between the points at which a file without an index is cut."""
MOST_POINTS = 20_000
_BASE = Fraction(1, 1000)

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "flv", "asf", "rm", "ogg", "mp3", "flac",
    "aac", "ac3", "eac3", "dts", "wav", "w64", "aiff", "ape", "wv", "tta", "amr", "caf", "m4v", "h264", "hevc",
    "mpegvideo",
)  # fmt: skip
_OPTIONS = {
    "format_whitelist": ",".join(_FORMATS),  # no playlists: they would open other files
    "protocol_whitelist": "none",
    "probesize": str(400_000),
    "analyzeduration": "2000000",
}


def open_file(file: Any, **options: str) -> Any:
    """The container of a file object, read from its beginning; `options` as FFmpeg's. Raises av.FFmpegError."""
    return open_described(file, {**_OPTIONS, **options})


def seconds(value: int | None) -> float | None:
    """Of a time of the container."""
    return None if value is None else value / 1_000_000


def tracks_of(container: Any, describe: Callable[[Any], Track] = track_of) -> tuple[Track, ...]:
    """The tracks of the container in its order."""
    return tuple(describe(stream) for stream in streams_of(container))


def chapters_of(container: Any) -> tuple[Chapter, ...]:
    """The chapters of the container."""
    return tuple(
        Chapter(
            float(chapter["start"] * chapter["time_base"]),
            float(chapter["end"] * chapter["time_base"]),
            str(chapter["metadata"].get("title", "")),
        )
        for chapter in container.chapters()[:500]
    )


def windows(
    addressing: Addressing, start: float, end: float, *, header: bytes = b"", first: int = -1, base: Fraction = _BASE
) -> KeyFrames:
    """Points at regular times for a file without an index; `first` is the position of the first one, `base` the unit
    of their times.
    """
    step = max(WINDOW, (end - start) / MOST_POINTS)
    count = max(1, int((end - start) / step))
    keys = tuple(
        KeyFrame(math.floor(Fraction(start + number * step) / base), -1 if number else first) for number in range(count)
    )
    return KeyFrames(addressing, base, keys, end, header, exact=False)


def by_time(pairs: Iterable[tuple[int, int]]) -> tuple[KeyFrame, ...]:
    """Key frames from (pts, position), each time once, in order."""
    times: dict[int, int] = {}
    for pts, position in pairs:
        times.setdefault(pts, position)
    return tuple(KeyFrame(pts, times[pts]) for pts in sorted(times))


def probe_other(container: Any) -> Probed:
    """A file of sound, or of a container that is not repackaged."""
    name = str(container.format.name).split(",", maxsplit=1)[0]
    facts = Facts(
        container=name,
        duration=seconds(container.duration),
        start=seconds(container.start_time) or 0.0,
        tracks=tracks_of(container),
        chapters=chapters_of(container),
    )
    return Probed(replace(facts, reason=reason_of(facts)), NO_KEYS)
