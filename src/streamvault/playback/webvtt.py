"""Cues, and the WebVTT that is made of them: whole tracks, and the segments of an HLS rendition; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

MEDIA_TYPE = "text/vtt; charset=utf-8"


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """`start`, `end`: milliseconds on the film's clock. `text`: a payload of WebVTT, as subtitle_text makes it."""

    start: int
    end: int
    text: str
    settings: str = ""


def document(cues: Iterable[Cue]) -> bytes:
    """All cues of a track, in order of time, each once."""
    return _written("WEBVTT\n", cues)


def segment(
    own: Iterable[Cue], before: Iterable[Cue], start: int, *, stop: int | None = None, mpegts: int = 0
) -> bytes:
    """One segment of a rendition, from `start` milliseconds until before `stop` (None: the end of the film).

    `own` are the cues found in the bytes of this segment, whatever their time, so that none is lost which its muxer
    wrote a little late. `before` are those of segments before it, of which the ones that are shown in this one are
    repeated: a player that begins here shows them too, and players that had them drop a cue with equal times and text.
    `mpegts`: the time on the 90 kHz clock of the other renditions that the film's time 0 has.
    """
    repeated = [cue for cue in before if cue.end > start and (stop is None or cue.start < stop)]
    return _written(f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{mpegts},LOCAL:00:00:00.000\n", [*repeated, *own])


def timed(milliseconds: int) -> str:
    """A WebVTT timestamp."""
    seconds, rest = divmod(max(0, milliseconds), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _written(head: str, cues: Iterable[Cue]) -> bytes:
    blocks = [head]
    for cue in sorted(set(cues)):
        if cue.text and cue.end > cue.start:
            settings = f" {cue.settings}" if cue.settings else ""
            blocks.append(f"{timed(cue.start)} --> {timed(cue.end)}{settings}\n{cue.text}\n")
    return "\n".join(blocks).encode()
