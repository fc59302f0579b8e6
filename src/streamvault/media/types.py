"""The MIME type of a file, guessed from its extension."""

from mimetypes import MimeTypes
from urllib.parse import quote

from streamvault.media.model import Kind

UNKNOWN = "application/octet-stream"
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


def type_of(name: str) -> str:
    """The MIME type of a file called `name`; UNKNOWN for an unknown extension."""
    guessed, encoding = _TYPES.guess_type(f"file:{quote(name, errors='replace')}")
    return _PACKED.get(encoding, UNKNOWN) if encoding else guessed or UNKNOWN


def kind_of(mime_type: str) -> Kind:
    """The kind under which Telegram's clients would list a file of this MIME type."""
    family = mime_type.partition("/")[0]
    return "video" if family == "video" else "audio" if family == "audio" else "document"
