"""Facts and key frames of MP4 and MOV."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from streamvault.playback.making.groups import group_of
from streamvault.playback.making.mp4 import Mp4, Mp4Track, read_mp4
from streamvault.playback.making.mp4_fragments import BEGINNING, Beginning, end_of, fragment_from, time_of
from streamvault.playback.making.mp4_samples import SampleKey
from streamvault.playback.making.opened import by_time, chapters_of, open_file, seconds, windows
from streamvault.playback.making.reading import read_at
from streamvault.playback.making.tracks import streams_of, track_of
from streamvault.playback.model import Facts, KeyFrame, KeyFrames, Probed, Track
from streamvault.playback.packing import NO_KEYS
from streamvault.playback.refusals import reason_of
from streamvault.reading.sandbox.model import BoundedFile

_MOST_HEADER = 256 << 10
"""Bytes of the index of a fragmented file."""

LOOK = 4096
"""Bytes of a key frame in which its first slice begins, behind its parameter sets."""


def probe_mp4(file: BoundedFile) -> Probed:
    """Raises BadFile and av.FFmpegError."""
    found = read_mp4(file)
    # FFmpeg would look for the end of the film in each of the fragments
    begun = Beginning(file, found.moov + BEGINNING) if found.fragmented else file
    with open_file(begun) as container:
        streams = streams_of(container)
        tracks = tuple(_described(stream, found) for stream in streams)
        private = {stream.index: bytes(stream.codec_context.extradata or b"") for stream in streams}
        numbers = {stream.index: stream.id for stream in streams}
        start, duration = seconds(container.start_time) or 0.0, seconds(container.duration)
        chapters = chapters_of(container)
        first = next((packet for packet in container.demux() if packet.size and packet.stream.type == "video"), None)
    ends = [(end_of(file, found, track.id), track) for track in found.tracks if found.fragmented]
    late = _late(first, found, numbers)
    duration = max(
        [(end + track.shift + late.get(track.id, 0)) / track.scale - start for end, track in ends if end],
        default=None if found.fragmented else duration,
    )
    facts = Facts("mp4", duration, start, tracks, chapters, fragmented=found.fragmented)
    encrypted = any(track.encrypted for track in found.tracks)
    facts = replace(facts, reason=reason_of(facts, encrypted=encrypted))
    if facts.reason:
        return Probed(facts, NO_KEYS)
    shown = facts.video
    track = None if shown is None else _by_id(found, numbers[shown.index])
    if found.fragmented and duration is None:
        return Probed(
            replace(facts, reason="the end of the film was not found in the last fragments of the file"), NO_KEYS
        )
    keys = _on_the_clock(_keys(file, found, track, facts), first)
    opened = _is_open(file, track.keys, shown.codec, private[shown.index]) if shown and track and track.keys else None
    return Probed(replace(facts, open_gop=opened, seekable=keys.exact), keys)


def _by_id(found: Mp4, number: int) -> Mp4Track | None:
    return next((track for track in found.tracks if track.id == number), None)


def _described(stream: Any, found: Mp4) -> Track:
    track = _by_id(found, stream.id)
    if track is None:
        return track_of(stream)
    return track_of(stream, dolby_vision=track.dolby_vision, rotation=track.rotation)


def _keys(file: BoundedFile, found: Mp4, track: Mp4Track | None, facts: Facts) -> KeyFrames:
    end = facts.start + (facts.duration or 0.0)
    if track is None:
        return windows("samples", facts.start, end)
    base = Fraction(1, track.scale)
    if found.fragmented:
        points = by_time((time + track.shift, place) for number, time, place in found.fragments if number == track.id)
        header = _header(file, found, track, points)
        if points:
            return KeyFrames("samples", base, points, end, header)
        return windows("samples", facts.start, end, header=header, base=base)
    keys = by_time((key.pts, key.position) for key in track.keys)
    return KeyFrames("samples", base, keys, max(end, track.end / track.scale)) if keys else NO_KEYS


def _header(file: BoundedFile, found: Mp4, track: Mp4Track, points: Sequence[KeyFrame]) -> bytes:
    """The index, which makes a file of any fragment; b"" where fragments do not tell their times."""
    if found.moov > _MOST_HEADER or read_at(file, 4, 4) != b"ftyp":
        return b""
    if points:
        told = time_of(file, points[0].position, track.id) is not None
    else:
        told = fragment_from(file, found.moov, file.size, track.id) is not None
    return read_at(file, 0, found.moov) if told else b""


def _late(first: Any, found: Mp4, numbers: dict[int, int]) -> dict[int, int]:
    """By track: how much later than listed its packets are; only pictures are, whose `first` packet tells."""
    if first is None or first.pts is None or first.stream_index not in numbers:
        return {}
    number = numbers[first.stream_index]
    times = [
        time + track.shift for one, time, _ in found.fragments for track in found.tracks if one == track.id == number
    ]
    return {number: max(0, first.pts - min(times))} if times else {}


def _on_the_clock(listed: KeyFrames, first: Any) -> KeyFrames:
    """The key frames by the times of packets: an index may list when they are decoded, or have offsets below 0.

    `first`: the first packet of pictures.
    """
    keys, following = listed.keys, listed.keys[1].position if len(listed.keys) > 1 else math.inf
    if first is None or not keys or not first.is_keyframe or None in (first.pts, first.pos):
        return listed
    late = first.pts - keys[0].pts
    if not late or not 0 <= keys[0].position <= first.pos < following or first.time_base != listed.time_base:
        return listed
    return replace(listed, keys=tuple(replace(key, pts=key.pts + late) for key in keys))


def _is_open(file: BoundedFile, keys: tuple[SampleKey, ...], codec: str, private: bytes) -> bool | None:
    """Whether pictures behind a key frame need ones before it; the index tells of candidates, one of them is looked at.

    Nothing before the first key frame is needed.
    """
    leading = [key for key in keys[1:] if key.leading]
    if not leading or codec not in ("h264", "hevc"):
        return False
    key = leading[len(leading) // 2]
    return group_of(codec, private, read_at(file, key.position, min(LOOK, key.size))) == "perhaps open"
