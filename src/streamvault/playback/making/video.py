"""Copies the pictures of one segment into a media segment of fragmented MP4."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from streamvault.playback.making import nal
from streamvault.playback.making.fmp4 import Sample, fragment
from streamvault.playback.making.picture_order import PictureOrder, shown_at
from streamvault.playback.making.splice import open_at, open_whole
from streamvault.playback.making.windows import LEAD, NoPictures, Part, Timed, TooLate, pictures_of
from streamvault.reading.sandbox.model import Call

TIMESCALE = 90_000
"""Units of a second in which the times of pictures are written; rounding is below 6 microseconds."""

_SAME = Fraction(1, 2000)
"""Seconds by which times of the same picture may differ in units of different size."""

_BACK = (int(LEAD), 10, 60, 600)
"""Seconds before a window at which reading begins without an index, where that is needed: recordings have gaps."""

REORDERED = 16
"""Pictures that H.264 and HEVC hold back at most to reorder them."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A source packet; `pts` in units of TIMESCALE, from the beginning of the film."""

    data: bytes
    pts: int
    key: bool


def delay_of(codec: str, frame_rate: float | None, *, open_gop: bool) -> int:
    """By how much presentation is late, so that no picture of a usual file is presented before it is decoded.

    Only open groups of pictures need that, whose leading pictures are decoded after a key frame but presented before
    it. An edit list takes it back, which VLC ignores, so that its picture is late.
    """
    if not open_gop or codec not in ("h264", "hevc"):
        return 0
    return round(REORDERED * TIMESCALE / min(max(frame_rate or 24.0, 10.0), 120.0))


def make_video(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the media segment of pictures.

    Arguments: `track`, `number` (of the segment), `position`, `start` and `stop` (when its first key frame and that of
    the next segment are shown; `stop` None at the end), `origin` (the film's beginning), all in `time_base`, `exact`
    (whether these are key frames), `bounds` (`start` of each segment, if they are not), `end` (seconds of the film),
    `delay`. Blob 0: the header. The segment goes from the first key frame at or after `start` to the one at or after
    `stop`, whose own times count: an index may round, or tell when pictures are decoded; without an index see
    making.windows.

    Sends the segment; returns how many `pictures` it holds, and the byte up to which the file was `read` for it. Raises
    NoPictures.
    """
    wanted = call.arguments
    unit = Fraction(*wanted["time_base"])
    for opened, whole in _openings(call, unit):
        with opened as container:
            packets = _packets(container, container.streams[wanted["track"]])
            try:
                part = _part(packets, wanted, unit, whole=whole)
            except TooLate:
                continue
            return _sent(call, container, part, wanted["origin"] * unit)
    raise NoPictures("the file has no pictures there")


def _openings(call: Call, unit: Fraction) -> Iterator[tuple[Any, bool]]:
    """The container from the segment on, or from earlier, since a seek may land behind it; and whether it is whole."""
    wanted = call.arguments
    origin, end = wanted["origin"], wanted["end"] + float(wanted["origin"] * unit)
    for seconds in (0,) if wanted["exact"] else _BACK:
        moment = wanted["start"] - round(seconds / unit)
        if not wanted["exact"] and moment <= origin:
            break
        yield open_at(call, wanted["position"], max(origin, moment), track=wanted["track"], unit=unit, end=end), False
    if not wanted["exact"]:
        yield open_whole(call), True


def _part(packets: Iterable[Timed], wanted: Mapping[str, Any], unit: Fraction, *, whole: bool) -> Part:
    """Raises TooLate, NoPictures."""
    if wanted["exact"]:
        return _between(packets, wanted["start"] * unit, None if wanted["stop"] is None else wanted["stop"] * unit)
    return pictures_of(packets, [one * unit for one in wanted["bounds"]], wanted["number"], whole=whole)


def _sent(call: Call, container: Any, part: Part, origin: Fraction) -> Mapping[str, Any]:
    """Send the segment."""
    wanted, read = call.arguments, call.file.tell()
    stream, found = container.streams[wanted["track"]], part.pictures
    convert, sync = nal.converter(stream), nal.is_sync(stream)
    if container.format.name == "avi" and stream.codec_context.name == "h264":
        found = _in_order(found, bytes(stream.codec_context.extradata or b""))
    pictures = [Picture(convert(bytes(one)), _ticks(at - origin), one.is_keyframe) for at, one in found]
    begin = _ticks(part.begin - origin)
    until = _end(pictures, wanted["end"], exact=wanted["exact"]) if part.until is None else _ticks(part.until - origin)
    samples = arrange(pictures, begin, until, delay=wanted["delay"], is_sync=sync)
    for piece in fragment(wanted["number"] + 1, begin, samples):
        call.write(piece)
    return {"pictures": len(samples), "read": read}


def _ticks(moment: Fraction) -> int:
    return round(moment * TIMESCALE)


def _packets(container: Any, stream: Any) -> Iterator[Timed]:
    """The packets with the time at which each is shown, or decoded in AVI."""
    timed = _decoded_at if container.format.name == "avi" else _shown_at
    unit = Fraction(stream.time_base)
    for packet in container.demux(stream):
        time = timed(packet) if packet.size else None
        if time is not None:
            yield time * unit, packet


def _between(packets: Iterable[Timed], start: Fraction, stop: Fraction | None) -> Part:
    """From the first key frame at `start` or after it to that at `stop`. Raises NoPictures."""
    found: list[Timed] = []
    until: Fraction | None = None
    for moment, packet in packets:
        if not found and not (packet.is_keyframe and moment >= start - _SAME):
            continue
        if packet.is_keyframe and stop is not None and moment >= stop - _SAME:
            until = moment
            break
        found.append((moment, packet))
    if not found:
        raise NoPictures("the file does not hold the pictures that its index lists")
    return Part(found, found[0][0], until)


def _shown_at(packet: Any) -> int | None:
    moment: int | None = packet.dts if packet.pts is None else packet.pts
    return moment


def _decoded_at(packet: Any) -> int | None:
    """For AVI, whose index counts pictures in this order; FFmpeg guesses at the rest."""
    moment: int | None = packet.dts
    return moment


def _in_order(found: Sequence[Timed], extradata: bytes) -> list[Timed]:
    """Packets with the times at which they are decoded, with those at which they are shown; without empty ones."""
    moments, packets = [moment for moment, _ in found], [packet for _, packet in found]
    shown = shown_at(moments, [bytes(packet) for packet in packets], PictureOrder(extradata))
    return [(moment, packet) for moment, packet in zip(shown, packets, strict=True) if moment is not None]


def _end(pictures: Sequence[Picture], end: float, *, exact: bool) -> int:
    """When the last picture ends: as the container says, or a usual duration after it began.

    Without an index a film may end with sound only, during which its last picture is shown.
    """
    times = sorted(picture.pts for picture in pictures)
    usual = times[-1] - times[-2] if len(times) > 1 else TIMESCALE // 24
    stated = round(end * TIMESCALE)
    return stated if times[-1] < stated and (not exact or stated <= times[-1] + 10 * usual) else times[-1] + usual


def arrange(
    pictures: Sequence[Picture], first: int, until: int, *, delay: int, is_sync: Any = lambda _: True
) -> list[Sample]:
    """The pictures, in decode order, as samples whose decode times tile [first, until).

    A picture is decoded at the time at which as many pictures are presented, or before that where it is presented
    earlier; where some are presented before `first` (leading pictures of an open group), in even steps. No offset is
    negative as long as `delay` allows it.
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
    times = _spread([*times, until])[:count]
    steps = [*times[1:], until][:count]
    return [
        Sample(picture.data, after - begin, picture.key and is_sync(picture.data), picture.pts + delay - begin)
        for picture, begin, after in zip(pictures, times, steps, strict=True)
    ]


def _spread(times: Sequence[int]) -> list[int]:
    """Ascending times, of which equal ones share the time since the one before them."""
    spread: list[int] = []
    for moment, equal in itertools.groupby(times):
        count, before = len(list(equal)), spread[-1] if spread else moment
        spread += [before + (moment - before) * (number + 1) // count for number in range(count)]
    return spread
