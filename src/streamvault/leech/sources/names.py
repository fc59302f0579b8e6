"""The name of a file from what a server says, its address, its type and its first bytes; pure.

A name is decoded before it is taken apart, so that an encoded slash leads nowhere.
"""

import re
from urllib.parse import unquote_to_bytes

from streamvault.leech.sources.disposition import disposition_name, percent_decoded
from streamvault.leech.sources.magic import type_by_bytes
from streamvault.leech.sources.urls import Url
from streamvault.media.bidi import without_bidi_controls
from streamvault.media.types import UNKNOWN, ending_of, is_aside, known_type, split_ending, type_of, usual_ending

LONGEST = 255
"""Bytes of a name in UTF-8."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_SCRIPT = re.compile(r"\.(?:php\d?|aspx?|ashx|jspx?|cgi|do|action|pl|cfm)$", re.IGNORECASE)
"""Endings of programs that send a file, and are not its own."""
_ENDED = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{1,5}$")
"""What may be an ending, though not a known one."""
_QUERIED = ("response-content-disposition", "rscd", "filename", "file", "name", "fn", "title")


def name_of(disposition: bytes | None, urls: tuple[Url, ...], content_type: str, head: bytes) -> str:
    """A name without a folder and with an ending where one can be found. `urls`: the first address, and the last one
    that redirects led to; `content_type` as it was sent; `head`: the first bytes of the file.
    """
    told = clean(disposition_name(disposition)) if disposition else ""
    name = told or _of_addresses(urls)
    mime_type = _told_type(content_type) or type_by_bytes(head)
    if mime_type != "text/html":
        name = _SCRIPT.sub("", name) or name
    return name if told and _ENDED.search(name) else with_ending(name, mime_type)


def with_ending(name: str, mime_type: str) -> str:
    """`name` with the usual ending of a type, unless it has a known one; "" is an unknown type."""
    ending = usual_ending(mime_type) if mime_type and not ending_of(name) else ".bin"
    return name if ending == ".bin" else _cut(name, ending)


def mime_of(name: str, content_type: str, head: bytes) -> str:
    """The MIME type of a file: as told, unless that says nothing or the name knows better; else by its first bytes."""
    told, named = _told_type(content_type), type_of(name)
    if told and not (named != UNKNOWN and (told.startswith("text/") or is_aside(named))):
        return told
    return named if named != UNKNOWN else type_by_bytes(head) or UNKNOWN


def clean(name: str) -> str:
    """The last part of a path as a file may be called, at most LONGEST bytes with its ending kept; "" for nothing."""
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    shown = re.sub(r"\s+", " ", without_bidi_controls(_CONTROLS.sub(" ", last))).strip()
    stem, ending = split_ending(shown)
    return "" if not shown.strip(". ") else _cut(stem, ending)


def _cut(stem: str, ending: str) -> str:
    room = LONGEST - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + ending


def _told_type(content_type: str) -> str:
    told = known_type(content_type)
    return "" if told == "text/plain" else told


def _of_addresses(urls: tuple[Url, ...]) -> str:
    first, last = urls[0], urls[-1]
    found = [_segment(last), _segment(first), *_queried(last), *_queried(first)]
    ended = [name for name in found if ending_of(name)]
    return next(iter(ended), "") or found[0] or found[1] or clean(str(first.host)) or "file"


def _segment(url: Url) -> str:
    return clean(_text(unquote_to_bytes(url.path.rpartition("/")[2])))


def _queried(url: Url) -> list[str]:
    """Names in the query, the likeliest first."""
    fields = dict(reversed([field.partition("=")[::2] for field in url.query.split("&")]))
    found = []
    for key in _QUERIED:
        value = unquote_to_bytes(fields.get(key, "").replace("+", " "))
        text = disposition_name(value) if key in _QUERIED[:2] else percent_decoded(_text(value))
        found.append(clean(text))
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
