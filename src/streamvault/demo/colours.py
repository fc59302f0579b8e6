"""Colours of the demo's pictures by hue, in OKLCH: equal steps look equal, whatever the hue.

See bottosson.github.io/posts/oklab for the matrices.
"""

import math
from functools import lru_cache
from typing import Literal

from streamvault.demo.pictures import Colour

Tone = Literal["night", "dusk", "day"]

_SKIES: dict[Tone, tuple[tuple[float, float, float], ...]] = {
    "night": ((0.17, 0.06, 0), (0.46, 0.12, 28), (0.36, 0.09, 14), (0.10, 0.03, 0), (0.90, 0.09, 60)),
    "dusk": ((0.36, 0.11, -18), (0.80, 0.13, 38), (0.52, 0.11, 8), (0.17, 0.06, -14), (0.95, 0.08, 58)),
    "day": ((0.64, 0.10, 0), (0.93, 0.05, 36), (0.70, 0.08, 12), (0.33, 0.08, -12), (0.98, 0.04, 64)),
}
"""Lightness, chroma and turn of the hue: sky, horizon, what is far, what is near, light."""


@lru_cache(maxsize=4096)
def oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """The sRGB colour of a lightness (0 to 1), chroma (0 to about 0.3) and hue (degrees); clipped to the gamut."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def sky(tone: Tone, hue: float) -> tuple[Colour, Colour, Colour, Colour, Colour]:
    """Sky, horizon, what is far, what is near, and the light, of one hue."""
    top, low, far, near, light = (oklch(lightness, chroma, hue + turn) for lightness, chroma, turn in _SKIES[tone])
    return top, low, far, near, light


def _encoded(linear: float) -> int:
    bounded = min(1.0, max(0.0, linear))
    value = 12.92 * bounded if bounded <= 0.0031308 else 1.055 * bounded ** (1 / 2.4) - 0.055
    return round(255 * value)
