"""The sizes of thumbnails: Telegram's by their letters (core.telegram.org/api/files#image-thumbnail-types), our own."""

import math
from collections.abc import Sequence

from streamvault.media.stills import SIDE, STILL

_SIDES = {
    "s": 100, "m": 320, "x": 800, "y": 1280, "w": 2560, "a": 160, "b": 320, "c": 640, "d": 1280, STILL: SIDE,
}  # fmt: skip
"""Pixels of the longer side at most."""


def may_be_wider(size: str, width: int) -> bool:
    """Whether a picture of this size may have more than `width` pixels in a row."""
    return _SIDES.get(size, math.inf) > width


def nearest(sizes: Sequence[str], width: int) -> str:
    """Of sizes from small to large, the first out of which a picture of this width can be made, else the largest."""
    return next((size for size in sizes if _SIDES.get(size, 0) >= width), sizes[-1])
