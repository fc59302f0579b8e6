"""Opens a media file at a key frame: whole, or as its header followed by the bytes from there."""

import os
from typing import Any

import av

from streamvault.reading.sandbox.model import BoundedFile, Call

_FORMATS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts")
_OPTIONS = {
    "format_whitelist": ",".join(_FORMATS),
    "protocol_whitelist": "none",
    "probesize": str(1 << 20),
    "analyzeduration": "2000000",
}


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
    """The container of the file, from its beginning."""
    call.file.seek(0)
    return av.open(call.file, options=_OPTIONS, metadata_errors="replace")


def open_at(call: Call, position: int, moment: int, *, track: int) -> Any:
    """The container, whose next packets are those from a key frame on.

    `position` is the byte where reading begins for it; with -1, or without a header in `call.blobs`, the container
    seeks to `moment` (in units of the time base of `track`).
    """
    header = call.blobs[0] if call.blobs else b""
    if header and position >= 0:
        return av.open(Splice(call.file, header, position), options=_OPTIONS, metadata_errors="replace")
    container = open_whole(call)
    container.seek(moment, stream=container.streams[track], backward=True)
    return container
