"""Where the stem of a video's name ends; names without an ending, or with a word instead of one, are common."""

import re

from streamvault.media.types import kind_of, split_ending, type_of

_TAG = re.compile(
    r"[xh]26[45]|\d{3,4}[pi]?|\d{1,2}bits?|hevc|avc|xvid|av1|vp9|web|hdtv|hdrip|dvd\d?|uhd|hdr|sdr|aac|ac3|dts|flac|opus"
    r"|e?subs?|multi|dual|proper|uncut",
    re.IGNORECASE,
)
"""What follows the last dot of a release's name that has no ending."""
_ENDING = re.compile(r"\.([A-Za-z0-9]{2,5})$")


def split(name: str) -> tuple[str, str]:
    """The name without its ending, and the ending with its dot, or "" without one; "... 720p mkv" ends with ".mkv".

    An unknown ending counts too, unless it is a word of a release.
    """
    stem, ending = split_ending(name)
    if ending and not _TAG.fullmatch(ending[1:]):
        return stem.rstrip(" _-"), ending
    found = _ENDING.search(name)
    return (name[: found.start()], found[0]) if found and not _TAG.fullmatch(found[1]) else (name, "")


def is_video(ending: str) -> bool:
    """Whether this is the ending, with its dot, of a video's name."""
    return kind_of(type_of(ending)) == "video"
