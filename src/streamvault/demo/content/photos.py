"""Photos of the last three years: some alone, most in albums, in every shape that a camera gives them."""

from dataclasses import dataclass

from streamvault.demo.canvas import Still
from streamvault.demo.colours import Tone
from streamvault.demo.entries import FAR_DC, FARTHER_DC, HOME_DC, Entry, Post, Recipes
from streamvault.demo.pictures import Size
from streamvault.demo.recipes import Photo

_DCS = (FAR_DC, HOME_DC, FARTHER_DC)
_SIZES: tuple[Size, ...] = ((840, 560), (560, 840), (880, 496), (640, 640), (960, 480), (540, 720))


@dataclass(frozen=True, slots=True)
class Trip:
    """`count` photos of one place, posted together `days` ago."""

    text: str
    days: float
    hue: float
    tone: Tone
    motifs: tuple[str, ...]
    count: int


TRIPS = (
    Trip("Off season", 1074.3, 225, "day", ("coast",), 1),
    Trip("Köprü ve göl", 1011.6, 150, "day", ("lanterns", "forest", "fields"), 4),
    Trip("Snow, at last", 961.2, 245, "day", ("forest", "tree"), 3),
    Trip("", 902.5, 60, "dusk", ("fields",), 1),
    Trip("Первый снег в городе", 842.7, 265, "night", ("city", "rain"), 3),
    Trip("海辺の一週間", 731.4, 195, "day", ("coast", "waves", "coast"), 5),
    Trip("The kitchen wall, finished", 655.1, 30, "day", ("tiles", "arches"), 2),
    Trip("", 598.8, 300, "dusk", ("planet",), 1),
    Trip("Herbst im Taunus", 521.9, 55, "dusk", ("forest", "tree", "fields"), 4),
    Trip("ليالي الفوانيس", 433.5, 25, "night", ("lanterns", "city"), 4),
    Trip("", 361.3, 110, "day", ("tree",), 1),
    Trip("Allotment, May", 288.4, 125, "day", ("fields", "tree"), 3),
    Trip("Night train", 197.7, 280, "night", ("city", "rain", "planet"), 3),
    Trip("Robin's birthday", 117.5, 350, "dusk", ("lanterns", "arches"), 3),
    Trip("", 66.6, 210, "dusk", ("coast",), 1),
    Trip("Two days on the island", 20.9, 235, "dusk", ("coast", "forest", "coast", "tree"), 4),
)


def _photos() -> list[tuple[Trip, list[tuple[str, Photo]]]]:
    made, number = [], 0
    for trip in TRIPS:
        photos = []
        for shot in range(trip.count):
            number += 1
            motif = trip.motifs[shot % len(trip.motifs)]
            still = Still(motif, trip.hue + 17 * shot, seed=100 + number, tone=trip.tone)
            photos.append((f"photo-{number:02}.jpg", Photo(still, size=_SIZES[number * 5 % len(_SIZES)])))
        made.append((trip, photos))
    return made


_MADE = _photos()
RECIPES: Recipes = {name: photo for _, photos in _MADE for name, photo in photos}
POSTS = tuple(
    Post(
        "photos",
        tuple(
            Entry(name, "", _DCS[shot % len(_DCS)], trip.text if shot == 0 else "")
            for shot, (name, _) in enumerate(photos)
        ),
        trip.days,
    )
    for trip, photos in _MADE
)
