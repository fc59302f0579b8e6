"""Paints the demo's pictures: layered landscapes under a sky that changes with time.

A scene's seed determines every pixel, so that the files are the same on every machine. Every moment of a film looks
different, so that a viewer can see where a seek ended.
"""

import math
import random
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Light:
    """The colours at one moment; `at` runs from 0 (first frame) to 1 (last frame)."""

    at: float
    sky: Colour
    horizon: Colour
    far: Colour
    near: Colour
    sun: Colour


@dataclass(frozen=True, slots=True)
class Scene:
    """A landscape. `roughness` 0 is rolling dunes, 1 is jagged rock; `drift` is how many picture
    widths the nearest ridge travels in the whole film."""

    seed: int
    lights: tuple[Light, ...]
    roughness: float = 0.6
    layers: int = 5
    drift: float = 1.5
    stars: bool = False
    aurora: Colour | None = None


@dataclass(frozen=True, slots=True)
class _Ridge:
    """An anti-aliased edge that begins at row `top`; all below it is solid."""

    top: int
    mask: Image.Image


def mix(first: Colour, second: Colour, amount: float) -> Colour:
    """The colour `amount` (0 to 1) of the way from `first` to `second`."""
    red, green, blue = (round(a + (b - a) * amount) for a, b in zip(first, second, strict=True))
    return red, green, blue


def light_at(lights: tuple[Light, ...], at: float) -> Light:
    """The light between the two nearest key moments, linearly mixed."""
    after = next((light for light in lights if light.at >= at), lights[-1])
    before = next((light for light in reversed(lights) if light.at <= at), lights[0])
    span = after.at - before.at
    amount = (at - before.at) / span if span else 0.0
    return Light(
        at,
        mix(before.sky, after.sky, amount),
        mix(before.horizon, after.horizon, amount),
        mix(before.far, after.far, amount),
        mix(before.near, after.near, amount),
        mix(before.sun, after.sun, amount),
    )


class Painter:
    """Paints one scene at one size; ridges, stars and glow are drawn once and reused."""

    def __init__(self, scene: Scene, size: Size) -> None:
        self._scene = scene
        self._size = size
        height = size[1]
        self._shade = Image.linear_gradient("L").resize((1, height)).resize(size)
        self._ridges = [_ridge(scene, size, layer=layer) for layer in range(scene.layers)]
        self._glow = _glow(round(height * 0.7))
        self._disc = _disc(round(height * 0.13))
        self._stars = _stars(scene.seed, size) if scene.stars else None

    def paint(self, at: float) -> Image.Image:
        """The RGB picture at the moment `at` (0 to 1)."""
        light = light_at(self._scene.lights, at)
        picture = Image.composite(
            Image.new("RGB", self._size, light.horizon), Image.new("RGB", self._size, light.sky), self._shade
        )
        if self._stars is not None:
            picture = ImageChops.add(picture, self._stars)
        if self._scene.aurora is not None:
            self._paint_aurora(picture, at, colour=self._scene.aurora)
        self._paint_sun(picture, at, colour=light.sun)
        for layer, ridge in enumerate(self._ridges):
            depth = layer / max(1, len(self._ridges) - 1)
            offset = round(at * self._scene.drift * depth * self._size[0])
            edge = ridge.mask.crop((offset, 0, offset + self._size[0], ridge.mask.height))
            colour = mix(light.far, light.near, depth)
            _tint(picture, colour, where=(0, ridge.top), mask=edge)
            picture.paste(colour, (0, ridge.top + edge.height, *self._size))
        return picture

    def _paint_sun(self, picture: Image.Image, at: float, *, colour: Colour) -> None:
        width, height = self._size
        x = width * (0.12 + 0.76 * at)
        y = height * (0.62 - 0.40 * math.sin(math.pi * at))
        for mask, tint in ((self._glow, colour), (self._disc, mix(colour, (255, 255, 255), 0.55))):
            _tint(picture, tint, where=(round(x - mask.width / 2), round(y - mask.height / 2)), mask=mask)

    def _paint_aurora(self, picture: Image.Image, at: float, *, colour: Colour) -> None:
        width, height = self._size
        for curtain, tint in enumerate((colour, mix(colour, (150, 90, 255), 0.6))):
            row = Image.new("L", (96, 1))
            row.putdata([_curtain(x / 96, at=at * 9 + curtain * 2.1) for x in range(96)])
            veil = row.resize((width, 1), Image.Resampling.BICUBIC).resize((width, height), Image.Resampling.NEAREST)
            fade = _fade(width, height, low=0.62 - 0.1 * curtain)
            _tint(picture, tint, where=(0, 0), mask=ImageChops.multiply(veil, fade))


class Clock:
    """Writes the time, the frame number and a progress bar over a film's frames."""

    def __init__(self, title: str, size: Size, *, seconds: float) -> None:
        self._title = title
        self._size = size
        self._seconds = seconds
        self._large = font(round(size[1] * 0.17))
        self._small = font(round(size[1] * 0.050))

    def draw(self, picture: Image.Image, frame: int, *, rate: int) -> None:
        """Mark `picture` in place as frame number `frame` of a film with `rate` frames per second."""
        width, height = self._size
        pen = ImageDraw.Draw(picture)
        margin, now = round(width * 0.045), frame / rate
        for shift, colour in ((max(1, height // 240), (8, 12, 24)), (0, (255, 255, 255))):
            pen.text((margin + shift, margin * 0.8 + shift), self._title, fill=colour, font=self._small)
            stamp = f"{int(now // 60):02}:{now % 60:04.1f}"
            pen.text((margin + shift, height * 0.70 + shift), stamp, fill=colour, font=self._large)
            where = (width - margin + shift, height * 0.845 + shift)
            pen.text(where, f"frame {frame:04}", fill=colour, font=self._small, anchor="rs")
        top, bottom = round(height * 0.94), round(height * 0.95)
        end = margin + (width - 2 * margin) * min(1.0, now / self._seconds)
        pen.rectangle((margin, top, width - margin, bottom), fill=(70, 78, 96))
        pen.rectangle((margin, top, end, bottom), fill=(255, 255, 255))


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface, so that no font of the machine is needed."""
    return ImageFont.load_default(size)


def _tint(picture: Image.Image, colour: Colour, *, where: tuple[int, int], mask: Image.Image) -> None:
    # Pasting a plane of colour is twice as fast as pasting a bare colour through a mask.
    picture.paste(Image.new("RGB", mask.size, colour), where, mask)


def _ridge(scene: Scene, size: Size, *, layer: int) -> _Ridge:
    """The rows between a ridge's highest and lowest point, wide enough for its whole drift."""
    width, height = size
    depth = layer / max(1, scene.layers - 1)
    rng = random.Random(scene.seed * 31 + layer)
    strip = round(width * (1 + scene.drift * depth)) + 2
    waves = [(rng.uniform(0.6, 1.4) * 2**octave, rng.uniform(0, math.tau)) for octave in range(6)]
    base, amplitude = height * (0.56 + 0.30 * depth), height * (0.13 - 0.05 * depth)
    points = []
    for x in range(0, strip + 4, 4):
        swell = sum(
            math.sin(x / width * math.tau * rate + phase) * (0.30 + 0.26 * scene.roughness) ** octave
            for octave, (rate, phase) in enumerate(waves)
        )
        points.append((x * 2, (base - amplitude * swell) * 2))
    top = max(0, int(min(y for _, y in points)) // 2 - 1)
    bottom = min(height, int(max(y for _, y in points)) // 2 + 2)
    mask = Image.new("L", (strip * 2, (bottom - top) * 2))
    outline = [(0.0, height * 2.0), *((x, y - top * 2) for x, y in points), (strip * 2.0, height * 2.0)]
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    return _Ridge(top, mask.resize((strip, bottom - top), Image.Resampling.BOX))


def _glow(diameter: int) -> Image.Image:
    soft = ImageChops.invert(Image.radial_gradient("L")).resize((diameter, diameter))
    return soft.point([round(max(0, value - 75) ** 2 / 180**2 * 190) for value in range(256)])


def _disc(diameter: int) -> Image.Image:
    mask = Image.new("L", (diameter * 4, diameter * 4))
    ImageDraw.Draw(mask).ellipse((0, 0, diameter * 4 - 1, diameter * 4 - 1), fill=255)
    return mask.resize((diameter, diameter), Image.Resampling.BOX)


def _stars(seed: int, size: Size) -> Image.Image:
    rng = random.Random(seed)
    mask = Image.new("L", size)
    pen = ImageDraw.Draw(mask)
    for _ in range(160):
        x, y = rng.uniform(0, size[0]), rng.triangular(0, size[1] * 0.7, 0)
        radius = size[1] / 360 * rng.choice((0.4, 0.4, 0.7, 1.0))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=rng.randrange(60, 220))
    soft = mask.filter(ImageFilter.GaussianBlur(size[1] / 1200))
    return Image.merge("RGB", (soft, soft, soft))


def _curtain(x: float, *, at: float) -> int:
    wave = math.sin(x * 7 + at) + math.sin(x * 13 - at * 1.7) * 0.6 + math.sin(x * 47 + at * 2.3) * 0.5
    return round(max(0.0, wave / 2.1) * 240)


@lru_cache(maxsize=8)
def _fade(width: int, height: int, *, low: float) -> Image.Image:
    """A mask that is bright a little above `low` (share of the height) and fades upwards."""
    column = Image.new("L", (1, 100))
    column.putdata([round(255 * _lift(y / 100 / low)) for y in range(100)])
    return column.resize((width, height), Image.Resampling.BICUBIC)


def _lift(height: float) -> float:
    return min(1.0, 2.2 * height**2 * math.sqrt(max(0.0, 1 - height)))
