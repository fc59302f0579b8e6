"""Matroska files as old versions of mkvmerge wrote them: with stripped headers and compressed tracks."""

import zlib
from collections.abc import Callable, Iterator

from streamvault.playback.making.clusters import parse_number
from streamvault.playback.making.ebml import children, first, pack, parse_head, unsigned
from streamvault.playback.making.matroska import CLUSTER, INFO, SEGMENT_UNKNOWN, TRACKS

PREFIX = b"\0\0"
"""What every H.264 frame of less than 64 KiB begins with."""


def without_headers(data: bytes) -> bytes:
    """The frames of the first track without their first two bytes, as its encoding says; without an index."""
    settings = pack(0x4254, b"\3") + pack(0x4255, PREFIX)
    return _repacked(data, 1, settings, lambda frame: frame.removeprefix(PREFIX))


def with_zlib(data: bytes) -> bytes:
    """The packets of the third track compressed; without an index."""
    return _repacked(data, 3, pack(0x4254, b"\0"), zlib.compress)


def _repacked(data: bytes, track: int, settings: bytes, change: Callable[[bytes], bytes]) -> bytes:
    head = parse_head(data, 0)
    assert head is not None
    assert head.end is not None
    segment = parse_head(data, head.end)
    assert segment is not None
    parts = list(children(data[segment.data : segment.end]))
    info = next(content for identity, content in parts if identity == INFO)
    tracks = next(content for identity, content in parts if identity == TRACKS)
    encodings = pack(0x6D80, pack(0x6240, pack(0x5034, settings)))
    entries = b"".join(
        pack(identity, content + (encodings if unsigned(first(content, 0xD7)) == track else b""))
        for identity, content in children(tracks)
    )
    clusters = b"".join(
        pack(CLUSTER, b"".join(_changed(content, track, change))) for identity, content in parts if identity == CLUSTER
    )
    return data[: head.end] + SEGMENT_UNKNOWN + pack(INFO, info) + pack(TRACKS, entries) + clusters


def _changed(content: bytes, track: int, change: Callable[[bytes], bytes]) -> Iterator[bytes]:
    for identity, part in children(content):
        if identity == 0xA0:
            yield pack(identity, b"".join(_changed(part, track, change)))
            continue
        if identity in (0xA1, 0xA3):
            number = parse_number(part)
            assert number is not None
            if number[0] == track:
                at = number[1] + 3
                part = part[:at] + change(part[at:])
        yield pack(identity, part)
