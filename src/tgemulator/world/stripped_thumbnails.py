"""Stripped thumbnails: small JPEGs without the header that all of them share, sent inside messages.

See core.telegram.org/api/files#stripped-thumbnails. They are made with Pillow; where that is not installed no file
has one, and clients have to accept that: Telegram does not make one for every file either.
"""

import importlib.util
import io

LONGEST = 40
"""Pixels of the longest side."""

QUALITY = 20
"""The JPEG quality whose quantisation tables are those of the shared header."""


def stripped_thumbnail(picture: bytes) -> bytes | None:
    """The bytes of a PhotoStrippedSize: 1, height, width, and the JPEG's scan data. None if it is no picture."""
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
