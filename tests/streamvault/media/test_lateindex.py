"""Late indexes are found where real containers put them, and nothing else is taken for one."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.byterange import ByteRange
from streamvault.media.lateindex import late_index

MIB = 1 << 20


def box(kind: bytes, length: int, *, content: bytes = b"", wide: bool = False) -> bytes:
    header = struct.pack(">I4sQ", 1, kind, length) if wide else struct.pack(">I4s", length, kind)
    return (header + content).ljust(min(length, 64), b"\0")


def element(kind: int, content: bytes) -> bytes:
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + bytes([0x80 | len(content)]) + content


def matroska(*, cues_at: int) -> bytes:
    seek = element(0x4DBB, element(0x53AB, bytes.fromhex("1c53bb6b")) + element(0x53AC, cues_at.to_bytes(4, "big")))
    other = element(0x4DBB, element(0x53AB, bytes.fromhex("1549a966")) + element(0x53AC, b"\x40"))
    segment = bytes.fromhex("18538067") + b"\x01" + b"\xff" * 7
    return element(0x1A45DFA3, b"\x42\x82\x84webm") + segment + element(0x114D9B74, other + seek)


def test_a_moov_behind_the_data_is_found() -> None:
    for wide in (False, True):
        head = (box(b"ftyp", 32) + box(b"free", 16) + box(b"mdat", 9 * MIB, wide=wide)).ljust(256, b"\1")
        assert late_index(head, 10 * MIB, most=MIB) == ByteRange(48 + 9 * MIB, 10 * MIB)
        assert late_index(head, 90 * MIB, most=MIB) == ByteRange(48 + 9 * MIB, 48 + 10 * MIB)


def test_a_moov_at_the_head_gives_none() -> None:
    head = (box(b"ftyp", 32) + box(b"moov", 5000)).ljust(256, b"\1")
    assert late_index(head, 10 * MIB, most=MIB) is None


def test_cues_are_found_by_the_seek_head() -> None:
    head = matroska(cues_at=7 * MIB)
    begins = head.index(bytes.fromhex("114d9b74"))
    assert late_index(head, 8 * MIB, most=4096) == ByteRange(begins + 7 * MIB, begins + 7 * MIB + 4096)


def test_an_index_beyond_the_end_gives_none() -> None:
    assert late_index(matroska(cues_at=7 * MIB), MIB, most=4096) is None
    assert late_index(box(b"ftyp", 32) + box(b"mdat", 9 * MIB), MIB, most=4096) is None
    assert late_index(box(b"ftyp", 32) + box(b"mdat", 0), MIB, most=4096) is None


@given(st.binary(max_size=400), st.sampled_from([b"", box(b"ftyp", 24), matroska(cues_at=999)[:30]]), st.integers(1))
def test_any_bytes_give_a_range_inside_the_file_or_none(tail: bytes, start: bytes, size: int) -> None:
    found = late_index(start + tail, size, most=1000)
    assert found is None or 0 <= found.start < found.stop <= size
