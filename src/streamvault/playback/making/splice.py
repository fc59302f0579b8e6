"""Opens a media file at a key frame: whole, or as its header followed by the bytes from there."""

import os
from fractions import Fraction
from typing import Any

import av

from streamvault.playback.making.described import open_described
from streamvault.playback.making.locate import cluster_before
from streamvault.playback.making.mp4_fragments import Spliced, fragment_before
from streamvault.reading.sandbox.model import BoundedFile, Call

_FORMATS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts")
_OPTIONS = {
    "format_whitelist": ",".join(_FORMATS),
    "protocol_whitelist": "none",
    "probesize": str(1 << 20),
    "analyzeduration": "2000000",
}
_SPLICED_MATROSKA = {**_OPTIONS, "probesize": str(32 << 10), "fpsprobesize": "0"}
"""The header tells all that the making of segments uses, so that few packets are decoded to learn more."""

_SEQUENTIAL = {**_OPTIONS, "fflags": "ignidx"}
"""FFmpeg reads no more of an MP4 file than it needs; else the heads of all fragments."""

_EBML = b"\x1a\x45\xdf\xa3"


class Splice:
    """`header`, then the file from `position` on, as one file object."""

    def __init__(self, file: BoundedFile, header: bytes, position: int) -> None:
        self._file, self._header, self._position = file, header, position
        self._at = 0

    def read(self, count: int = -1) -> bytes:
        """As io's; may return less than `count` at the seam."""
        size = len(self._header)
        if self._at < size:
            piece = self._header[self._at :] if count < 0 else self._header[self._at : self._at + count]
        else:
            self._file.seek(self._position + self._at - size)
            piece = self._file.read(count)
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As io's."""
        end = len(self._header) + self._file.size - self._position
        self._at = max(0, {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: end}[whence] + offset)
        return self._at

    def tell(self) -> int:
        """As io's."""
        return self._at


def open_whole(call: Call) -> Any:
    """The container of the file, to be read from its beginning to its end."""
    return open_described(call.file, _SEQUENTIAL)


def open_at(
    call: Call, position: int, moment: int, *, track: int, unit: Fraction | None = None, end: float = 0.0
) -> Any:
    """The container, whose next packets are those of `moment` or from shortly before it.

    `position` is the byte where reading begins for it, -1: not known. `unit`: seconds of a unit of `moment`, None: as
    `track` has it. With a header in `call.blobs`, the container is that header and the bytes from there, unless it is
    AVI, whose packets do not tell their times; else it seeks in the index of `track`. `end` of the file, in seconds.
    """
    header = call.blobs[0] if call.blobs else b""
    if header[4:8] == b"ftyp":
        if position < 0:
            at = float(moment * (unit or Fraction(1)))
            position = fragment_before(call.file, header, track, at, end=end)
        return av.open(Spliced(call.file, header, position), options=_SEQUENTIAL, metadata_errors="replace")
    if header.startswith(_EBML) and position < 0 and unit is not None:
        position = cluster_before(call.file, header, float(moment * unit), end=end)
    if header and position >= 0 and not header.startswith(b"RIFF"):
        options = _SPLICED_MATROSKA if header.startswith(_EBML) else _OPTIONS
        return av.open(Splice(call.file, header, position), options=options, metadata_errors="replace")
    container = open_described(call.file, _OPTIONS)
    stream = container.streams[track]
    at = moment if unit is None else round(moment * unit / stream.time_base)
    container.seek(at, stream=stream, backward=True)
    return container
