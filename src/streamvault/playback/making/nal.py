"""H.264 and HEVC as MP4 holds them: NAL units with their lengths before them, instead of start codes (Annex B)."""

import re
import struct
from collections.abc import Callable
from typing import Any

_START_CODE = re.compile(rb"\x00\x00\x01")
_SLICE, _IDR = 1, 5


def converter(stream: Any) -> Callable[[bytes], bytes]:
    """What makes a packet of this stream into a sample of MP4."""
    codec = stream.codec_context.name
    if codec in ("h264", "hevc") and is_annex_b(stream.codec_context.extradata or b""):
        return from_annex_b
    return _as_it_is


def is_annex_b(extradata: bytes) -> bool:
    """Whether a stream with these parameter sets has start codes; avcC and hvcC begin with their version, 1."""
    return extradata[:1] != b"\x01"


def from_annex_b(data: bytes) -> bytes:
    """The NAL units of an access unit with lengths of four bytes."""
    begins = [match.end() for match in _START_CODE.finditer(data)]
    if not begins:
        return data
    ends = [begin - 3 for begin in begins[1:]] + [len(data)]
    units = [data[begin:end].rstrip(b"\0") for begin, end in zip(begins, ends, strict=True)]
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units if unit)


def is_sync(stream: Any) -> Callable[[bytes], bool]:
    """What tells whether decoding may begin at a key frame of this stream, given as a sample of MP4."""
    if stream.codec_context.name != "h264":
        return lambda _: True
    extradata = stream.codec_context.extradata or b""
    size = 4 if is_annex_b(extradata) or len(extradata) < 5 else (extradata[4] & 3) + 1
    return lambda data: _begins_with_idr(data, size)


def _begins_with_idr(data: bytes, size: int) -> bool:
    at = 0
    while at + size < len(data):
        kind = data[at + size] & 31
        if kind in (_SLICE, _IDR):
            return kind == _IDR
        at += size + int.from_bytes(data[at : at + size], "big")
    return False


def _as_it_is(data: bytes) -> bytes:
    return data
