"""AVI is cut at the key frames of its index; those that FFmpeg has come across by the way are none."""

import struct
from collections.abc import Callable
from dataclasses import replace

import pytest

from streamvault.playback.making.avi import UNINDEXED
from streamvault.playback.making.probe import probe_file
from tests.support.ffmpeg_films import AAC, H264, H264_B, Film, Sound, make
from tests.support.repackaged import FileInMemory

FILM = Film("avi", H264, (Sound(("libmp3lame",)),))
LONG = Film("avi", (*H264_B, "-qp", "4"), (Sound(AAC),), size="640x360")
"""More of it than FFmpeg looks at when it opens a file."""


def index_of(data: bytes) -> int:
    return data.rindex(b"idx1")


def cut_off(data: bytes) -> bytes:
    return data[: index_of(data)]


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def renamed(data: bytes) -> bytes:
    return data[: index_of(data)] + b"JUNK" + data[index_of(data) + 4 :]


def endless(data: bytes) -> bytes:
    """As recorders leave it that were broken off: the list of packets tells no size."""
    at = data.index(b"movi") - 4
    return data[:at] + bytes(4) + data[at + 4 : index_of(data)]


def of_the_beginning(data: bytes) -> bytes:
    """The index has a tenth of the packets."""
    at = index_of(data)
    size = int.from_bytes(data[at + 4 : at + 8], "little") // 160 * 16
    return data[: at + 4] + size.to_bytes(4, "little") + data[at + 8 : at + 8 + size]


def as_open_dml(data: bytes, *, named: int = 1) -> bytes:
    """The same with the index of OpenDML: chunks of indices, of which the header tells where they are."""
    at, movi, changed = index_of(data), data.index(b"movi"), bytearray(data[: index_of(data)])
    rows = [struct.unpack_from("<4sIII", data, place) for place in range(at + 8, len(data) - 15, 16)]
    junk = 0
    for chunk in (b"00dc", b"01wb"):
        entries = [
            struct.pack("<II", movi + offset + 8, size | (0 if flags & 16 else 1 << 31))
            for name, flags, offset, size in rows
            if name == chunk
        ]
        body = struct.pack("<HBBI4sQI", 2, 0, 1, len(entries), chunk, 0, 0) + b"".join(entries)
        junk = changed.index(b"JUNK", junk + 4)
        changed[junk : junk + 4] = b"indx"
        struct.pack_into("<HBBI4s", changed, junk + 8, 4, 0, 0, named, chunk)
        struct.pack_into("<QII", changed, junk + 32, len(changed), len(body) + 8, len(entries))
        changed += b"ix" + chunk[:2] + len(body).to_bytes(4, "little") + body
    return bytes(changed)


def empty_open_dml(data: bytes) -> bytes:
    return half(as_open_dml(data, named=0))


@pytest.mark.parametrize("film", [FILM, LONG], ids=["short", "long"])
@pytest.mark.parametrize("damage", [cut_off, half, renamed, endless, of_the_beginning, empty_open_dml])
def test_without_an_index_it_is_refused(film: Film, damage: Callable[[bytes], bytes]) -> None:
    found = probe_file(FileInMemory(damage(make(film).read_bytes())))
    assert found.facts.reason == UNINDEXED
    assert (found.keys.keys, found.facts.container) == ((), "avi")
    assert [track.type for track in found.facts.tracks] == ["video", "audio"]


@pytest.mark.parametrize("film", [FILM, LONG], ids=["short", "long"])
def test_both_kinds_of_index_are_taken(film: Film) -> None:
    data = make(film).read_bytes()
    found = probe_file(FileInMemory(data))
    assert (found.facts.reason, found.keys.exact, len(found.keys.keys)) == ("", True, 10)
    other = probe_file(FileInMemory(as_open_dml(data)))
    assert replace(other.facts, duration=0.0) == replace(found.facts, duration=0.0)
    assert (other.keys.exact, other.keys.keys) == (True, found.keys.keys)
