"""The frames of films: a landscape whose light changes with time, or a reel of stills over which the camera moves.

A reel costs little: each still is painted once, and a filter cuts the frames out of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.filter
from PIL import Image

from streamvault.demo import motifs
from streamvault.demo.canvas import Still
from streamvault.demo.pictures import Clock, Painter, Scene, Size

FRAME_RATE = 24
MARGIN = 1.25
"""How much larger than a frame the still is over which the camera moves."""


@dataclass(frozen=True, slots=True)
class Reel:
    """Stills that are shown one after the other, each for the same time."""

    stills: tuple[Still, ...]


Picture = Scene | Reel | Still


def picture(shown: Picture, size: Size, *, at: float) -> Image.Image:
    """One picture at `size` (width, height); of a landscape the one at the moment `at` (0 to 1)."""
    match shown:
        case Scene():
            return Painter(shown, size).paint(at)
        case Reel():
            return motifs.paint(shown.stills[0], size)
        case Still():
            return motifs.paint(shown, size)


def frames(shown: Scene | Reel, size: Size, *, seconds: int, clock: str = "") -> Iterator[Any]:
    """`av.VideoFrame`s at FRAME_RATE, of landscapes each second one painted anew.

    `clock`: the title above the time on each frame, "" for no clock.
    """
    made = _of_scene(shown, size, seconds, clock) if isinstance(shown, Scene) else _of_reel(shown, size, seconds)
    for number, frame in enumerate(made):
        frame.pts, frame.time_base = number, Fraction(1, FRAME_RATE)
        yield frame


def _of_scene(scene: Scene, size: Size, seconds: int, title: str) -> Iterator[Any]:
    painter, clock = Painter(scene, size), Clock(title, size, seconds=seconds)
    count = seconds * FRAME_RATE
    for number in range(count):
        if number % 2 == 0 or number == count - 1:  # painting takes longer than all the rest
            painted = painter.paint(number / (count - 1))
        image = painted.copy()
        if title:
            clock.draw(image, number, rate=FRAME_RATE)
        yield av.VideoFrame.from_image(image)


def _of_reel(reel: Reel, size: Size, seconds: int) -> Iterator[Any]:
    total, shots = seconds * FRAME_RATE, len(reel.stills)
    for shot, still in enumerate(reel.stills):
        count = total * (shot + 1) // shots - total * shot // shots
        yield from _pan(still, size, count, back=bool(shot % 2))


def _pan(still: Still, size: Size, count: int, *, back: bool) -> Iterator[Any]:
    """`count` frames on the way over a still, to the right and down, or `back`."""
    width, height = (round(side * MARGIN) // 2 * 2 for side in size)
    whole = av.VideoFrame.from_image(motifs.paint(still, (width, height))).reformat(format="yuv420p")
    done = f"n/{count}" if not back else f"(1-n/{count})"
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format=whole.format, time_base=Fraction(1, FRAME_RATE))
    crop = graph.add("crop", f"w={size[0]}:h={size[1]}:x='(iw-ow)*{done}':y='(ih-oh)*{done}'")
    graph.link_nodes(source, crop, graph.add("buffersink")).configure()
    for number in range(count):
        whole.pts = number
        graph.push(whole)
        yield graph.pull()
