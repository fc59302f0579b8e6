"""MIME types of files by their endings, and the types that senders write, as players know them; pure."""

import re

from streamvault.media.model import Kind
from streamvault.media.type_tables import ALIASES, ENDINGS, GENERIC, LISTS, SUBTITLES

UNKNOWN = "application/octet-stream"
MIB = 1 << 20

_BY_ENDING = {ending: mime_type for mime_type, endings in ENDINGS.items() for ending in endings.split()}
_USUAL = {mime_type: f".{endings.split()[0]}" for mime_type, endings in ENDINGS.items()}
_KNOWN_AS = {alias: mime_type for mime_type, aliases in ALIASES.items() for alias in aliases.split()}
_MIME = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,8})\s*$")
_SPACED = re.compile(
    r"(?:[^\W_]|[)\]])[\s_-]++(mkv|mp4|avi|webm|wmv|flv|m4v|mpe?g|rmvb|m2ts|mp3|flac|m4a|m4b|ogg|opus|wma)\s*$",
    re.IGNORECASE,
)
"""An ending whose dot became a space, as some programs do with all dots of a name."""


def type_of(name: str) -> str:
    """The MIME type of a file called `name`; UNKNOWN for an unknown ending."""
    return _BY_ENDING.get(ending_of(name).lower().removeprefix("."), UNKNOWN)


def ending_of(name: str) -> str:
    """The ending of `name` with a dot, if it is a known one, else ""."""
    return split_ending(name)[1]


def split_ending(name: str) -> tuple[str, str]:
    """`name` without its ending, and the ending with a dot; "" without a known one."""
    found = _ENDING.search(name) or _SPACED.search(name)
    if found is None or found[1].lower() not in _BY_ENDING:
        return name, ""
    return name[: found.start(1) - 1], f".{found[1]}"


def usual_ending(mime_type: str) -> str:
    """The ending for files of this type, with its dot; ".bin" for an unknown one."""
    return _USUAL.get(mime_type, ".bin")


def known_type(mime_type: str) -> str:
    """A sender's type without parameters, as players know it; "" for one that is malformed or tells nothing."""
    given = mime_type.partition(";")[0].strip().lower()
    if not _MIME.fullmatch(given) or given in GENERIC:
        return ""
    return _KNOWN_AS.get(given, given)


def kind_of(mime_type: str) -> Kind:
    """The kind of a file of this MIME type: "video", "audio", or "document" for everything else."""
    if mime_type in LISTS:
        return "document"
    family = "video" if mime_type == "application/mxf" else mime_type.partition("/")[0]
    return "video" if family == "video" else "audio" if family == "audio" else "document"


def is_playable(mime_type: str) -> bool:
    """Whether media players open files of this type: films, music and pictures, but no playlists and no SVG."""
    return kind_of(mime_type) != "document" or (mime_type.startswith("image/") and mime_type != "image/svg+xml")


def picture_type(data: bytes) -> str:
    """The type of a picture by its first bytes; JPEG, which Telegram's thumbnails are, for all that are not known."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"GIF8"):
        return "image/gif"
    return "image/webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else "image/jpeg"


def is_subtitle(mime_type: str) -> bool:
    """Whether it is a type of subtitles or of the words of a song."""
    return mime_type in SUBTITLES


def is_aside(mime_type: str) -> bool:
    """Whether it is the type of subtitles, playlists and the like, of which the name knows better than any sender."""
    return mime_type in LISTS or is_subtitle(mime_type)
