"""HLS playlists (RFC 8216) of a film, as Apple's authoring specification for HLS wants them; pure.

URIs are relative, so that they keep whatever prefix the player has used; `query` is put behind each of them.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from streamvault.errors import NotPlayable
from streamvault.playback.model import Facts, Track
from streamvault.playback.sound import ENCODED_BIT_RATE, ENCODED_CHANNELS, is_copied, sent_codec
from streamvault.playback.timeline import Timeline

MEDIA_TYPE = "application/vnd.apple.mpegurl"

_RANGES = {"pq": "PQ", "hlg": "HLG", "dovi": "PQ"}


@dataclass(frozen=True, slots=True)
class Subtitles:
    """A rendition of subtitles; `language` as BCP 47, "" unknown; `uri` relative to the master playlist."""

    uri: str
    name: str
    language: str = ""
    default: bool = False
    forced: bool = False


def check_playable(facts: Facts) -> Track:
    """The picture track of a film that can be repackaged. Raises NotPlayable."""
    if facts.reason:
        raise NotPlayable(facts.reason)
    if facts.video is None:
        raise NotPlayable("This file has no picture; a player plays its sound as it is.")
    return facts.video


def chosen_sounds(facts: Facts, audio: int | None) -> tuple[Track, ...]:
    """The sound tracks to offer, all or the one with this index. Raises NotPlayable where there is no such track."""
    sounds = facts.of_type("audio")
    if audio is None:
        return sounds
    chosen = tuple(track for track in sounds if track.index == audio)
    if not chosen:
        indices = ", ".join(str(track.index) for track in sounds) or "none"
        raise NotPlayable(f"The file has no sound track {audio}; its sound tracks are: {indices}.")
    return chosen


def master(
    timeline: Timeline,
    *,
    audio: int | None = None,
    copied: Collection[int] | None = None,
    subtitles: Sequence[Subtitles] = (),
    query: str = "",
) -> str:
    """The playlist of a film's renditions. `audio`: the index of the only sound track to offer. `copied`: the sound
    tracks that are sent as they are, None: as the facts say. Raises NotPlayable.
    """
    facts = timeline.facts
    video, sounds = check_playable(facts), chosen_sounds(facts, audio)
    if copied is None:
        copied = [track.index for track in sounds if is_copied(track)]
    lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
    if timeline.independent:
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
    first = next((track for track in sounds if track.default), sounds[0] if sounds else None)
    names = _names([track.title or track.language or f"Track {track.index}" for track in sounds])
    for track, name in zip(sounds, names, strict=True):
        lines.append(_sound(track, name, first=track is first, copied=track.index in copied, query=query))
    for one, name in zip(subtitles, _names([one.name for one in subtitles]), strict=True):
        lines.append(_subtitles(one, name, query=query))
    lines += [_stream(timeline, video, sounds, copied=copied, subtitles=bool(subtitles)), f"video.m3u8{query}"]
    return "\n".join(lines) + "\n"


def media(durations: Sequence[float], *, folder: str, query: str = "", independent: bool = True) -> str:
    """The playlist of one rendition, whose segments lie in `folder`; `durations` in seconds."""
    longest = max(durations, default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, math.floor(longest + 0.5))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        *(["#EXT-X-INDEPENDENT-SEGMENTS"] if independent else []),
        f'#EXT-X-MAP:URI="{folder}/init.mp4{query}"',
    ]
    for number, seconds in enumerate(durations):
        lines += [f"#EXTINF:{seconds:.6f},", f"{folder}/{number}.m4s{query}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def _sound(track: Track, name: str, *, first: bool, copied: bool, query: str) -> str:
    channels = track.channels if copied and track.channels else ENCODED_CHANNELS
    return _tag("EXT-X-MEDIA", {
        "TYPE": "AUDIO",
        "GROUP-ID": '"sound"',
        "NAME": _quoted(name),
        **({"LANGUAGE": _quoted(track.language)} if track.language else {}),
        "DEFAULT": "YES" if first else "NO",
        "AUTOSELECT": "YES",
        "CHANNELS": f'"{channels}"',
        "URI": _quoted(f"audio/{track.index}.m3u8{query}"),
    })  # fmt: skip


def _subtitles(one: Subtitles, name: str, *, query: str) -> str:
    return _tag("EXT-X-MEDIA", {
        "TYPE": "SUBTITLES",
        "GROUP-ID": '"text"',
        "NAME": _quoted(name),
        **({"LANGUAGE": _quoted(one.language)} if one.language else {}),
        "DEFAULT": "YES" if one.default else "NO",
        "AUTOSELECT": "YES" if one.default or one.language else "NO",
        "FORCED": "YES" if one.forced else "NO",
        "URI": _quoted(one.uri + query),
    })  # fmt: skip


def _stream(
    timeline: Timeline, video: Track, sounds: Sequence[Track], *, copied: Collection[int], subtitles: bool
) -> str:
    added = ENCODED_BIT_RATE if any(track.index not in copied for track in sounds) else 0
    mean = timeline.mean() + added
    peak = max(timeline.peak() + added, mean)
    codecs = [_picture_codec(video), *{sent_codec(one, copied=one.index in copied) for one in sounds}]
    return _tag("EXT-X-STREAM-INF", {
        "BANDWIDTH": str(peak),
        "AVERAGE-BANDWIDTH": str(mean),
        "CODECS": _quoted(",".join([codecs[0], *sorted(codecs[1:])])),
        **({"RESOLUTION": f"{video.width}x{video.height}"} if video.width and video.height else {}),
        **({"FRAME-RATE": f"{video.frame_rate:.3f}"} if video.frame_rate else {}),
        "VIDEO-RANGE": _RANGES.get(video.hdr, "SDR"),
        **({"AUDIO": '"sound"'} if sounds else {}),
        **({"SUBTITLES": '"text"'} if subtitles else {}),
        "CLOSED-CAPTIONS": "NONE",
    })  # fmt: skip


def _picture_codec(video: Track) -> str:
    """RFC 6381's string for the sample entry that making.opening writes."""
    name, dot, rest = video.codec_string.partition(".")
    return {"hev1": "hvc1", "avc3": "avc1"}.get(name, name) + dot + rest


def _names(names: Sequence[str]) -> list[str]:
    """The names with a number behind those that came before, since renditions of a group differ in theirs."""
    given: list[str] = []
    for name in names:
        number, shown = 2, name
        while shown in given:
            number, shown = number + 1, f"{name} ({number})"
        given.append(shown)
    return given


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"#{name}:" + ",".join(f"{key}={value}" for key, value in attributes.items())


def _quoted(text: str) -> str:
    """A quoted string, which has neither quotation marks nor line breaks (RFC 8216 section 4.2)."""
    plain = "".join(" " if ord(char) < 32 or ord(char) == 127 else char for char in text.replace('"', "'"))
    return f'"{plain}"'
