"""Tiny pictures that Telegram sends inside messages: JPEGs without the head that all of them share.

See core.telegram.org/api/files#stripped-thumbnails. They are made with Pillow; where that is not installed there are
none, as for files of which Telegram makes no picture either.
"""

import importlib.util
import io

LONGEST = 40
"""Pixels of the longest side."""

QUALITY = 20
"""The one that gives the tables of the shared head."""


def stripped(picture: bytes) -> bytes | None:
    """The bytes of a PhotoStrippedSize: 1, height, width, and what follows the head. None if it is no picture."""
    if importlib.util.find_spec("PIL") is None:
        return None
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            opened.draft("RGB", (4 * LONGEST, 4 * LONGEST))
            small = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None
    small.thumbnail((LONGEST, LONGEST))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY, subsampling="4:2:0", optimize=False)
    jpeg = buffer.getvalue()
    scan = jpeg.index(b"\xff\xda")
    body = jpeg[scan + 2 + int.from_bytes(jpeg[scan + 2 : scan + 4], "big") : -2]
    return bytes((1, small.height, small.width)) + body
