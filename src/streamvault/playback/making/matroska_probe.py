"""Facts and key frames of Matroska and WebM."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from streamvault.playback.languages import short_code
from streamvault.playback.making.clusters import block_heads, last_cluster
from streamvault.playback.making.groups import group_of
from streamvault.playback.making.matroska import Matroska, MatroskaTrack, read_matroska
from streamvault.playback.making.opened import by_time, open_file, seconds, windows
from streamvault.playback.making.splice import Splice
from streamvault.playback.making.tracks import streams_of, track_of
from streamvault.playback.model import Facts, KeyFrame, KeyFrames, Probed, Track
from streamvault.playback.packing import NO_KEYS
from streamvault.playback.refusals import reason_of
from streamvault.reading.sandbox.model import BoundedFile

SAMPLES = (0.35, 0.7)
"""Fractions of the key frames at which it is looked whether groups of pictures are open."""

BEHIND = 24
"""Blocks of all tracks behind a key frame among which its leading pictures are looked for."""

_MOST_REST = 20.0
"""Seconds behind the last key frame of an index, beyond which it may be incomplete."""
_MOST_REST_BYTES = 64 << 20
"""Bytes of the last segment at most."""

_LISTED = (1, 2, 17, 33)
"""Types of tracks that FFmpeg counts."""


def probe_matroska(file: BoundedFile) -> Probed:
    """Raises BadFile and av.FFmpegError."""
    found = read_matroska(file)
    by_index = dict(enumerate(track for track in found.tracks if track.type in _LISTED and track.codec))
    spliced = Splice(file, found.header, found.cluster)
    with open_file(spliced) as container:
        streams = streams_of(container)
        tracks = tuple(_described(stream, by_index.get(stream.index)) for stream in streams)
        start = seconds(container.start_time) or 0.0
        private = {stream.index: bytes(stream.codec_context.extradata or b"") for stream in streams}
    facts = Facts(
        container="webm" if found.doc_type == "webm" else "matroska",
        duration=found.duration,
        start=start,
        tracks=tracks,
        chapters=found.chapters,
        attachments=found.attachments,
    )
    shown = facts.video or next(iter(facts.of_type("audio")), None)
    track = None if shown is None else by_index.get(shown.index)
    encrypted = any(entry.encrypted for entry in found.tracks)
    facts = replace(facts, reason=reason_of(facts, encrypted=encrypted))
    if facts.reason or shown is None or track is None:
        return Probed(facts, NO_KEYS)
    return _with_keys(file, found, facts, track, shown.codec, private[shown.index])


def _described(stream: Any, track: MatroskaTrack | None) -> Track:
    if track is None:
        return track_of(stream)
    described = track_of(stream, dolby_vision=track.dolby_vision)
    return replace(described, language=short_code(track.language))


def _with_keys(
    file: BoundedFile, found: Matroska, facts: Facts, track: MatroskaTrack, codec: str, private: bytes
) -> Probed:
    end = found.duration
    if end is None:
        end = _end(file, found)
        facts = replace(facts, duration=end)
    keys = by_time((time, position) for number, time, position in found.cues if number == track.number)
    if not keys or _end_early(keys, found, end or 0.0, file.size):
        regular = windows("clusters", facts.start, end or 0.0, header=found.header, first=found.cluster)
        look = [found.cluster]
    else:
        regular = KeyFrames("clusters", Fraction(found.scale, 1_000_000_000), keys, end or 0.0, found.header)
        look = [keys[int(len(keys) * part)].position for part in SAMPLES if len(keys) > 1]
    video = facts.video is not None
    opened = _is_open(file, track, look, codec, private) if video else None
    return Probed(replace(facts, open_gop=opened, seekable=regular.exact), regular)


def _end_early(keys: Sequence[KeyFrame], found: Matroska, end: float, size: int) -> bool:
    """Whether the index stops far before the end of the film, as of a recording that was broken off."""
    times = [key.pts * found.scale / 1e9 for key in keys]
    rest = end - times[-1]
    longest = max((after - before for before, after in itertools.pairwise(times)), default=end)
    return rest > _MOST_REST and (rest > 4 * longest or size - keys[-1].position > _MOST_REST_BYTES)


def _end(file: BoundedFile, found: Matroska) -> float | None:
    """Seconds at which the last cluster ends, for files that do not say their duration."""
    last = last_cluster(file, found.body, found.end)
    if last is None:
        return None
    times = [last[1]]
    for track in found.tracks:
        times += [time for time, _ in block_heads(file, last[0], track, 2000, head=16)]
    return max(times) * found.scale / 1e9


def _is_open(file: BoundedFile, track: MatroskaTrack, clusters: list[int], codec: str, private: bytes) -> bool | None:
    """Whether any of the key frames at the beginning of these clusters is followed by pictures shown before it."""
    known: bool | None = None
    for cluster in clusters:
        blocks = block_heads(file, cluster, track, BEHIND)
        time, head = next(blocks, (0, b""))
        group = group_of(codec, private, head)
        if group == "perhaps open" and any(later < time for later, _ in blocks):
            return True
        if group != "unknown":
            known = False
    return known
