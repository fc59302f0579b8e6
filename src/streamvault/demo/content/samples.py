"""A file of each kind and container, with names in several scripts, as the newest posts."""

from streamvault.demo import palettes
from streamvault.demo.canvas import Still
from streamvault.demo.encode import Film, Song, Subtitle
from streamvault.demo.entries import FAR_DC, FARTHER_DC, HOME_DC, Entry, Recipes, one_by_one
from streamvault.demo.recipes import Archive, Leaflet, Photo, Sticker, Voice
from streamvault.demo.soundtrack import AudioTrack
from streamvault.demo.tunes import DORIAN, Tune

_DUNES_LINES = (
    Subtitle(1.0, 4.5, "The sand was here before the road."),
    Subtitle(6.0, 9.5, "It moves a little every night,"),
    Subtitle(10.0, 13.0, "and nobody has seen it walk."),
    Subtitle(15.0, 18.5, "By evening the wind is tired,"),
    Subtitle(19.0, 22.5, "and the dunes lie down again."),
)

_DUNES_STYLED = r"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour
Style: Default,Sans,20,&H00FFFFFF

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:04.50,Default,,0,0,0,,Der Sand war vor der Straße da.
Dialogue: 0,0:00:06.00,0:00:09.50,Default,,0,0,0,,Er wandert {\i1}jede{\i0} Nacht ein wenig,
Dialogue: 0,0:00:10.00,0:00:13.00,Default,,0,0,0,,und niemand\Nhat ihn gehen sehen.
Dialogue: 0,0:00:15.00,0:00:18.50,Default,,0,0,0,,{\b1}Am Abend{\b0} ist der Wind müde,
Dialogue: 0,0:00:19.00,0:00:22.50,Default,,0,0,0,,und die Dünen legen sich wieder hin.
"""

RECIPES: Recipes = {
    "ridge-line.mp4": Film(
        "Ridge Line", palettes.RIDGES, 24, (AudioTrack(Tune(1)),), container=(("movflags", "+faststart"),)
    ),
    "night-tide.mp4": Film("Night Tide", palettes.TIDE, 20, (AudioTrack(Tune(8, root=174.61, pace=2, scale=DORIAN)),)),
    "aurora.webm": Film("Aurora", palettes.AURORA, 16, (AudioTrack(Tune(4, pace=2), "libopus"),), codec="libvpx"),
    "dunes.mkv": Film(
        "Dunes",
        palettes.DUNES,
        24,
        (
            AudioTrack(Tune(6, root=196.0), "aac", "eng", "English"),
            AudioTrack(Tune(7, root=146.83, scale=DORIAN), "ac3", "deu", "Deutsch", "5.1"),
        ),
        subtitles=_DUNES_LINES,
        styled=_DUNES_STYLED,
        chapters=((0, "Morning"), (8, "Noon"), (16, "Evening")),
    ),
    "dusk.mkv": Film(
        "Dusk",
        palettes.EMBER,
        16,
        (AudioTrack(Tune(9, root=164.81), "ac3", "eng", "English", "5.1"),),
        size=(320, 180),
        indexed=False,
    ),
    "drift.mp4": Film(
        "Drift", palettes.MEADOW, 6, size=(480, 270), container=(("movflags", "+faststart"),), clock=False
    ),
    "first-light.mp3": Song(
        "First Light", "The Emulators", "Loopback", palettes.RIDGES, Tune(21, root=196.0), 28, "libmp3lame"
    ),
    "glacier.flac": Song(
        "Glacier", "The Emulators", "Loopback", palettes.ICE, Tune(22, root=164.81, pace=1.5), 24, "flac"
    ),
    "campfire.mp3": Song(
        "Campfire", "Kestrel & Moss", "Ember Days", palettes.EMBER, Tune(23, pace=3, scale=DORIAN), 22, "libmp3lame"
    ),
    "note.ogg": Voice(Tune(31, root=261.63, pace=4), 9),
    "meadow.jpg": Photo(palettes.MEADOW, 0.42),
    "ice.jpg": Photo(palettes.ICE, 0.9, size=(1280, 1280)),
    "ember.jpg": Photo(palettes.EMBER, 0.85, size=(1067, 1600)),
    "dunes.jpg": Photo(palettes.DUNES, 0.97, size=(1800, 1013)),
    "sun.webp": Sticker(palettes.RIDGES, 0.4),
    "moon.webp": Sticker(Still("planet", 275, 2, "night")),
    "guide.pdf": Leaflet(
        "StreamVault demo",
        (
            "Everything in these channels was made on this machine a moment ago.",
            "Post a file in one of the channels and it can be streamed at once.",
            "Nothing here talks to the real Telegram.",
        ),
    ),
    "notes.zip": Archive(
        palettes.AURORA,
        (
            ("readme.txt", "A zip file. It can be downloaded, in pieces and from any byte on.\n"),
            ("notes/tuning.txt", "A = 440 Hz. The melodies walk a scale from a seed.\n"),
        ),
    ),
}

FILMS = (
    Entry("drift.mp4", "drift.gif.mp4", FAR_DC),
    Entry(
        "dunes.mkv",
        "كثبان الرمل – Dunes.mkv",
        FAR_DC,
        "Two audio tracks (AAC, AC-3 5.1), subtitles (SRT, ASS) and chapters.",
    ),
    Entry("dusk.mkv", "Dusk (no index).mkv", FAR_DC, "AC-3 5.1 in a Matroska file without an index."),
    Entry("aurora.webm", "极光之夜 · Aurora.webm", HOME_DC, "VP8 and Opus, as recorded by a browser."),
    Entry("night-tide.mp4", "Ночной прилив (late moov).mp4", FARTHER_DC, "The index of this MP4 is at its end."),
    Entry("ridge-line.mp4", "Ridge Line (2024).mp4", FAR_DC, "One day over the ridges. Seek: the clock follows."),
)
MUSIC = (
    Entry("note.ogg", "", FAR_DC),
    Entry("campfire.mp3", "Лагерный костёр.mp3", HOME_DC),
    Entry("glacier.flac", 'Glacier "live" – 冰川.flac', FARTHER_DC),
    Entry("first-light.mp3", "01 First Light.mp3", FAR_DC),
)
EVERYTHING = (
    Entry("", "Archive, 3 GB.bin", FAR_DC, "Synthetic: no disk holds it, yet every byte can be asked for."),
    Entry("notes.zip", "ملاحظات 📝.zip", HOME_DC),
    Entry("guide.pdf", "What is this? 100% guide #1.pdf", FARTHER_DC),
    Entry("moon.webp", "sticker.webp", HOME_DC, emoji="🪐"),
    Entry("sun.webp", "sun.webp", FAR_DC),
    Entry("dunes.jpg", "夕阳 & dunes.jpg", FARTHER_DC, "A picture sent as a file.", plain=True),
    Entry("ember.jpg", "", FAR_DC, "Ember"),
    Entry("ice.jpg", "", HOME_DC, "Ледник на закате"),
    Entry("meadow.jpg", "", FAR_DC, "Meadow, early"),
)

APART = 47 / 1440
"""Days between two of these posts."""
POSTS = (
    *one_by_one("everything", EVERYTHING, days=18 * APART, apart=APART),
    *one_by_one("music", MUSIC, days=9 * APART, apart=APART),
    *one_by_one("films", FILMS, days=5 * APART, apart=APART),
)
