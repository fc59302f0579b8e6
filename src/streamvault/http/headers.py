"""Header fields that describe a file: its type, its name, its validators; pure."""

import re
import unicodedata
from mimetypes import MimeTypes
from urllib.parse import quote

from streamvault.http.conditions import Validators
from streamvault.media.model import MediaFile

MAX_NAME = 120
"""Characters of a file name in a header; longer ones lose their middle, and keep their extension."""

_ATTR_CHARS = "!#$&+-.^_`|~"
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_SEPARATORS = re.compile(r"[/\\]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_NOT_PLAIN = re.compile(r'["%/\\]|[^\x20-\x7e]')
_UNNAMED = "application/octet-stream"
_TYPES = MimeTypes(filenames=())
for _type, _extensions in {
    "video/x-matroska": ".mkv",
    "video/mp2t": ".ts .m2ts",
    "video/ogg": ".ogv",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a .m4b",
    "audio/ogg": ".ogg .oga .opus",
    "audio/x-matroska": ".mka",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "application/x-subrip": ".srt",
    "application/x-tgsticker": ".tgs",
    "application/epub+zip": ".epub",
    "application/x-7z-compressed": ".7z",
    "application/vnd.rar": ".rar",
    "text/vtt": ".vtt",
}.items():
    for _extension in _extensions.split():
        _TYPES.add_type(_type, _extension)
_PACKED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_HARMLESS = re.compile(r"(?:video|audio|image)/(?!svg).*|application/pdf", re.IGNORECASE)
SANDBOX = "sandbox; default-src 'none'"
"""What a file that a browser might run as a page of ours may do: nothing."""


def validators(file: MediaFile) -> Validators:
    """A Telegram document never changes, so that its identity and size make a strong entity tag."""
    parts = (file.key.file_unique_id, f"{file.size:x}", file.key.thumb_size)
    tag = "-".join(quote(part, safe="") for part in parts if part)
    return Validators(f'"{tag}"', file.modified)


def content_type(file: MediaFile) -> str:
    """The file's media type without parameters; guessed from its name where the sender gave none."""
    given = file.mime_type.partition(";")[0].strip().lower()
    if _MIME.fullmatch(given) and given != _UNNAMED:
        return given
    guessed, encoding = _TYPES.guess_type(f"file:{quote(file.name, errors='replace')}")
    return _PACKED.get(encoding, _UNNAMED) if encoding else guessed or _UNNAMED


def security(media_type: str) -> dict[str, str]:
    """Fields that keep a file from running on our origin, whatever it claims to be."""
    fields = {"X-Content-Type-Options": "nosniff"}
    return fields if _HARMLESS.fullmatch(media_type) else fields | {"Content-Security-Policy": SANDBOX}


def content_disposition(name: str, *, download: bool) -> str:
    """RFC 6266 with an ASCII fallback, and RFC 8187's `filename*` where that loses something."""
    kind = "attachment" if download else "inline"
    shown = _presentable(name)
    plain = "".join(char for char in unicodedata.normalize("NFKD", shown) if not unicodedata.combining(char))
    ascii_name = _NOT_PLAIN.sub("_", plain).strip(" .") or "file"
    field = f'{kind}; filename="{ascii_name}"'
    return field if ascii_name == shown else f"{field}; filename*=UTF-8''{quote(shown, safe=_ATTR_CHARS)}"


def _presentable(name: str) -> str:
    """`name` without what a file system or a reader could be fooled by; never empty, "." or ".."."""
    whole = name.encode("utf-8", "replace").decode()
    text = _SEPARATORS.sub("_", _UNSEEN.sub(" ", whole)).strip(" .")
    if len(text) > MAX_NAME:
        text = f"{text[: MAX_NAME - 31]}…{text[-30:]}"
    return text or "file"
