"""Makes a picture smaller with Pillow. Imported by the sandbox's processes only."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image

from streamvault.reading.sandbox.model import Call

QUALITY = 82

MOST_PIXELS = 40_000_000

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


def scale_down(call: Call) -> Mapping[str, Any]:
    """A JobFunction: writes the picture in its only blob at most `width` pixels wide, `{"picture": bytes}`; 0 where it
    is no wider already.

    What is opaque becomes JPEG, all else WebP, of which the first frame is taken.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    width: int = call.arguments["width"]
    with Image.open(io.BytesIO(call.blobs[0]), formats=_FORMATS) as picture:
        if picture.width <= width:
            return {"picture": 0}
        height = max(1, round(picture.height * width / picture.width))
        if not 0 < picture.width * picture.height <= MOST_PIXELS:
            return {"picture": 0}
        picture.draft("RGB", (2 * width, 2 * height))
        data = _encoded(picture, (width, height))
    call.write(data)
    return {"picture": len(data)}


def _encoded(picture: Image.Image, size: tuple[int, int]) -> bytes:
    opaque = not picture.has_transparency_data
    scaled = picture.convert("RGB" if opaque else "RGBA").resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    scaled.save(buffer, "JPEG" if opaque else "WEBP", quality=QUALITY)
    return buffer.getvalue()
