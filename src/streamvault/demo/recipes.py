"""The kinds of files that the demo makes, and what describes each."""

from dataclasses import dataclass

from streamvault.demo.encode import Film, Song
from streamvault.demo.footage import Picture
from streamvault.demo.pictures import Scene, Size
from streamvault.demo.tunes import Tune


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice message."""

    tune: Tune
    seconds: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of `scene`; of a landscape the one at the moment `at` (0 to 1)."""

    scene: Picture
    at: float = 0.5
    size: Size = (1600, 1067)


@dataclass(frozen=True, slots=True)
class Sticker:
    """A round picture on a transparent background, WEBP of 512 x 512 pixels as Telegram requires of stickers."""

    scene: Picture
    at: float = 0.5


@dataclass(frozen=True, slots=True)
class Leaflet:
    """A one-page PDF."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip file of small texts and one picture."""

    scene: Scene
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text file, UTF-8."""

    content: str


Recipe = Film | Song | Voice | Photo | Sticker | Leaflet | Archive | Text
