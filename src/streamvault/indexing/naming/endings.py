"""Where the stem of a video's name ends; names without an ending, or with a word instead of one, are common."""

import re

_TAG = re.compile(
    r"[xh]26[45]|\d{3,4}[pi]?|\d{1,2}bits?|hevc|avc|xvid|av1|vp9|web|hdtv|hdrip|dvd\d?|uhd|hdr|sdr|aac|ac3|dts|flac|opus"
    r"|e?subs?|multi|dual|proper|uncut",
    re.IGNORECASE,
)
"""What follows the last dot of a release's name that has no ending."""
_ENDING = re.compile(r"\.([A-Za-z0-9]{2,5})$")
_VIDEO = re.compile(
    r"\.(?:3g2|3gp|asf|avi|divx|f4v|flv|m2ts|m4v|mk3d|mkv|mov|mp4|mpe?g|mts|og[mv]|qt|rm|rmvb|ts|vob|webm|wmv)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<=\w)[\s_\-\])]+(mkv|mp4|avi|m4v|wmv|webm|rmvb|m2ts|mpe?g)$", re.IGNORECASE)


def split(name: str) -> tuple[str, str]:
    """The name without its ending, and the ending with its dot, or "" without one; "... 720p mkv" ends with ".mkv"."""
    found = _ENDING.search(name)
    if found and not _TAG.fullmatch(found[1]):
        return name[: found.start()], found[0]
    word = _WORD.search(name)
    return (name[: word.start(1)].rstrip(" _-"), "." + word[1]) if word else (name, "")


def is_video(ending: str) -> bool:
    """Whether this is the ending, with its dot, of a video's name."""
    return bool(_VIDEO.fullmatch(ending))
