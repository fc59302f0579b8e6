"""Media files as nobody's muxer writes them: good ones with damage, and ones that are made to cost much."""

import random
import re
import struct
from collections.abc import Callable, Iterator

_NAMES = re.compile(
    rb"\x1f\x43\xb6\x75|\x18\x53\x80\x67|\x16\x54\xae\x6b|\x1c\x53\xbb\x6b|\x15\x49\xa9\x66|\x63\xa2|\xa3|\xa0|\xa1|\xae"
    rb"|moov|trak|mdia|minf|stbl|st(?:sd|sz|sc|co|ts|ss)|co64|mdat|moof|traf|trun|tfhd|elst|avcC|esds|udta|meta|ilst"
    rb"|LIST|idx1|movi|strf|strh|hdrl|00dc|01wb"
)
"""Names of elements, boxes and chunks: sizes stand before or behind them."""

_NUMBERS = (
    b"\xff" * 8, b"\x00" * 8, b"\x01" + b"\xff" * 7, b"\x08\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00",
    b"\x40\x01", b"\x80", b"\x10\x00\x00\x01", b"\xff\xff\xff\xfe", b"\x00\x00\x00\x01", b"\x00\x00\x00\x07",
)  # fmt: skip


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def flipped(data: bytes, chance: random.Random) -> bytes:
    """With single bits flipped, half of them within the first 4 KiB."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 10, 100, 1000))):
        at = chance.randrange(min(len(data), 4096) if chance.random() < 0.5 else len(data))
        changed[at] ^= 1 << chance.randrange(8)
    return bytes(changed)


def resized(data: bytes, chance: random.Random) -> bytes:
    """With wrong sizes and counts."""
    found = [match.span() for match in _NAMES.finditer(data, 0, 1 << 20)]
    changed = bytearray(data)
    for begin, end in chance.choices(found, k=chance.choice((1, 3, 20))) if found else ():
        number = chance.choice(_NUMBERS)
        at = chance.choice((max(0, begin - 4), end, end + 4, end + 8))
        changed[at : at + len(number)] = number
    return bytes(changed[: len(data)])


def rearranged(data: bytes, chance: random.Random) -> bytes:
    """With a piece moved, doubled, lost or zero."""
    size = len(data)
    first, last = sorted(chance.randrange(size) for _ in range(2))
    piece = data[first:last]
    at = chance.randrange(size)
    return chance.choice((
        data[:first] + data[last:],
        data[:at] + piece + data[at:],
        data[:first] + bytes(len(piece)) + data[last:],
        data[:first] + piece[::-1] + data[last:],
    ))  # fmt: skip


def laced(data: bytes, chance: random.Random) -> bytes:
    """Every simple block says that it has 256 frames."""
    changed = bytearray(data)
    for match in re.finditer(rb"\xa3[\x40-\x7f].\x81..", data, re.S):
        changed[match.end()] |= chance.choice((0x02, 0x04, 0x06))
        changed[match.end() + 1 : match.end() + 2] = chance.choice((b"\xff", b"\x00", b"\x7f"))
    return bytes(changed[: len(data)])


DAMAGE: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "truncated": truncated, "flipped": flipped, "resized": resized, "rearranged": rearranged, "laced": laced,
}  # fmt: skip


def damaged(seeds: dict[str, bytes], count: int) -> Iterator[tuple[str, bytes]]:
    """`count` files, the same ones in every run: what was done, and the seed with it."""
    names, ways = list(seeds), list(DAMAGE)
    for number in range(count):
        chance = random.Random(number)
        name, way = names[number % len(names)], ways[number // len(names) % len(ways)]
        yield f"{number} {name} {way}", DAMAGE[way](seeds[name], chance)


def element(name: bytes, content: bytes, *, size: int | None = None) -> bytes:
    """An element of EBML, with its size in 8 bytes."""
    return name + struct.pack(">Q", (1 << 56) | (len(content) if size is None else size)) + content


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


_EBML = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"matroska"))
_SEGMENT = b"\x18\x53\x80\x67\x01" + b"\xff" * 7
_INFO = element(b"\x15\x49\xa9\x66", element(b"\x2a\xd7\xb1", b"\x0f\x42\x40"))
_TRACK = element(b"\xd7", b"\x01") + element(b"\x83", b"\x01") + element(b"\x86", b"V_MPEG4/ISO/AVC")
_TRACKS = element(b"\x16\x54\xae\x6b", element(b"\xae", _TRACK))


def nested(name: bytes, depth: int) -> bytes:
    """Elements in elements."""
    content = b""
    for _ in range(depth):
        content = element(name, content)
    return content


def costly() -> dict[str, bytes]:
    """Files of a few MiB, made to cost time, memory or depth."""
    matroska = _EBML + _SEGMENT + _INFO + _TRACKS
    block = b"\x81\x00\x00\x06\xff" + b"\x40\x00" * 255
    file_type = box(b"ftyp", b"isom\0\0\0\0isom")
    table = struct.pack(">II", 0, 0xFFFFFFFF)
    tables = b"".join(box(name, table) for name in (b"stts", b"stss", b"stsc", b"stsz", b"stco"))
    media = box(b"mdhd", bytes(12) + struct.pack(">III", 1000, 1000, 0)) + box(b"hdlr", bytes(8) + b"vide" + bytes(12))
    track = box(b"tkhd", bytes(84)) + box(b"mdia", media + box(b"minf", box(b"stbl", tables)))
    section = b"\x00\x00\xb0\x0d\x00\x01\xc1\x00\x00" * 20 + bytes(4)
    packets = (struct.pack(">BHB", 0x47, 0x4000 | number % 0x1FFF, 0x10) + section for number in range(8000))
    return {
        "tags in tags": matroska + element(b"\x12\x54\xc3\x67", element(b"\x73\x73", nested(b"\x67\xc8", 20_000))),
        "chapters in chapters": matroska + element(b"\x10\x43\xa7\x70", element(b"\x45\xb9", nested(b"\xb6", 20_000))),
        "a million tracks": _EBML + _SEGMENT + _INFO + element(b"\x16\x54\xae\x6b", element(b"\xae", _TRACK) * 30_000),
        "a million cues": matroska + element(b"\x1c\x53\xbb\x6b", element(b"\xbb", element(b"\xb3", b"\1")) * 150_000),
        "laced without end": matroska + element(b"\x1f\x43\xb6\x75", element(b"\xa3", block) * 8000),
        "clusters without end": matroska + (b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7) * 300_000,
        "void without end": _EBML + _SEGMENT + b"\xec\x80" * 1_500_000,
        "a private part of 2^40 bytes": _EBML
        + _SEGMENT
        + element(b"\x16\x54\xae\x6b", element(b"\xae", _TRACK + element(b"\x63\xa2", b"x", size=1 << 40))),
        "boxes in boxes": file_type + struct.pack(">I4s", 1 << 30, b"moov") * 300_000,
        "tables of 2^32 entries": file_type + box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", track)),
        "fragments without end": file_type + box(b"moof", box(b"traf", box(b"trun", table))) * 60_000,
        "programmes without end": b"".join(packets),
        "a riff in a riff": b"RIFF\xff\xff\xff\xffAVI " + b"LIST\xff\xff\xff\x7fhdrl" * 200_000,
        "noise": random.Random(1).randbytes(3 << 20),
        "nothing": b"\0",
    }
