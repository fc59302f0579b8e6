"""Copies the pictures of one segment into a media segment of fragmented MP4."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from streamvault.playback.making import nal
from streamvault.playback.making.fmp4 import Sample, fragment
from streamvault.playback.making.splice import open_at
from streamvault.reading.sandbox.model import Call

TIMESCALE = 90_000
"""Units of a second in which the times of pictures are written; rounding is below 6 microseconds."""

REORDERED = 16
"""Pictures that H.264 and HEVC hold back at most to reorder them."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A source packet; `pts` in units of TIMESCALE, from the beginning of the film."""

    data: bytes
    pts: int
    key: bool


def delay_of(codec: str, frame_rate: float | None) -> int:
    """By how much presentation is late, so that no picture of a usual file is presented before it is decoded."""
    if codec not in ("h264", "hevc"):
        return 0
    return round(REORDERED * TIMESCALE / min(max(frame_rate or 24.0, 10.0), 120.0))


def make_video(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the media segment of pictures.

    Arguments: `track`, `number` (of the segment), `position`, `start` and `stop` (pts of its first key frame and of
    the next segment's; None at the end), `origin` (pts of the film's beginning), `end` (seconds), `delay`. Blob 0: the
    header. Sends the segment; returns how many `pictures` it holds.
    """
    wanted = call.arguments
    with open_at(call, wanted["position"], wanted["start"], track=wanted["track"]) as container:
        stream = container.streams[wanted["track"]]
        convert = nal.converter(stream)
        origin, unit = wanted["origin"], Fraction(stream.time_base) * TIMESCALE
        pictures = [
            Picture(convert(bytes(packet)), round((_time(packet) - origin) * unit), packet.is_keyframe)
            for packet in _packets(container, stream, start=wanted["start"], stop=wanted["stop"])
        ]
        sync = nal.is_sync(stream)
    first = round((wanted["start"] - origin) * unit)
    after = None if wanted["stop"] is None else round((wanted["stop"] - origin) * unit)
    until = _end(pictures, wanted["end"]) if after is None else after
    samples = arrange(pictures, first, until, delay=wanted["delay"], is_sync=sync)
    for piece in fragment(wanted["number"] + 1, first, samples):
        call.write(piece)
    return {"pictures": len(samples)}


def _packets(container: Any, stream: Any, *, start: int, stop: int | None) -> Iterator[Any]:
    """The packets from the key frame at `start` to the one at `stop`."""
    began = False
    for packet in container.demux(stream):
        if not packet.size or _time(packet) is None:
            continue
        if packet.is_keyframe and stop is not None and _time(packet) >= stop:
            return
        began = began or (packet.is_keyframe and _time(packet) >= start)
        if began:
            yield packet


def _time(packet: Any) -> Any:
    return packet.dts if packet.pts is None else packet.pts


def _end(pictures: Sequence[Picture], end: float) -> int:
    """When the last picture ends: as the container says, or a usual duration after it began."""
    times = sorted(picture.pts for picture in pictures)
    usual = times[-1] - times[-2] if len(times) > 1 else TIMESCALE // 24
    stated = round(end * TIMESCALE)
    return (
        stated if times and times[-1] < stated <= times[-1] + 10 * usual else (times[-1] + usual if times else stated)
    )


def arrange(
    pictures: Sequence[Picture], first: int, until: int, *, delay: int, is_sync: Any = lambda _: True
) -> list[Sample]:
    """The pictures, in decode order, as samples whose decode times tile [first, until).

    A picture is decoded at the time at which as many pictures are presented; where some are presented before `first`
    (leading pictures of an open group), in even steps. No offset is negative as long as `delay` allows it.
    """
    count = len(pictures)
    shown = sorted(picture.pts for picture in pictures)
    if shown and shown[0] < first:
        times = [first + (until - first) * index // count for index in range(count)]
    else:
        times = [min(max(moment, first), until) for moment in shown]
        times[:1] = [first] if times else []
    latest = until
    for index in reversed(range(count)):
        latest = min(latest, pictures[index].pts + delay)
        times[index] = min(times[index], max(latest, first))
    steps = [*times[1:], until]
    return [
        Sample(picture.data, after - begin, picture.key and is_sync(picture.data), picture.pts + delay - begin)
        for picture, begin, after in zip(pictures, times, steps, strict=True)
    ]
