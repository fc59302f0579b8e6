"""Which sound and which subtitles a viewer gets who has chosen none; pure."""

import re
from collections.abc import Sequence

from streamvault.playback.model import Track

TEXT_SUBTITLES = frozenset({"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"})
"""Codecs, in FFmpeg's names, of subtitles that are text; others are pictures."""

_COMMENTARY = re.compile(r"comment|descri", re.IGNORECASE)
"""In the titles of sounds that nobody wants to hear first: commentaries and descriptions for the blind."""


def ranked_sounds(sounds: Sequence[Track], languages: Sequence[str]) -> tuple[Track, ...]:
    """All sounds, best first: in the viewer's languages, then as the file says."""

    def rank(track: Track) -> tuple[int, bool, bool]:
        return _place(track, languages), _COMMENTARY.search(track.title) is not None, not track.default

    return tuple(sorted(sounds, key=rank))  # the sort is stable: equals keep the order of the file


def subtitles_for(subtitles: Sequence[Track], sound: Track | None, languages: Sequence[str]) -> Track | None:
    """The subtitles to show at first: the viewer's where the sound is foreign, else forced ones of its language."""
    texts = [track for track in subtitles if track.codec in TEXT_SUBTITLES]
    if sound is None or not sound.language or not languages:
        return None
    if _place(sound, languages) < len(languages):
        return next(
            (track for track in texts if track.forced and is_same_language(track.language, sound.language)), None
        )
    theirs = [track for track in texts if not track.forced and _place(track, languages) < len(languages)]
    return min(theirs, key=lambda track: (_place(track, languages), not track.default), default=None)


def is_same_language(one: str, other: str) -> bool:
    """Whether both tags (BCP 47) are of one language, whatever its region and script; never for unknown ones."""
    first, second = (tag.partition("-")[0].lower() for tag in (one, other))
    return first == second != ""


def _place(track: Track, languages: Sequence[str]) -> int:
    """The place of its language among the viewer's; their number where it is none of them."""
    same = (number for number, language in enumerate(languages) if is_same_language(track.language, language))
    return next(same, len(languages))
