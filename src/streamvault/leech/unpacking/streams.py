"""Bytes of an archive on the disk, decompressed as they are read, with no more in memory than is asked for."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from streamvault.leech.unpacking.model import Damaged

BLOCK = 1 << 20
_INPUT = 256 << 10
_XZ_MEMORY = 128 << 20
"""Bytes that an xz stream may want: its strongest preset wants 65 MiB."""


class Reader(Protocol):
    """A stream of bytes."""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, b"" at the end. Raises Damaged."""
        ...


class Region:
    """The bytes of a file from `start` to `end`."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file, self._at, self._end = file, start, end

    def read(self, size: int) -> bytes:
        """See Reader."""
        self._file.seek(self._at)
        data = self._file.read(max(0, min(size, self._end - self._at)))
        self._at += len(data)
        return data


class Decoder(Protocol):
    """As bz2.BZ2Decompressor and lzma.LZMADecompressor."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Zlib:
    """zlib's as a Decoder. `wbits`: -15 for deflate alone, 31 for gzip."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not (self._inner.eof or self._full or self._inner.unconsumed_tail)

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(found) == max_length
        return found


class Decompressed:
    """The decompressed bytes of a stream. `again`: others of its kind may follow one that has ended."""

    def __init__(self, packed: Reader, new: Callable[[], Decoder], *, again: bool) -> None:
        self._packed, self._new, self._again = packed, new, again
        self._decoder = new()
        self._begun = False

    def read(self, size: int) -> bytes:
        """See Reader."""
        try:
            while True:
                if self._decoder.eof and not self._next():
                    return b""
                data = self._packed.read(_INPUT) if self._decoder.needs_input else b""
                if not data and self._decoder.needs_input:
                    raise Damaged("it is cut off")
                self._begun = True
                if found := self._decoder.decompress(data, size):
                    return found
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError) as error:
            raise Damaged(f"it cannot be decompressed ({error})") from error

    def _next(self) -> bool:
        """Turn to the stream that follows; what is none is left out."""
        if not self._again:
            return False
        left = (self._decoder.unused_data or self._packed.read(_INPUT)).lstrip(b"\0")
        if not left.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
            return False
        self._decoder, self._packed = self._new(), _Prefixed(left, self._packed)
        return True


class _Prefixed:
    """`first`, and then the rest."""

    def __init__(self, first: bytes, rest: Reader) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int) -> bytes:
        data, self._first = self._first[:size], self._first[size:]
        return data or self._rest.read(size)


def gunzipped(packed: Reader) -> Reader:
    """Of gzip."""
    return Decompressed(packed, lambda: _Zlib(31), again=True)


def inflated(packed: Reader) -> Reader:
    """Of deflate without a frame, as in ZIP."""
    return Decompressed(packed, lambda: _Zlib(-15), again=False)


def bunzipped(packed: Reader) -> Reader:
    """Of bzip2."""
    return Decompressed(packed, bz2.BZ2Decompressor, again=True)


def unxzipped(packed: Reader) -> Reader:
    """Of xz."""
    return Decompressed(packed, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY), again=True)
