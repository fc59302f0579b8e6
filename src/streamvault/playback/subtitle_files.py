"""Cues of subtitle files: SubRip, ASS and SSA, WebVTT; pure. Lenient, as players are: what is no cue is passed over."""

import re
from collections.abc import Callable, Iterator
from itertools import zip_longest

from streamvault.playback import subtitle_text
from streamvault.playback.webvtt import Cue

MOST_CUES = 50_000
"""Of one file; what is beyond them is left out."""

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,:](\d{1,3})"
_TIMING = re.compile(rf"^[ \t]*{_TIME}[ \t]*--?>[ \t]*{_TIME}[ \t]*([^\n]*)$", re.MULTILINE)
_ASS_TIME = re.compile(r"\s*(\d+):(\d{1,2}):(\d{1,2})[.:](\d{1,3})\s*")
_SETTING = re.compile(r"(?:vertical:(?:rl|lr)|(?:line|position|size|align):[A-Za-z0-9.,%-]{1,24})")
_NUMBER = re.compile(r"\n[ \t]*\n?[ \t]*\d+[ \t]*\n*\Z")
"""The number of the next cue."""
_BLOCK = re.compile(r"\n[ \t]*\n")

FORMATS = ("srt", "ass", "ssa", "vtt")


def cues_of_file(text: str, ending: str) -> list[Cue]:
    """The cues of a file by its ending, one of FORMATS; by its content where that is plainly another format."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = list(_limited(_reader(text, ending)(text)))
    return sorted(found)


def _reader(text: str, ending: str) -> Callable[[str], Iterator[Cue]]:
    if text.startswith("WEBVTT"):
        return _of_vtt
    if ending in ("ass", "ssa") or re.search(r"^\[Script Info\]", text[:4096], re.MULTILINE | re.IGNORECASE):
        return _of_ass
    return _of_vtt if ending == "vtt" else _of_srt


def _limited(cues: Iterator[Cue]) -> Iterator[Cue]:
    for number, cue in enumerate(cues):
        if number >= MOST_CUES:
            return
        if cue.text and cue.end > cue.start:
            yield cue


def _of_srt(text: str) -> Iterator[Cue]:
    """A cue ends where the next one begins: some writers leave empty lines inside."""
    timings = list(_TIMING.finditer(text))
    for timing, after in zip_longest(timings, timings[1:]):
        body = text[timing.end() : after.start() if after else len(text)]
        yield Cue(*_times(timing), subtitle_text.of_srt(_NUMBER.sub("", body) if after else body))


def _of_vtt(text: str) -> Iterator[Cue]:
    """A cue ends at an empty line."""
    for timing in _TIMING.finditer(text):
        end = _BLOCK.search(text, timing.end())
        settings = " ".join(word for word in timing[9].split() if _SETTING.fullmatch(word))
        body = text[timing.end() : end.start() if end else len(text)]
        yield Cue(*_times(timing), subtitle_text.of_vtt(body), settings)


def _times(timing: re.Match[str]) -> tuple[int, int]:
    first, last = timing.groups()[:4], timing.groups()[4:8]
    return _milliseconds(*first), _milliseconds(*last)


def _milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(fraction.ljust(3, "0"))


def _of_ass(text: str) -> Iterator[Cue]:
    names = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
    events = False
    for line in text.split("\n"):
        kind, colon, rest = line.partition(":")
        kind = kind.strip().lower()
        if kind.startswith("["):
            events = kind.startswith("[events")
        elif events and colon and kind == "format":
            names = [name.strip().lower() for name in rest.split(",")]
        elif events and colon and kind == "dialogue":
            fields = dict(zip(names, rest.split(",", len(names) - 1), strict=False))
            start, end = (_ASS_TIME.fullmatch(fields.get(name, "")) for name in ("start", "end"))
            if start and end:
                times = _milliseconds(*start.groups()), _milliseconds(*end.groups())
                yield Cue(*times, subtitle_text.of_ass(fields.get("text", "")))
