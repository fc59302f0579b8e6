"""Whether a key frame begins a closed group of pictures: told by the first bytes of its packet; pure."""

from typing import Literal

from streamvault.playback.codecs import units

Group = Literal["closed", "perhaps open", "unknown"]


def group_of(codec: str, private: bytes, head: bytes) -> Group:
    """`private` is the track's extradata. "perhaps open": pictures behind it may need ones before it."""
    if codec not in ("h264", "hevc"):
        return "closed" if codec in ("vp8", "vp9", "av1") else "unknown"
    for unit in _units(codec, private, head):
        kind = unit & 31 if codec == "h264" else unit >> 1 & 63
        if codec == "h264" and kind in (1, 5):
            return "closed" if kind == 5 else "perhaps open"
        if codec == "hevc" and kind < 32:
            return "closed" if 16 <= kind <= 20 else "perhaps open"
    return "unknown"


def _units(codec: str, private: bytes, head: bytes) -> list[int]:
    """The first byte of every NAL unit whose beginning is in `head`."""
    if private[:1] != b"\1":
        return [unit[0] for unit in units(head)]
    at = 4 if codec == "h264" else 21
    length = (private[at] & 3) + 1 if len(private) > at else 4
    found, place = [], 0
    while place + length < len(head):
        found.append(head[place + length])
        place += length + int.from_bytes(head[place : place + length], "big")
    return found
