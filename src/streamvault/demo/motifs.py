"""Paints single pictures of a dozen motifs: shores, towns, woods, planets, lanterns, and plain geometry.

A still's motif, seed, hue and tone determine every pixel.
"""

import math
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

from streamvault.demo.canvas import SCALE, Canvas, Still, gradient
from streamvault.demo.colours import oklch
from streamvault.demo.pictures import Colour, Size, mix


@lru_cache(maxsize=24)
def paint(still: Still, size: Size) -> Image.Image:
    """The RGB picture of a still at `size` (width, height); not to be changed."""
    canvas = Canvas(still, size)
    MOTIFS[still.motif](canvas)
    return canvas.picture.reduce(SCALE)


def _coast(on: Canvas) -> None:
    """The sun over the sea, its path on the water, and a lighthouse on a rock."""
    x, horizon = on.rng.uniform(0.25, 0.75), 0.60
    on.sun(x, on.rng.uniform(0.34, 0.56), 0.075)
    on.hill(0.60, 0.03, fill=mix(on.low, on.far, 0.7))
    y = round(on.height * horizon)
    on.picture.paste(gradient((on.width, on.height - y), mix(on.low, on.far, 0.55), on.near), (0, y))
    for row in range(26):
        depth = (row + 1) / 26
        reach = on.width * (0.02 + 0.13 * depth) * on.rng.uniform(0.4, 1.0)
        middle = on.width * (x + on.rng.uniform(-0.05, 0.05) * depth)
        line = y + (on.height - y) * depth**1.4
        colour = mix(on.light, on.near, 0.25 + 0.5 * depth)
        on.pen.rectangle((middle - reach, line, middle + reach, line + 1 + 4 * depth), fill=colour)
    _lighthouse(on, 0.13 if x > 0.5 else 0.87)


def _lighthouse(on: Canvas, x: float) -> None:
    at, unit, foot = on.width * x, on.height / 100, on.height * 0.80
    on.pen.polygon(
        [(at - 34 * unit, on.height), (at - 16 * unit, foot + 3 * unit), (at - 6 * unit, foot - 2 * unit),
         (at + 9 * unit, foot), (at + 22 * unit, foot + 9 * unit), (at + 36 * unit, on.height)], fill=on.near,
    )  # fmt: skip
    tower = mix(on.near, on.far, 0.25)
    on.pen.polygon([(at - 4 * unit, foot), (at - 2.6 * unit, foot - 36 * unit), (at + 2.6 * unit, foot - 36 * unit),
                    (at + 4 * unit, foot)], fill=tower)  # fmt: skip
    on.glow(at, foot - 39 * unit, 22 * unit, colour=on.light, strength=0.9)
    on.pen.rectangle((at - 2 * unit, foot - 41 * unit, at + 2 * unit, foot - 37 * unit), fill=on.light)
    on.pen.polygon([(at - 3 * unit, foot - 41 * unit), (at, foot - 45 * unit), (at + 3 * unit, foot - 41 * unit)],
                   fill=on.near)  # fmt: skip


def _city(on: Canvas) -> None:
    """Rows of houses under the moon, with light in some windows."""
    on.stars(90 if on.tone == "night" else 20)
    on.sun(on.rng.uniform(0.2, 0.8), on.rng.uniform(0.2, 0.4), 0.06)
    for row in range(3):
        depth = row / 2
        colour, unit = mix(on.far, on.near, depth * 0.9 + 0.1), on.height / 100
        x = -on.rng.uniform(0, 10 * unit)
        while x < on.width:
            wide, tall = on.rng.uniform(9, 20) * unit, on.rng.uniform(18, 46 - 10 * depth) * unit
            roof = on.height * (0.72 + 0.16 * depth) - tall
            on.pen.rectangle((x, roof, x + wide, on.height), fill=colour)
            if on.rng.random() < 0.25:
                on.pen.rectangle((x + wide * 0.45, roof - 7 * unit, x + wide * 0.5, roof), fill=colour)
            if row:
                _windows(on, (x, roof, x + wide), unit=unit * (0.8 + 0.5 * depth))
            x += wide + on.rng.choice((0, 0.6, 2)) * unit


def _windows(on: Canvas, house: tuple[float, float, float], *, unit: float) -> None:
    left, roof, right = house
    y = roof + 3 * unit
    while y < min(on.height, roof + 60 * unit):
        x = left + 1.6 * unit
        while x < right - 2.4 * unit:
            if on.rng.random() < 0.34:
                lit = mix(oklch(0.86, 0.12, on.rng.choice((75, 85, 60))), on.light, on.rng.random() * 0.5)
                on.pen.rectangle((x, y, x + 1.2 * unit, y + 1.9 * unit), fill=lit)
            x += 2.8 * unit
        y += 4 * unit


def _forest(on: Canvas) -> None:
    """Firs in the mist, in four rows."""
    on.sun(on.rng.uniform(0.3, 0.7), 0.36, 0.07)
    for row in range(4):
        depth = row / 3
        colour = mix(mix(on.low, on.far, 0.5), on.near, depth)
        ridge = on.hill(0.56 + 0.13 * row, 0.05, fill=colour)
        for x, y in ridge[:: 5 - row // 2]:
            tall = on.height * on.rng.uniform(0.09, 0.17) * (0.6 + depth)
            _fir(on, x + on.rng.uniform(-12, 12), y + tall * 0.12, tall, fill=colour)


def _fir(on: Canvas, x: float, foot: float, tall: float, *, fill: Colour) -> None:
    for tier in range(3):
        low, half = foot - tall * 0.26 * tier, tall * (0.24 - 0.06 * tier)
        on.pen.polygon([(x - half, low), (x, low - tall * 0.46), (x + half, low)], fill=fill)


def _planet(on: Canvas) -> None:
    """A ringed planet among stars, over dunes."""
    on.stars(160, below=0.95)
    x, y, radius = on.width * on.rng.uniform(0.32, 0.68), on.height * 0.40, on.height * on.rng.uniform(0.2, 0.27)
    on.glow(x, y, radius * 2.6, colour=on.low, strength=0.7)
    tilt, ring = on.rng.uniform(0.14, 0.24), oklch(0.80, 0.09, on.hue + 90)
    box = (x - radius * 1.9, y - radius * 1.9 * tilt, x + radius * 1.9, y + radius * 1.9 * tilt)
    on.pen.arc(box, 180, 360, fill=mix(ring, on.top, 0.4), width=round(radius * 0.06))
    ball = round(radius) * 2
    body = gradient((ball, ball), oklch(0.86, 0.11, on.hue + 70), oklch(0.42, 0.13, on.hue + 20))
    pen = ImageDraw.Draw(body)
    for band in range(7):
        line = ball * (band + on.rng.random() * 0.6) / 7
        pen.rectangle((0, line, ball, line + ball * 0.03), fill=oklch(0.62 + 0.05 * (band % 3), 0.12, on.hue + 40))
    mask = Image.new("L", (ball, ball))
    ImageDraw.Draw(mask).ellipse((0, 0, ball - 1, ball - 1), fill=255)
    on.picture.paste(body, (round(x - radius), round(y - radius)), mask)
    on.pen.arc(box, 0, 180, fill=ring, width=round(radius * 0.09))
    on.hill(0.86, 0.05, fill=mix(on.far, on.near, 0.6))
    on.hill(0.95, 0.03, fill=on.near)


def _lanterns(on: Canvas) -> None:
    """Paper lanterns that rise over a lake."""
    on.stars(40)
    on.hill(0.78, 0.05, fill=mix(on.far, on.near, 0.4))
    water = round(on.height * 0.86)
    on.picture.paste(gradient((on.width, on.height - water), on.near, mix(on.near, on.low, 0.4)), (0, water))
    for number in range(26):
        near = (number / 26) ** 1.6
        x, y = on.rng.uniform(0, on.width), on.height * on.rng.uniform(0.06, 0.74)
        size = on.height * (0.012 + 0.05 * near)
        warm = oklch(0.82, 0.14, on.rng.uniform(50, 85))
        on.glow(x, y, size * 4.5, colour=warm, strength=0.55)
        on.pen.rounded_rectangle((x - size * 0.7, y - size, x + size * 0.7, y + size), size * 0.35, fill=warm)
        on.pen.rectangle((x - size * 0.45, y + size * 0.8, x + size * 0.45, y + size), fill=oklch(0.55, 0.13, 45))
        on.glow(x, 2 * water - y * 0.2 - on.height * 0.72, size * 2, colour=warm, strength=0.2)


def _waves(on: Canvas) -> None:
    """Ribbons of colour, one in front of the other."""
    on.sun(on.rng.uniform(0.2, 0.8), 0.22, 0.08)
    for row in range(9):
        colour = oklch(0.80 - 0.068 * row, 0.05 + 0.012 * row, on.hue + 40 - 9 * row)
        on.hill(0.34 + 0.085 * row, 0.055, fill=colour, waves=2)


def _arches(on: Canvas) -> None:
    """Arches within arches, and a ball."""
    on.picture.paste(oklch(0.93, 0.03, on.hue + 60), (0, 0, on.width, on.height))
    x, radius = on.width * on.rng.choice((0.34, 0.5, 0.66)), on.height * 0.80
    for ring in range(6):
        size = radius * (1 - ring / 6.5)
        colour = oklch(0.36 + 0.10 * ring, 0.14 - 0.012 * ring, on.hue + 24 * ring)
        on.pen.pieslice((x - size, on.height - size, x + size, on.height + size), 180, 360, fill=colour)
    ball = on.height * on.rng.uniform(0.09, 0.13)
    side = on.width * (0.80 if x < on.width / 2 else 0.18)
    on.disc(side, on.height * 0.26, ball, fill=oklch(0.72, 0.16, on.hue + 180))


def _tiles(on: Canvas) -> None:
    """Quarter circles on squares."""
    side = on.height / on.rng.choice((3, 4))
    colours = [oklch(lightness, chroma, on.hue + turn) for lightness, chroma, turn in
               ((0.30, 0.09, 0), (0.55, 0.14, 20), (0.78, 0.12, 55), (0.93, 0.04, 70), (0.66, 0.15, 180))]  # fmt: skip
    for row in range(math.ceil(on.height / side)):
        for column in range(math.ceil(on.width / side)):
            x, y = column * side, row * side
            ground, shape = on.rng.sample(colours, 2)
            on.pen.rectangle((x, y, x + side, y + side), fill=ground)
            corner = on.rng.randrange(5)
            if corner == 4:
                on.disc(x + side / 2, y + side / 2, side * 0.32, fill=shape)
                continue
            cx, cy = x + side * (corner in (1, 2)), y + side * (corner in (2, 3))
            on.pen.pieslice((cx - side, cy - side, cx + side, cy + side), 90 * corner, 90 * corner + 90, fill=shape)


def _fields(on: Canvas) -> None:
    """Furrows that meet at the horizon, under clouds."""
    on.sun(on.rng.uniform(0.3, 0.7), 0.40, 0.07)
    for _ in range(5):
        x, y, tall = on.rng.uniform(0, on.width), on.height * on.rng.uniform(0.10, 0.34), on.height * 0.02
        for puff in range(3):
            wide, left = on.height * on.rng.uniform(0.08, 0.22), x + on.height * on.rng.uniform(-0.12, 0.12)
            box = (left - wide, y - tall * (puff + 1), left + wide, y - tall * (puff - 1))
            on.pen.rounded_rectangle(box, tall, fill=mix(on.top, on.light, 0.55))
    on.hill(0.58, 0.03, fill=mix(on.low, on.far, 0.6))
    horizon, meet, count = on.height * 0.60, on.width * on.rng.uniform(0.35, 0.65), 22
    on.pen.rectangle((0, horizon, on.width, on.height), fill=on.far)
    for number in range(-count, count, 2):
        left, right = (meet + on.width * 0.11 * (number + shift) for shift in (0, 1))
        colour = mix(on.far, on.near, 0.35 + 0.25 * (number % 4 == 0))
        on.pen.polygon([(meet, horizon), (left, on.height), (right, on.height)], fill=colour)


def _tree(on: Canvas) -> None:
    """One tree on a hill."""
    on.sun(on.rng.uniform(0.15, 0.85), on.rng.uniform(0.25, 0.5), 0.085)
    on.hill(0.70, 0.06, fill=mix(on.low, on.far, 0.6))
    on.hill(0.82, 0.06, fill=mix(on.far, on.near, 0.5))
    ridge = on.hill(0.90, 0.05, fill=on.near)
    x, y = on.rng.choice(ridge[len(ridge) // 4 : -len(ridge) // 4])
    unit = on.height / 100
    on.pen.polygon([(x - 2.4 * unit, y + 5 * unit), (x - unit, y - 24 * unit), (x + unit, y - 24 * unit),
                    (x + 2.4 * unit, y + 5 * unit)], fill=on.near)  # fmt: skip
    for _ in range(34):
        angle, reach = on.rng.uniform(0, math.tau), on.rng.random() ** 0.6 * 17 * unit
        leaf = mix(on.near, oklch(0.62, 0.15, on.hue + on.rng.uniform(-30, 60)), on.rng.uniform(0.2, 0.9))
        on.disc(x + math.cos(angle) * reach * 1.25, y - 34 * unit + math.sin(angle) * reach * 0.8,
                on.rng.uniform(3, 7) * unit, fill=leaf)  # fmt: skip


def _rain(on: Canvas) -> None:
    """A lit window in the rain."""
    unit = on.height / 100
    on.pen.rectangle((0, 0, on.width, on.height), fill=mix(on.top, on.near, 0.5))
    x, y = on.width * on.rng.uniform(0.35, 0.65), on.height * 0.5
    warm = oklch(0.84, 0.12, 75)
    on.glow(x, y, on.height * 0.9, colour=warm, strength=0.5)
    for column in range(3):
        for row in range(3):
            left, top = x + (column - 1.5) * 17 * unit, y + (row - 1.5) * 20 * unit
            pane = mix(warm, oklch(0.62, 0.13, on.hue + 40), on.rng.random() * 0.55)
            on.pen.rectangle((left + unit, top + unit, left + 16 * unit, top + 19 * unit), fill=pane)
    for _ in range(170):
        left, top = on.rng.uniform(-10, on.width), on.rng.uniform(-0.1, 1) * on.height
        long = on.rng.uniform(4, 11) * unit
        on.pen.line((left, top, left - long * 0.22, top + long), fill=mix(on.low, on.far, on.rng.random()), width=2)
    on.pen.rectangle((0, on.height * 0.92, on.width, on.height), fill=on.near)


MOTIFS: dict[str, Callable[[Canvas], None]] = {
    "coast": _coast, "city": _city, "forest": _forest, "planet": _planet, "lanterns": _lanterns, "waves": _waves,
    "arches": _arches, "tiles": _tiles, "fields": _fields, "tree": _tree, "rain": _rain,
}  # fmt: skip
