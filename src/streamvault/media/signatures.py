"""The first bytes by which players know a file; pure."""

import re

LONGEST = 3 * 188
"""Bytes that `begins_file` looks at."""

_SIGNATURES = re.compile(
    rb"\x1a\x45\xdf\xa3"  # Matroska, WebM
    rb"|.{4}(?:ftyp|moov|mdat|free|skip|wide|pnot)"  # MP4, QuickTime
    rb"|RIFF.{4}(?:AVI |WAVE|WEBP)"
    rb"|\x30\x26\xb2\x75\x8e\x66\xcf\x11"  # ASF: WMV, WMA
    rb"|FLV\x01|\.RMF|OggS|fLaC|ID3|MAC |wvpk|FORM.{4}AIFF?"
    rb"|\x00\x00\x01(?:\xba|\xb3)"  # MPEG program stream, MPEG video
    rb"|\xff\xd8\xff|\x89PNG\r\n|GIF8|%PDF-|PK\x03\x04|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x1f\x8b\x08|BZh[1-9]1AY|\xfd7zXZ\x00",
    re.DOTALL,
)
_PACKET, _SYNC = 188, 0x47
"""Of MPEG transport streams."""


def begins_file(data: bytes) -> bool:
    """Whether a film, a song, a picture or an archive begins like `data`, which is LONGEST bytes or a whole file."""
    stream = len(data) > 2 * _PACKET and all(data[at] == _SYNC for at in (0, _PACKET, 2 * _PACKET))
    return stream or _SIGNATURES.match(data) is not None
