"""Extended M3U as VLC and Kodi read it; pure. One file is two lines, whatever characters its name contains."""

import re

from streamvault.http.headers import content_type
from streamvault.media.bidi import without_bidi_controls
from streamvault.media.model import MediaFile
from streamvault.media.nameless import visible
from streamvault.media.types import is_playable as is_playable_type

HEAD = "#EXTM3U\n"

_BREAKING = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")


def is_playable(file: MediaFile) -> bool:
    """Whether a media player can open it: most players stop a playlist at a file that they cannot play."""
    return is_playable_type(content_type(file))


def lines(
    file: MediaFile, *, address: str, cover: str | None, group: str | None, browser: tuple[str, str] | None = None
) -> str:
    """The two lines of one file; `address` and `cover` are absolute URLs, `group` is a channel's title.

    `browser`: how it plays in a browser, and why not a cheaper way; attributes that players ignore.
    """
    seconds = -1 if file.duration is None else max(0, round(file.duration))
    way, reason = browser or (None, None)
    named = (("tvg-logo", cover), ("group-title", group), ("browser", way), ("browser-reason", reason))
    attributes = "".join(f' {name}="{_attribute(value)}"' for name, value in named if value)
    return f"#EXTINF:{seconds}{attributes},{_name(file)}\n{address}\n"


def comment(text: str) -> str:
    """A line that players ignore."""
    return f"# {_one_line(text)}\n"


def _name(file: MediaFile) -> str:
    title, performer = _plain(visible(file.title)), _plain(visible(file.performer))
    return " - ".join(filter(None, (performer, title))) if title else _plain(visible(file.name)) or "file"


def _plain(name: str) -> str:
    """`name` with lookalikes of comma and dash, before which VLC expects the performer."""
    return _one_line(name).replace(",", "\u201a").replace(" - ", " \u2013 ")


def _attribute(value: str) -> str:
    """`value` without quotation marks and commas, at which players end an attribute or all of them."""
    return _one_line(value).replace('"', "'").replace(",", " ")


def _one_line(text: str) -> str:
    whole = without_bidi_controls(text).encode("utf-8", "replace").decode()
    return _BREAKING.sub(" ", whole).strip()
