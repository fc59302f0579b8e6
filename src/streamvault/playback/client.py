"""What a viewer's browser takes, as it says itself, corrected by what is known of browsers; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Engine = Literal["chromium", "firefox", "safari", ""]
Answer = Literal["yes", "no", "plain"]
"""plain: it plays, without a choice of sound and without subtitles."""

HLS = "hls"


@dataclass(frozen=True, slots=True)
class Client:
    """`containers`: what its media element opens, in the names of Facts.container and "hls". `codecs`: the codec
    strings (RFC 6381) that the element decodes; `mse`: those that MediaSource takes in fragmented MP4, empty without
    MediaSource. `languages`: the viewer's, best first, as BCP 47.
    """

    engine: Engine = ""
    containers: frozenset[str] = frozenset()
    codecs: frozenset[str] = frozenset()
    mse: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()

    def opens(self, container: str) -> "Opening":
        """Whether its media element opens files of this container."""
        for engine, named, answer, why in LIES:
            if engine == self.engine and named == container:
                return Opening(answer if answer != "plain" or container in self.containers else "no", why)
        taken = container in self.containers
        return Opening("yes" if taken else "no", "" if taken else f"The browser does not open {container} files.")


@dataclass(frozen=True, slots=True)
class Opening:
    """An answer and, unless it is yes, the reason in words."""

    answer: Answer
    why: str = ""


LIES: tuple[tuple[Engine, str, Answer, str], ...] = (
    # Firefox says that it takes Matroska (from 145 on), but reads the whole file before the first picture.
    ("firefox", "matroska", "no", "Firefox reads the whole of a Matroska file before it plays."),
    # Chromium says nothing of Matroska, and plays it as it plays WebM.
    ("chromium", "matroska", "yes", ""),
    # Chromium says "maybe" to HLS and plays it, but shows neither tracks of sound nor subtitles to choose from.
    ("chromium", HLS, "plain", "The browser's own HLS has no choice of sound and no subtitles."),
)
"""What is known better than the browser says: engine, container, the truth, and why."""

_ENGINES: tuple[tuple[Engine, re.Pattern[str]], ...] = (
    ("firefox", re.compile(r"Firefox/")),
    ("chromium", re.compile(r"Chrom(?:e|ium)/")),
    ("safari", re.compile(r"AppleWebKit/.+(?:Safari/|Mobile/)")),
)


def engine_of(user_agent: str) -> Engine:
    """The engine that a User-Agent field names; "" for others. Every browser of iOS is Safari's engine."""
    if re.search(r"(?:CriOS|FxiOS|EdgiOS)/", user_agent):
        return "safari"
    return next((engine for engine, pattern in _ENGINES if pattern.search(user_agent)), "")


_EVERYWHERE = re.compile(
    r"avc1\.(?:42|4d|64)[0-9a-f]{4}|mp4a\.40\.(?:2|5|29|34)|vp8|vp09\.00\.\d\d\.08|opus|vorbis|fLaC"
)
"""Codec strings that every browser of today decodes: no HEVC, AV1, AC-3 or pictures of 10 bits."""


def any_browser(codecs: Iterable[str]) -> Client:
    """A browser of which nothing is known: it takes what all take. `codecs`: those of the film."""
    taken = frozenset(codec for codec in codecs if _EVERYWHERE.fullmatch(codec))
    return Client(containers=frozenset({"mp4", "webm", "mp3", "flac", "wav", "ogg", HLS}), codecs=taken, mse=taken)
