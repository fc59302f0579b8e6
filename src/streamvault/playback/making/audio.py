"""The sound of one segment: AAC copied, everything else decoded and encoded to AAC stereo (see playback/sound.py)."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import av

from streamvault.playback.making import aac, adts, placing
from streamvault.playback.making.fmp4 import Sample, fragment
from streamvault.playback.making.interleaved import SoundPackets
from streamvault.playback.making.splice import open_at
from streamvault.playback.sound import AFTER_KEY, ENCODED_FRAME, Sound
from streamvault.reading.sandbox.model import Call

_AFTER_END = Fraction(1, 10)
"""Seconds of sound to read behind the last frame, for the delay of decoder and encoder."""

_ROUNDED = Fraction(3, 4)
"""Frames by which the time of a packet may be away from the end of the one before it; beyond that is a gap."""

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
    """The source's packets of these numbers; where it has none, a silent frame of the same configuration."""
    silence, found = bytes.fromhex(sound.silence), dict[int, bytes]()
    for position, moment in call.arguments["places"]:
        with _opened(call, position, moment) as container:
            source = _source(call, container, sound, moment, until=window[1])
            found = _numbered(source.packets(), sound, Fraction(container.streams[sound.track].time_base))
        if frames.start in found or not source.begins_earlier:
            break
    samples = [Sample(found.get(number, silence), sound.frame) for number in frames]
    return round(sound.offset * sound.rate) + frames.start * sound.frame, samples


def _numbered(packets: Iterable[Any], sound: Sound, unit: Fraction) -> dict[int, bytes]:
    """The packets by their number; one that follows another has the next number, however its time is rounded."""
    found: dict[int, bytes] = {}
    previous = -1
    # in whole numbers of this part of a sample: fractions take longer
    frame, begin = sound.frame * unit.denominator, sound.begin * unit.denominator
    rounded = math.ceil(_ROUNDED * frame)
    for packet in packets:
        place = packet.pts * unit.numerator * sound.source_rate - begin
        follows = abs(place - (previous + 1) * frame) < rounded
        number = previous + 1 if follows else round(Fraction(place, frame))
        found.setdefault(number, adts.without_header(bytes(packet)))
        previous = number
    return found


def _encoded(call: Call, sound: Sound, frames: range, *, window: tuple[Fraction, Fraction]) -> tuple[int, list[Sample]]:
    """The frames of these numbers, encoded; where the source has no sound they are silent."""
    samples = range((frames.start - aac.AHEAD) * ENCODED_FRAME, (frames.stop + aac.BEHIND) * ENCODED_FRAME)
    canvas = placing.Canvas(samples, rate=sound.rate)
    needed = Fraction(samples.start, sound.rate)
    for position, moment in call.arguments["places"]:
        with _opened(call, position, moment) as container:
            source = _source(call, container, sound, moment, until=window[1])
            decoded = list(_decoded(container, source, whole=window[0] < 0))
        complete = decoded and decoded[0].moment - sound.origin <= max(needed, sound.offset)
        if window[0] < 0 or complete or not source.begins_earlier:
            break
    canvas.place(decoded, begin=sound.begin, frame=sound.frame, origin=sound.origin)
    encoded = aac.encode(canvas.planes, rate=sound.rate, first=frames.start, count=len(frames))
    return frames.start * ENCODED_FRAME, [Sample(data, ENCODED_FRAME) for data in encoded]


def _opened(call: Call, position: int, moment: int) -> Any:
    wanted = call.arguments
    unit = Fraction(*wanted["time_base"])
    end = wanted["end"] + float(wanted["origin"] * unit)
    return open_at(call, position, moment, track=wanted["video"], unit=unit, end=end)


def _source(call: Call, container: Any, sound: Sound, moment: int, *, until: Fraction) -> SoundPackets:
    begin = moment * Fraction(*call.arguments["time_base"])
    return SoundPackets(container, sound.track, call.arguments["video"], begin=begin, until=until + sound.origin)


def _decoded(container: Any, source: SoundPackets, *, whole: bool) -> Iterator[placing.Decoded]:
    """The decoded frames; unless `whole`, those that lack what came before them are left out."""
    context = container.streams[source.track].codec_context
    context.thread_type, context.thread_count = "NONE", 1
    left_out = 0 if whole else _INCOMPLETE.get(context.name, 1)
    for packet in source.packets():
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
