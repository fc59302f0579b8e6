"""First bytes by which players know a file."""

import pytest

from streamvault.media.signatures import LONGEST, begins_file

PACKETS = b"".join(b"\x47" + bytes(187) for _ in range(4))


@pytest.mark.parametrize(
    "start",
    [
        b"\x1a\x45\xdf\xa3\x01", b"\0\0\0\x20ftypisom", b"\0\0\1\0moov", b"RIFF\x24\xf0\0\0AVI LIST",
        b"RIFF\1\2\3\4WAVEfmt ", b"FLV\x01\x05", b"OggS\0", b"fLaC\0", b"ID3\x04", b"\0\0\1\xba",
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"%PDF-1.7", b"PK\x03\x04", PACKETS[:LONGEST],
    ],
)  # fmt: skip
def test_the_beginning_of_a_file(start: bytes) -> None:
    assert begins_file((start + bytes(LONGEST))[:LONGEST])


@pytest.mark.parametrize(
    "middle",
    [b"", bytes(LONGEST), b"\x1f\x43\xb6\x75", b"movi00dc", b"xRIFF\1\2\3\4AVI ", PACKETS[7:], b"\x47" * 100, b"text"],
)
def test_the_middle_of_a_file(middle: bytes) -> None:
    assert not begins_file(middle[:LONGEST])
