"""The type of a file by its first bytes; pure."""

import re

LOOKED_AT = 1024
"""First bytes that are enough."""

_TYPES = [
    (re.compile(pattern, re.DOTALL), mime_type)
    for pattern, mime_type in (
        (rb"\x1a\x45\xdf\xa3.{0,60}webm", "video/webm"),
        (rb"\x1a\x45\xdf\xa3", "video/x-matroska"),
        (rb".{4}ftyp(?:M4A|M4B)", "audio/mp4"),
        (rb".{4}ftypqt", "video/quicktime"),
        (rb".{4}ftyp(?:avif|avis)", "image/avif"),
        (rb".{4}ftyp(?:heic|heix|hevc|mif1)", "image/heic"),
        (rb".{4}(?:ftyp|moov|mdat)", "video/mp4"),
        (rb"RIFF.{4}AVI ", "video/x-msvideo"),
        (rb"RIFF.{4}WAVE", "audio/wav"),
        (rb"RIFF.{4}WEBP", "image/webp"),
        (rb"OggS.{24,40}(?:\x80theora|\x01video)", "video/ogg"),
        (rb"OggS", "audio/ogg"),
        (rb"fLaC", "audio/flac"),
        (rb"ID3|\xff[\xfb\xfa\xf3\xf2]", "audio/mpeg"),
        (rb"FLV\x01", "video/x-flv"),
        (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
        (rb"\x00\x00\x01[\xba\xb3]", "video/mpeg"),
        (rb"(?:\x47.{187}){2}\x47", "video/mp2t"),
        (rb"(?:.{4}\x47.{187}){3}", "video/mp2t"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"%PDF-", "application/pdf"),
        (rb"PK\x03\x04.{26}mimetypeapplication/epub\+zip", "application/epub+zip"),
        (rb"PK\x03\x04", "application/zip"),
        (rb"Rar!\x1a\x07", "application/vnd.rar"),
        (rb"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (rb"\x1f\x8b\x08", "application/gzip"),
        (rb"BZh[1-9]1AY", "application/x-bzip2"),
        (rb"\xfd7zXZ\x00", "application/x-xz"),
    )
]
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<!--(?:(?!-->).)*+-->|<\?xml[^>]*+>)*+<(?:!doctype\s+html|html|head|body)[\s>]",
    re.DOTALL | re.IGNORECASE,
)


def type_by_bytes(head: bytes) -> str:
    """The MIME type of a file that begins with `head`, or ""."""
    return next((mime_type for pattern, mime_type in _TYPES if pattern.match(head)), "")


def begins_page(head: bytes) -> bool:
    """Whether a web page begins like this."""
    return _PAGE.match(head[:LOOKED_AT]) is not None
