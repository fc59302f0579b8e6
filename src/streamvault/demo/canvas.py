"""What the motifs draw on: a canvas of twice the size of the picture, which is halved in the end: edges are smooth."""

import math
import random
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw

from streamvault.demo.colours import Tone, sky
from streamvault.demo.pictures import Colour, Size, mix

SCALE = 2


@dataclass(frozen=True, slots=True)
class Still:
    """A picture of `motif` (motifs.MOTIFS); `hue` in degrees of OKLCH."""

    motif: str
    hue: float
    seed: int = 1
    tone: Tone = "dusk"


class Canvas:
    """What a motif draws on: an RGB picture of `width` x `height`, its pen, and the still's colours."""

    def __init__(self, still: Still, size: Size) -> None:
        self.width, self.height = size[0] * SCALE, size[1] * SCALE
        self.hue, self.tone = still.hue, still.tone
        self.rng = random.Random(f"{still.motif} {still.seed}")
        self.top, self.low, self.far, self.near, self.light = sky(still.tone, still.hue)
        self.picture = gradient((self.width, self.height), self.top, self.low)
        self.pen = ImageDraw.Draw(self.picture)

    def disc(self, x: float, y: float, radius: float, *, fill: Colour) -> None:
        """A filled circle."""
        self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)

    def glow(self, x: float, y: float, radius: float, *, colour: Colour, strength: float = 0.8) -> None:
        """Light that falls off towards `radius`."""
        mask = _glow(max(2, round(radius) // 4 * 2))
        mask = mask.resize((mask.width * 4, mask.height * 4)).point([round(value * strength) for value in range(256)])
        where = (round(x - mask.width / 2), round(y - mask.height / 2))
        self.picture.paste(Image.new("RGB", mask.size, colour), where, mask)

    def sun(self, x: float, y: float, radius: float) -> None:
        """A disc in its glow; x and y are shares of the width and height, `radius` one of the height."""
        at, size = (self.width * x, self.height * y), self.height * radius
        self.glow(*at, size * 5, colour=self.light, strength=0.6)
        self.disc(*at, size, fill=mix(self.light, (255, 255, 255), 0.4))

    def stars(self, count: int, *, below: float = 0.7) -> None:
        """Points of light down to a share of the height."""
        for _ in range(count):
            x, y = self.rng.uniform(0, self.width), self.rng.triangular(0, self.height * below, 0)
            self.disc(x, y, self.rng.choice((1, 1, 1.5, 2.2)), fill=mix(self.top, self.light, self.rng.random()))

    def hill(self, level: float, height: float, *, fill: Colour, waves: int = 3) -> list[tuple[float, float]]:
        """A soft ridge around `level`, filled down to the bottom; its outline. Both are shares of the height."""
        phases = [(self.rng.uniform(0.5, 1.2) * (wave + 1), self.rng.uniform(0, math.tau)) for wave in range(waves)]
        outline = []
        for x in range(0, self.width + 8, 8):
            swell = sum(
                math.sin(x / self.width * math.tau * rate + at) / (n + 1) for n, (rate, at) in enumerate(phases)
            )
            outline.append((float(x), self.height * (level - height * swell)))
        self.pen.polygon([(0, self.height), *outline, (self.width, self.height)], fill=fill)
        return outline


def gradient(size: Size, top: Colour, bottom: Colour) -> Image.Image:
    """From `top` to `bottom`."""
    shade = Image.linear_gradient("L").resize((1, size[1]))
    column = Image.composite(Image.new("RGB", shade.size, bottom), Image.new("RGB", shade.size, top), shade)
    return column.resize(size)


@lru_cache(maxsize=32)
def _glow(diameter: int) -> Image.Image:
    soft = ImageChops.invert(Image.radial_gradient("L")).resize((diameter, diameter))
    return soft.point([round(max(0, value - 75) ** 2 / 180**2 * 255) for value in range(256)])
