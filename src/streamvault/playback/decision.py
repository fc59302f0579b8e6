"""How a browser plays a film: facts and what the browser takes -> a way, and why none of the others; pure.

The page asks the browser about the codec strings that /api/facts names and sends the answers back as query parameters
of the same address; the server decides. So there is one decision, here, tested without a browser, and every client
that can state what it takes gets it too. The price is a second request, which needs no bytes of the film.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from streamvault.playback.choices import TEXT_SUBTITLES, ranked_sounds, subtitles_for
from streamvault.playback.client import HLS, Client
from streamvault.playback.model import Facts, Track
from streamvault.playback.refusals import is_decoded, reason_of

Way = Literal["direct", "hls", "hls.js", "player"]
"""direct: the file as it is. hls: by the browser's own HLS. hls.js: by a script. player: a program
such as VLC."""
WAYS: tuple[Way, ...] = ("direct", "hls", "hls.js", "player")
"""From the cheapest on."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the viewer chose, as indices of tracks; None: nothing yet. `menus`: a choice of tracks is wanted."""

    audio: int | None = None
    menus: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """`way`, and `reasons`: for each of the other ways, why it is not taken.

    `audio`, `subtitles`: indices of the tracks to begin with, None for none. `seeks`: False where seeking
    would stop the film, with the reason in `warning`.
    """

    way: Way
    reasons: Mapping[Way, str]
    audio: int | None = None
    subtitles: int | None = None
    seeks: bool = True
    warning: str = ""


def decide(facts: Facts, client: Client, *, wish: Wish | None = None, repackages: bool = True) -> Decision:
    """The first way that works. `repackages` False: this server makes neither HLS nor subtitles of films.

    Raises ValueError for a sound that the file does not have.
    """
    wish = wish or Wish()
    sound = _sound(facts, client, wish, repackages=repackages)
    tests: dict[Way, Callable[[], str]] = {
        "direct": lambda: _not_direct(facts, client, sound),
        "hls": lambda: _not_made(facts, sound, repackages=repackages) or _not_native(facts, client, wish),
        "hls.js": lambda: _not_made(facts, sound, repackages=repackages) or _not_by_script(facts, client),
    }
    reasons: dict[Way, str] = {}
    for way, why_not in tests.items():
        reasons[way] = why_not()
        if not reasons[way]:
            return _taken(way, reasons, facts, client, sound, repackages=repackages)
    return _taken("player", reasons, facts, client, sound, repackages=repackages)


def _taken(
    way: Way, reasons: Mapping[Way, str], facts: Facts, client: Client, sound: Track | None, *, repackages: bool
) -> Decision:
    rest = {other: reasons.get(other) or f"Not needed: {_WORKS[way]}." for other in WAYS if other != way}
    fetched = facts.of_type("subtitle") if repackages else ()
    shown = subtitles_for(fetched, sound, client.languages)
    warning = _unsafe_seeks(facts, client) if way in ("direct", "hls", "hls.js") else ""
    return Decision(
        way,
        MappingProxyType(rest),
        audio=None if sound is None else sound.index,
        subtitles=None if shown is None else shown.index,
        seeks=not warning,
        warning=warning,
    )


_WORKS: Mapping[Way, str] = {
    "direct": "the browser plays the file as it is",
    "hls": "the browser plays it by HLS",
    "hls.js": "the page plays it by HLS",
    "player": "no way works in this browser",
}


def _sound(facts: Facts, client: Client, wish: Wish, *, repackages: bool) -> Track | None:
    """The chosen sound; else the best that some way can play, or the best where none can."""
    sounds = facts.of_type("audio")
    if wish.audio is not None:
        chosen = next((track for track in sounds if track.index == wish.audio), None)
        if chosen is None:
            there = ", ".join(str(track.index) for track in sounds) or "none"
            raise ValueError(f"track {wish.audio} is no sound of this file; its sounds are: {there}")
        return chosen
    ranked = ranked_sounds(sounds, client.languages)
    by_hls = not _not_native(facts, client, wish) or not _not_by_script(facts, client)

    def plays(track: Track) -> bool:
        return not _not_direct(facts, client, track) or (by_hls and not _not_made(facts, track, repackages=repackages))

    return next((track for track in ranked if plays(track)), ranked[0] if ranked else None)


def _not_direct(facts: Facts, client: Client, sound: Track | None) -> str:
    opening = client.opens(facts.container)
    if opening.answer == "no":
        return opening.why
    video = facts.video
    if video is None and sound is None:
        return "The file has neither pictures nor sound."
    if video is not None and video.codec_string not in client.codecs:
        return f"The browser does not decode {_named(video)}."
    if sound is None:
        return ""
    if sound.codec_string not in client.codecs:
        return f"The browser does not decode the sound, {_named(sound)}: it would play in silence."
    if sound.index != facts.of_type("audio")[0].index:
        return "The browser plays only the first sound of the file, and another one is wanted."
    return ""


def _not_made(facts: Facts, sound: Track | None, *, repackages: bool) -> str:
    """Why the server cannot make HLS of it; "" where it can."""
    if not repackages:
        return "This server repackages no films (PLAYBACK_SLOTS=0)."
    if reason := facts.reason or reason_of(facts):
        return _sentence(reason)
    if facts.video is None:
        return "The file has no pictures, and sound alone is not repackaged."
    if sound is not None and not is_decoded(sound):
        return f"The sound, {_named(sound)}, cannot be decoded by this server."
    return ""


def _not_native(facts: Facts, client: Client, wish: Wish) -> str:
    opening = client.opens(HLS)
    if opening.answer == "no":
        return opening.why or "The browser has no HLS of its own."
    if facts.video is not None and facts.video.codec_string not in client.codecs:
        return f"The browser does not decode {_named(facts.video)}."
    texts = [track for track in facts.of_type("subtitle") if track.codec in TEXT_SUBTITLES]
    chooses = wish.menus and (len(facts.of_type("audio")) > 1 or bool(texts))
    if opening.answer == "plain" and (wish.audio is not None or (chooses and not _not_by_script(facts, client))):
        return opening.why
    if opening.answer == "plain" and not facts.seekable and not _not_by_script(facts, client):
        return "The browser's own HLS stops at some seeks in a film without an index."
    return ""


def _not_by_script(facts: Facts, client: Client) -> str:
    if not client.mse:
        return "The browser has no MediaSource, which a script needs to play."
    if facts.video is not None and facts.video.codec_string not in client.mse:
        return f"The browser's MediaSource does not take {_named(facts.video)}."
    return ""


def _unsafe_seeks(facts: Facts, client: Client) -> str:
    if facts.open_gop and client.engine == "chromium":
        return (
            "This browser's decoder stops when it seeks in this film, whose groups of pictures are open. "
            "Play it from the beginning, or seek in a player such as VLC."
        )
    return ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def _named(track: Track) -> str:
    shown = track.codec or "an unknown codec"
    return f"{shown} ({track.codec_string})" if track.codec_string else shown
