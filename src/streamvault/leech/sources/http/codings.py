"""Content codings that come although none was asked for: gzip and deflate are undone, in blocks of bounded size."""

import re
import zlib
from collections.abc import Iterator

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.sources.http.fields import Fields

BLOCK = 256 * 1024
"""Bytes of the largest decoded block."""
_GZIP = ("gzip", "x-gzip")
_GZIP_FILES = (".gz", ".tgz", ".gzip", ".svgz", ".taz")
_GZIP_TYPES = ("application/gzip", "application/x-gzip", "application/x-tgz", "application/x-compressed-tar")
_STRANGE = re.compile(r"[^a-z0-9_.+, -]")
_MAGIC = b"\x1f\x8b"


def codings_of(fields: Fields) -> list[str]:
    """The codings of a body, in the order in which they were applied."""
    joined = b",".join(fields.all("content-encoding")).decode("latin-1").lower()
    return [
        coding for part in joined.split(",") if (coding := part.strip()) not in ("", "identity", "none", "aws-chunked")
    ]


def is_own(codings: list[str], path: str, content_type: str, head: bytes) -> bool:
    """Whether the coding is the file's own form, and no wrapping: a .gz that is sent as "gzip". `head`: the first
    bytes as they came; where there is another gzip file in it, the outer one was put around it. Also what is called
    "gzip" and is none.
    """
    if len(codings) != 1 or codings[0] not in _GZIP:
        return False
    if not head.startswith(_MAGIC):
        return True  # not coded at all
    mime_type = content_type.partition(";")[0].strip().lower()
    if not (path.lower().endswith(_GZIP_FILES) or mime_type in _GZIP_TYPES):
        return False
    try:
        return not zlib.decompressobj(31).decompress(head, 2).startswith(_MAGIC)
    except zlib.error:
        return True


class Decoder:
    """Undoes one coding. SourceRefused for others than gzip and deflate, SourceFailed for broken data."""

    def __init__(self, codings: list[str], host: str) -> None:
        self._host = host
        if len(codings) != 1 or codings[0] not in (*_GZIP, "deflate"):
            told = _STRANGE.sub("?", ", ".join(codings)[:100])
            raise SourceRefused(f"{host} sends the file in a coding that was not asked for ({told})")
        self._gzip = codings[0] in _GZIP
        self._one = zlib.decompressobj(31 if self._gzip else 15)
        self._begun = False
        self.ended = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What `data` becomes, in blocks of BLOCK bytes at most."""
        try:
            while data:
                if self._one.eof:
                    data = self._next_member(data)
                    continue
                block = self._decompress(data)
                data = self._one.unconsumed_tail or self._one.unused_data
                self.ended = self._one.eof
                if block:
                    yield block
        except zlib.error:
            raise SourceFailed(f"{self._host} sends the file in a coding that cannot be undone") from None

    def _decompress(self, data: bytes) -> bytes:
        try:
            block = self._one.decompress(data, BLOCK)
        except zlib.error:
            if self._gzip or self._begun:
                raise
            self._one = zlib.decompressobj(-15)  # deflate without its wrapping, as some servers send it
            block = self._one.decompress(data, BLOCK)
        self._begun = True
        return block

    def _next_member(self, data: bytes) -> bytes:
        """Gzip files may follow each other; what else is behind the end is ignored."""
        if not (self._gzip and data.startswith(_MAGIC)):
            return b""
        self._one = zlib.decompressobj(31)
        return data
