"""Albums, each posted together, and a single; their tracks are cuts of two recordings."""

from dataclasses import dataclass

from streamvault.demo.canvas import Still
from streamvault.demo.encode import Song
from streamvault.demo.entries import FAR_DC, FARTHER_DC, HOME_DC, Entry, Post, Recipes
from streamvault.demo.tunes import DORIAN, Tune

_DCS = (HOME_DC, FAR_DC, FARTHER_DC)
_PIANO, _GUITAR = Tune(71, root=185.0, pace=2), Tune(73, root=164.81, scale=DORIAN)
"""The recordings, each of which two albums share."""


@dataclass(frozen=True, slots=True)
class Album:
    """An album of 2 to 10 `titles`, posted `days` ago, with one cover."""

    slug: str
    artist: str
    title: str
    year: int
    cover: Still
    tune: Tune
    titles: tuple[str, ...]
    days: float

    def recipe_of(self, track: int) -> str:
        """The name of a track's file in the media folder; tracks count from 1."""
        return f"{self.slug}-{track:02}.mp3"

    def song(self, track: int) -> Song:
        """What a track's file is made of."""
        return Song(
            self.titles[track - 1], self.artist, self.title, self.cover, self.tune, 16 + 5 * track % 9, "libmp3lame",
            start=(2.5 * track + self.year) % 16, track=track,
        )  # fmt: skip

    def post(self) -> Post:
        """The album's messages; the first has the text."""
        text = f"{self.artist} – {self.title} ({self.year}) #album"
        entries = (
            Entry(
                self.recipe_of(track),
                f"{track:02} - {self.artist} - {title}.mp3",
                _DCS[track % len(_DCS)],
                text if track == 1 else "",
            )
            for track, title in enumerate(self.titles, 1)
        )
        return Post("music", tuple(entries), self.days)


ALBUMS = (
    Album(
        "salt", "Ada Fenn", "Salt Roads", 2019, Still("waves", 215, 4), _PIANO,
        ("Causeway", "Gull Arithmetic", "Salt Roads", "The Ferryman's Daughter"), 372.4,
    ),
    Album(
        "windows", "北窓四重奏", "十二の窓", 2021, Still("tiles", 20, 3), _GUITAR,
        ("雨戸", "廊下の光", "冬の硝子", "鍵のない窓", "夜明け前"), 214.6,
    ),
    Album(
        "ember", "Kestrel & Moss", "Ember Days", 2024, Still("forest", 40, 11), _GUITAR,
        ("Kindling", "Ash Wednesday Waltz", "Owl Hours", "Slow Smoke", "Last Log"), 73.2,
    ),
    Album(
        "low", "Ada Fenn", "Low Water", 2025, Still("coast", 280, 14), _PIANO,
        ("Harbour Bell", "Low Water", "Nine Stones", "Lantern Song", "Kelp", "All the Boats Are Home"), 12.5,
    ),
)  # fmt: skip
SINGLE = Album("single", "Kestrel & Moss", "Paper Boats", 2025, Still("arches", 200, 6), _GUITAR, ("Paper Boats",), 3.1)

RECIPES: Recipes = {
    album.recipe_of(track): album.song(track)
    for album in (*ALBUMS, SINGLE)
    for track in range(1, len(album.titles) + 1)
}
POSTS = (
    *(album.post() for album in ALBUMS),
    Post(
        "music", (Entry("single-01.mp3", "Kestrel & Moss - Paper Boats (single).mp3", FAR_DC, "#single"),), SINGLE.days
    ),
)
