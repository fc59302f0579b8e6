"""Films as people post them: qualities in their names, two versions of one, subtitles beside another, many scripts."""

import av

from streamvault.demo.canvas import Still
from streamvault.demo.content.series import SCORE
from streamvault.demo.encode import VIDEO_SIZE, Film, Subtitle
from streamvault.demo.entries import FAR_DC, FARTHER_DC, HOME_DC, Entry, Post, Recipes
from streamvault.demo.footage import Reel
from streamvault.demo.pictures import Size
from streamvault.demo.recipes import Text
from streamvault.demo.soundtrack import AudioTrack

HD: Size = VIDEO_SIZE
SD: Size = (480, 270)
SECONDS, FEATURE = 15, 40

_LINES = (
    (1.0, 4.0, "They said the tide would come at nine."),
    (4.5, 7.5, "It was late, like everybody on this island."),
    (9.0, 12.0, "– Did you lock the boat?\n– There is no boat."),
    (13.5, 16.5, "Then whose lamp is that on the water?"),
    (19.0, 22.0, "Nobody's. It comes every year."),
    (23.5, 26.5, "We let it pass, and we do not wave."),
    (30.0, 33.0, "– You waved.\n– I waved."),
    (35.0, 38.5, "And it waved back."),
)
_LONG_CAPTION = """\
Every autumn the village of Mirel lets four hundred paper lanterns go, one for each house that the lake has taken. This
year the lanterns do not drift away. They hang over the old church tower, which stands under water since the dam was
closed, and in the third night somebody begins to ring its bell.

A quiet film about a loud valley: three sisters, a surveyor who cannot swim, and a pike that everybody has met once.
Shot in eleven days with the people who live there, in the light of what they carried. The lake is played by itself.

Best picture at a festival that has no other prizes. Contains fog, bells, and one fish. The songs in the boat house were
sung by the makers of the lanterns, who also built the boats, and sank two of them.

#drama #lake #2019"""
_LONG_NAME = (
    "The Very Long and Entirely True Account of the Lamplighter Who Walked from One End of the Country to the Other "
    "and Back Again Because He Had Left the Kettle on, with All the People He Met, Three Songs, a Map That Folds out, "
    "and a Recipe for Plum Pie, Told by His Sister, Who Stayed at Home (2017)"
)


def _film(
    title: str,
    stills: tuple[Still, ...],
    *,
    start: float,
    size: Size = HD,
    codec: str = "libx264",
    seconds: int = SECONDS,
) -> Film:
    return Film(title, Reel(stills), seconds, (AudioTrack(SCORE, start=start),), codec=codec, size=size)


_TIDE = (
    Still("coast", 255, 3, "night"), Still("city", 240, 21, "night"), Still("lanterns", 265, 8, "night"),
    Still("forest", 285, 14, "night"), Still("coast", 300, 9),
)  # fmt: skip
_DAUGHTER = (Still("fields", 95, 2, "day"), Still("tree", 130, 4, "day"), Still("city", 60, 6))
_HEVC = "libx265" in av.codecs_available
"""Whether there is an encoder for a version that most browsers refuse."""

RECIPES: Recipes = {
    "night-tide-hd.mkv": Film(
        "Night Tide",
        Reel(_TIDE),
        FEATURE,
        (AudioTrack(SCORE, language="eng", title="English", start=0),),
        subtitles=tuple(Subtitle(*line) for line in _LINES),
        chapters=((0, "Nine o'clock"), (16, "The lamp"), (32, "Low water")),
    ),
    "night-tide-sd.mkv": _film("Night Tide", _TIDE, start=0, size=SD, seconds=FEATURE),
    "night-tide.srt": Text(
        "".join(
            f"{number}\n00:00:{start:06.3f} --> 00:00:{stop:06.3f}\n{text}\n\n".replace(".", ",", 2)
            for number, (start, stop, text) in enumerate(_LINES, 1)
        )
    ),
    "daughter.mp4": _film("The Cartographer's Daughter", _DAUGHTER, start=4),
    **(
        {"daughter-hevc.mkv": _film("The Cartographer's Daughter", _DAUGHTER, start=4, size=SD, codec="libx265")}
        if _HEVC else {}
    ),
    "mirel.mp4": _film(
        "Lanterns over Mirel", (Still("lanterns", 20, 1, "night"), Still("forest", 35, 5), Still("lanterns", 350, 4)),
        start=8,
    ),
    "sea-lamp.mp4": _film(
        "مصباح البحر", (Still("coast", 190, 7), Still("waves", 200, 2, "day"), Still("city", 215, 3, "night")), start=12
    ),
    "library.mp4": _film(
        "雨の図書館", (Still("rain", 250, 1), Still("tiles", 240, 6), Still("city", 265, 9, "night")), start=16
    ),
    "map.mp4": _film(
        "बारिश का नक्शा", (Still("fields", 145, 8), Still("rain", 165, 3), Still("tree", 120, 7, "day")), start=20
    ),
    "lamplighter.mp4": _film(
        "The Lamplighter", (Still("city", 310, 12), Still("tree", 330, 2), Still("forest", 300, 6, "night")), start=24
    ),
    "moons.mp4": _film(
        "Paper Moons", (Still("planet", 285, 5, "night"), Still("arches", 320, 3), Still("planet", 20, 8)), start=28
    ),
    "copper.mp4": _film(
        "Copper Sky", (Still("planet", 45, 2), Still("waves", 30, 5), Still("fields", 40, 4)), start=10
    ),
    "hello.mp4": Film(
        "Hello", Reel((Still("tree", 80, 9, "day"), Still("coast", 220, 5, "day"))), 6,
        (AudioTrack(SCORE, start=2),), size=(384, 384),
    ),
}  # fmt: skip


def _post(days: float, recipe: str, name: str, dc_id: int, caption: str = "") -> Post:
    return Post("films", (Entry(recipe, name, dc_id, caption),), days)


_DAUGHTER_NAME = "The.Cartographers.Daughter.2021"
_TIDE_NAME = "Night.Tide.2023"

POSTS = (
    _post(402.1, "copper.mp4", "Copper.Sky.1987.Remastered.720p.BluRay.x264.mp4", FAR_DC, "#scifi"),
    _post(310.4, "mirel.mp4", "Lanterns.Over.Mirel.2019.1080p.BluRay.x264.mp4", FAR_DC, _LONG_CAPTION),
    _post(251.7, "lamplighter.mp4", f"{_LONG_NAME}.mp4", HOME_DC),
    _post(190.3, "map.mp4", "बारिश का नक्शा (2018) 1080p.mp4", FARTHER_DC, "हर नक्शे में एक नदी कम है। #drama"),
    _post(128.9, "sea-lamp.mp4", "مصباح البحر (2022) 1080p WEB-DL.mp4", FAR_DC, "البحر يعرف الطريق. #drama"),
    _post(84.2, "library.mp4", "雨の図書館 (2020) 1080p.mp4", HOME_DC, "閉館は雨がやむまで。 #drama"),
    *(
        [_post(61.6, "daughter-hevc.mkv", f"{_DAUGHTER_NAME}.2160p.UHD.BluRay.x265.HEVC.mkv", FARTHER_DC, "#drama")]
        if _HEVC
        else []
    ),
    _post(61.5, "daughter.mp4", f"{_DAUGHTER_NAME}.1080p.BluRay.x264.mp4", FAR_DC, "#drama"),
    _post(
        33.8, "moons.mp4", "<script>alert('Paper Moons')</script> (2016) 1080p.mp4", FAR_DC, "Code as a title. #scifi"
    ),
    _post(9.6, "night-tide-sd.mkv", f"{_TIDE_NAME}.720p.WEB-DL.x264.mkv", HOME_DC, "#thriller"),
    _post(9.5, "night-tide-hd.mkv", f"{_TIDE_NAME}.1080p.WEB-DL.x264.mkv", FAR_DC, "Subtitles beside it. #thriller"),
    _post(9.4, "night-tide.srt", f"{_TIDE_NAME}.1080p.WEB-DL.x264.en.srt", FAR_DC),
    Post("everything", (Entry("hello.mp4", "", FAR_DC, round=True),), 2.2),
)
