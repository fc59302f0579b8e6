"""What yt-dlp prints: its lines as values, and its messages as sentences; pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamvault.errors import LeechError, NotYet, SourceFailed, SourceRefused

LONGEST_REASON = 300
"""Characters of a sentence."""
_LEVEL = re.compile(r"^(ERROR|WARNING): (?:\[[^\]]*\] )?(?:[^\s:]{1,80}: )?(.*)$")
_ASIDE = re.compile(
    r"\s*\(caused by .*\)|;? ?please report this issue.*|\s*(?:Use|See|Try|Add) (?:--|http).*|;? ?(?:see|use) +--?.*",
    re.IGNORECASE | re.DOTALL,
)
_LOGIN = re.compile(r"//[^/@\s]*@")
_PASSING = re.compile(
    r"timed out|HTTP Error (?:408|425|429|5\d\d)|connection|temporar|unable to connect|IncompleteRead|EOF occurred|"
    r"Tunnel|try again|rate.?limit|fragment \d+ not found|bytes read",
    re.IGNORECASE,
)
_LARGEST = 1 << 60
_LIVE = re.compile(r"live HLS streams|does not pass filter.*!is_live|live event", re.IGNORECASE)
_SOON = re.compile(r"(?:begins?|starts?|premieres?) in (\d{1,4}) (minute|hour|day)s?", re.IGNORECASE)
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
LATER = "begins later, and is fetched when it is over"
LIVE = "this is a live stream, which has no end: add it again when it is over"


@dataclass(frozen=True, slots=True)
class Beside:
    """A file beside the video: subtitles in a language. `url`: where it is, or `path`: of the written one."""

    language: str
    ext: str
    url: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was found. `reference`: an entry of a list that was not looked into; `url` is its page then, else
    where its bytes are. `number`: in its list (from 1), None without one; `told`: entries that the list is said to
    have. `size` in bytes: `exact`, or estimated. `starts`: Unix seconds.
    """

    id: str
    title: str
    url: str | None
    ext: str = ""
    reference: bool = False
    number: int | None = None
    list_title: str | None = None
    told: int | None = None
    protocol: str = ""
    merged: bool = False
    headers: Mapping[str, str] | None = None
    cookies: bool = False
    live: str | None = None
    starts: float | None = None
    size: int | None = None
    exact: bool = False
    subtitles: tuple[Beside, ...] = ()
    picture: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is one file of a web server, that anybody can read who has its address."""
        return self.url is not None and self.protocol in ("http", "https") and not (self.merged or self.cookies)


@dataclass(frozen=True, slots=True)
class Progress:
    """Bytes of the file that is being fetched."""

    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """A complete video in the folder, by its path, and what belongs to it."""

    path: str
    subtitles: tuple[Beside, ...] = ()
    pictures: tuple[str, ...] = ()


def parse_line(line: str) -> Entry | Progress | Written | None:
    """What a line says; None for one that is not ours."""
    kind, _, text = line.partition(" ")
    if kind not in ("E", "P", "F"):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    if kind == "E":
        return _entry(value)
    return _progress(value) if kind == "P" else _written(value)


def error_of(messages: str) -> LeechError:
    """Why it ended, from its messages: the last error, else the last warning; NotYet for what begins later."""
    found = [match for line in messages.splitlines() if (match := _LEVEL.match(line))]
    if soon := _SOON.search(messages):
        return NotYet(LATER, retry_after=float(soon[1]) * _SECONDS[soon[2].lower()])
    if _LIVE.search(messages):
        return SourceRefused(LIVE)
    last = next((one for one in reversed(found) if one[1] == "ERROR"), found[-1] if found else None)
    if last is None:
        return SourceFailed("yt-dlp ended without saying why")
    text = _LOGIN.sub("//", last[2])
    reason = " ".join(_ASIDE.sub("", text).split()).rstrip(".;: ")[:LONGEST_REASON]
    kind = SourceFailed if _PASSING.search(text) else SourceRefused
    return kind(f"yt-dlp: {reason}" if reason else "yt-dlp found nothing there")


def _entry(value: Mapping[str, Any]) -> Entry:
    reference = str(value.get("_type") or "video").startswith("url")
    exact = _number(value.get("filesize"))
    url = value.get("url")
    page = value.get("webpage_url")
    headers = value.get("http_headers")
    live = value.get("live_status") or ("is_live" if value.get("is_live") else None)
    return Entry(
        id=str(value.get("id") or ""),
        title=str(value.get("title") or value.get("id") or ""),
        url=_text(page if reference and _is_web(page) else url),
        ext=str(value.get("ext") or ""),
        reference=reference,
        number=_number(value.get("playlist_index")),
        list_title=_text(value.get("playlist_title") or value.get("playlist")),
        told=_number(value.get("playlist_count")),
        protocol=str(value.get("protocol") or ""),
        merged=len(_list(value.get("requested_formats.:.protocol"))) > 1,
        headers={str(name): str(text) for name, text in headers.items()} if isinstance(headers, dict) else None,
        cookies=bool(value.get("cookies")),
        live=_text(live),
        starts=_number(value.get("release_timestamp")),
        size=exact or _number(value.get("filesize_approx")) or _estimated(value),
        exact=exact is not None,
        subtitles=_subtitles(value),
        picture=_text(value.get("thumbnail")),
    )


def _estimated(value: Mapping[str, Any]) -> int | None:
    """Bytes by duration (seconds) and bit rate (kbit/s)."""
    duration, rate = value.get("duration"), value.get("tbr")
    if isinstance(duration, int | float) and isinstance(rate, int | float):
        return _number(duration * rate * 125) or None
    return None


def _progress(value: Mapping[str, Any]) -> Progress:
    total = _number(value.get("total_bytes")) or _number(value.get("total_bytes_estimate"))
    return Progress(_number(value.get("downloaded_bytes")) or 0, total)


def _written(value: Mapping[str, Any]) -> Written | None:
    path = _text(value.get("filepath"))
    pictures = [_text(one.get("filepath")) for one in _list(value.get("thumbnails")) if isinstance(one, dict)]
    if path is None:
        return None
    return Written(path, _subtitles(value), tuple(one for one in pictures if one is not None))


def _subtitles(value: Mapping[str, Any]) -> tuple[Beside, ...]:
    found = value.get("requested_subtitles")
    if not isinstance(found, dict):
        return ()
    return tuple(
        Beside(str(language), str(one.get("ext") or ""), _text(one.get("url")), _text(one.get("filepath")))
        for language, one in found.items()
        if isinstance(one, dict)
    )


def _is_web(text: object) -> bool:
    return isinstance(text, str) and text.lower().startswith(("http://", "https://"))


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str | None:
    return str(value) if value else None


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 <= value < _LARGEST else None
