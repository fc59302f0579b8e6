"""Two series: their seasons, posted an episode a week, and one episode in two versions."""

from dataclasses import dataclass

from streamvault.demo.canvas import Still
from streamvault.demo.colours import Tone
from streamvault.demo.encode import Film
from streamvault.demo.entries import FAR_DC, HOME_DC, Entry, Post, Recipes
from streamvault.demo.footage import Reel
from streamvault.demo.pictures import Size
from streamvault.demo.soundtrack import AudioTrack
from streamvault.demo.tunes import Tune

SCORE = Tune(61, root=196.0, pace=2)
"""What is heard in all of them; each begins elsewhere in it."""
SIZE: Size = (480, 270)
SECONDS = 12
WEEK = 7


@dataclass(frozen=True, slots=True)
class Season:
    """Episode titles; the first one was posted `days` ago. The hue wanders from episode to episode, from `hue` on."""

    number: int
    days: float
    hue: float
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A series whose episodes are cut from pictures of `motifs`; `quality` is how their names end."""

    slug: str
    title: str
    motifs: tuple[tuple[str, Tone], ...]
    quality: str
    seasons: tuple[Season, ...]


HARBOUR = Series(
    "harbour", "Harbour Lights",
    (("coast", "dusk"), ("city", "night"), ("coast", "day"), ("lanterns", "night"), ("forest", "dusk")),
    "1080p.WEB-DL.x264",
    (
        Season(1, 120.2, 205, (
            "The First Ferry", "Salt and Rope", "A Lamp Unlit", "The Pilot's Widow", "Ninety Fathoms", "Slack Water",
        )),
        Season(2, 24.2, 330, ("What the Fog Kept", "Two Keepers", "The Green Buoy")),
    ),
)  # fmt: skip
ORCHARD = Series(
    "orchard", "The Quiet Orchard",
    (("tree", "day"), ("fields", "dusk"), ("forest", "day"), ("tree", "dusk"), ("rain", "dusk")),
    "1080p.WEBRip.x264",
    (Season(1, 59.3, 85, ("Windfall", "The Grafting Knife", "Bees in March", "A Wall of Pears", "The Last Crate")),),
)  # fmt: skip
ALL = (HARBOUR, ORCHARD)
SECOND_VERSION = ("orchard", 1, 3)
"""The series, season and episode that is also posted in 720p."""


def recipe_of(series: Series, season: Season, episode: int) -> str:
    """The name of an episode's file in the media folder."""
    return f"{series.slug}-s{season.number}e{episode}.mp4"


def name_of(series: Series, season: Season, episode: int, *, quality: str = "") -> str:
    """The name under which an episode is posted."""
    told = f"{series.title} S{season.number:02}E{episode:02} {season.titles[episode - 1]}".replace("'", "")
    return f"{told.replace(' ', '.')}.{quality or series.quality}.mp4"


def _film(series: Series, season: Season, episode: int) -> Film:
    turn = episode + 2 * season.number
    stills = []
    for shot in range(2):
        motif, tone = series.motifs[(turn + 2 * shot) % len(series.motifs)]
        stills.append(Still(motif, season.hue + 23 * episode + 40 * shot, seed=10 * season.number + episode, tone=tone))
    title = f"{series.title} S{season.number:02}E{episode:02}"
    return Film(title, Reel(tuple(stills)), SECONDS, (AudioTrack(SCORE, start=3.0 * turn),), size=SIZE)


def _entries(series: Series, season: Season, episode: int) -> tuple[Entry, ...]:
    recipe, caption = recipe_of(series, season, episode), f"{season.titles[episode - 1]} #series"
    first = Entry(recipe, name_of(series, season, episode), FAR_DC if episode % 2 else HOME_DC, caption)
    if (series.slug, season.number, episode) != SECOND_VERSION:
        return (first,)
    return (first, Entry(recipe, name_of(series, season, episode, quality="720p.WEBRip.x264"), HOME_DC, caption))


_EPISODES = [
    (series, season, episode)
    for series in ALL
    for season in series.seasons
    for episode in range(1, len(season.titles) + 1)
]
RECIPES: Recipes = {recipe_of(*one): _film(*one) for one in _EPISODES}
POSTS = tuple(
    Post("series", (entry,), season.days - WEEK * (episode - 1) - 0.01 * version)
    for series, season, episode in _EPISODES
    for version, entry in enumerate(_entries(series, season, episode))
)
