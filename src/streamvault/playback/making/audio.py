"""The sound of one segment: AAC copied, everything else decoded and encoded to AAC stereo (see playback/sound.py)."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import av

from streamvault.playback.making import aac, adts, placing
from streamvault.playback.making.fmp4 import Sample, fragment
from streamvault.playback.making.splice import open_at
from streamvault.playback.sound import AFTER_KEY, ENCODED_FRAME, Sound
from streamvault.reading.sandbox.model import Call

_AFTER_END = Fraction(1, 10)
"""Seconds of sound to read behind the last frame, for the delay of decoder and encoder."""

_INCOMPLETE = {"mp3": 3, "mp3float": 3, "mp2": 2, "mp2float": 2, "opus": 4, "vorbis": 2, "truehd": 16, "mlp": 16}
"""Frames after the start of a decoder that lack what came before them; 1 for codecs that are not named."""


def make_audio(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the media segment of a sound track.

    Arguments: `sound` (of make_opening), `number`, `places` ([position, pts] of the key frame at which the segment
    begins, and of some before it), `video` (the track of these pts), `time_base` of them, `origin` (pts), `start`,
    `stop` (pts; `stop` None at the end), `end` (seconds). Blob 0: the header. Sends the segment; returns its `frames`.
    """
    wanted = call.arguments
    unit = Fraction(*wanted["time_base"])
    sound = Sound.described(wanted["sound"], wanted["origin"] * unit)
    start = (wanted["start"] - wanted["origin"]) * unit
    first, last = wanted["number"] == 0, wanted["stop"] is None
    stop = Fraction(wanted["end"]) if last else (wanted["stop"] - wanted["origin"]) * unit
    frames = sound.frames(start, stop, first=first, last=last)
    window = (Fraction(-1) if first else start, stop + AFTER_KEY + _AFTER_END)
    make = _copied if sound.copied else _encoded
    decode_time, samples = make(call, sound, frames, window=window)
    for piece in fragment(wanted["number"] + 1, decode_time, samples):
        call.write(piece)
    return {"frames": len(samples)}


def _copied(call: Call, sound: Sound, frames: range, *, window: tuple[Fraction, Fraction]) -> tuple[int, list[Sample]]:
    """The source's packets of these numbers; a gap in them lengthens the frame before it."""
    zero = round(sound.offset * sound.rate)
    found: dict[int, bytes] = {}
    for position, moment in call.arguments["places"]:
        with _opened(call, position, moment) as container:
            unit = Fraction(container.streams[sound.track].time_base)
            for packet in _packets(container, sound, until=window[1]):
                number = round((packet.pts * unit * sound.source_rate - sound.begin) / sound.frame)
                if number in frames:
                    found.setdefault(number, adts.without_header(bytes(packet)))
        if frames.start in found:
            break
    numbers = sorted(found)
    after = [*numbers[1:], frames.stop]
    samples = [
        Sample(found[number], (following - number) * sound.frame)
        for number, following in zip(numbers, after, strict=bool(numbers))
    ]
    return zero + (numbers[0] if numbers else frames.start) * sound.frame, samples


def _encoded(call: Call, sound: Sound, frames: range, *, window: tuple[Fraction, Fraction]) -> tuple[int, list[Sample]]:
    """The frames of these numbers, encoded; where the source has no sound they are silent."""
    samples = range((frames.start - aac.AHEAD) * ENCODED_FRAME, (frames.stop + aac.BEHIND) * ENCODED_FRAME)
    canvas = placing.Canvas(samples, rate=sound.rate)
    needed = Fraction(samples.start, sound.rate)
    for position, moment in call.arguments["places"]:
        with _opened(call, position, moment) as container:
            decoded = list(_decoded(container, sound, until=window[1], whole=window[0] < 0))
        if window[0] < 0 or (decoded and decoded[0].moment - sound.origin <= max(needed, sound.offset)):
            break
    canvas.place(decoded, begin=sound.begin, frame=sound.frame, origin=sound.origin)
    encoded = aac.encode(canvas.planes, rate=sound.rate, first=frames.start, count=len(frames))
    return frames.start * ENCODED_FRAME, [Sample(data, ENCODED_FRAME) for data in encoded]


def _opened(call: Call, position: int, moment: int) -> Any:
    wanted = call.arguments
    unit = Fraction(*wanted["time_base"])
    end = wanted["end"] + float(wanted["origin"] * unit)
    return open_at(call, position, moment, track=wanted["video"], unit=unit, end=end)


def _packets(container: Any, sound: Sound, *, until: Fraction) -> Iterator[Any]:
    """The track's packets that begin before `until` (seconds of the film)."""
    stream = container.streams[sound.track]
    unit = Fraction(stream.time_base)
    for packet in container.demux(stream):
        if not packet.size or packet.pts is None:
            continue
        if packet.pts * unit - sound.origin >= until:
            return
        yield packet


def _decoded(container: Any, sound: Sound, *, until: Fraction, whole: bool) -> Iterator[placing.Decoded]:
    """The decoded frames; unless `whole`, those that lack what came before them are left out."""
    context = container.streams[sound.track].codec_context
    context.thread_type, context.thread_count = "NONE", 1
    left_out = 0 if whole else _INCOMPLETE.get(context.name, 1)
    for packet in _packets(container, sound, until=until):
        for frame in _frames(context, packet):
            if left_out:
                left_out -= 1
            elif frame.pts is not None:
                yield placing.Decoded(frame, frame.pts * Fraction(frame.time_base))


def _frames(context: Any, packet: Any) -> Sequence[Any]:
    """Damaged packets decode to nothing; their place stays silent."""
    try:
        frames: Sequence[Any] = context.decode(packet)
    except av.FFmpegError:
        return ()
    return frames
