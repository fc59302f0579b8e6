"""Which pictures can be photos is told by their headers, as Telegram would decide."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.photos import MOST_BYTES, picture_size, refusal
from tests.support.films import jpeg
from tests.support.media_files import png


def header(width: int, height: int) -> bytes:
    """The first bytes of a PNG."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


@pytest.mark.parametrize(
    ("sides", "size", "why"),
    [
        ((5000, 5000), 1000, ""),
        ((5001, 5000), 1000, "5001 x 5000"),
        ((2000, 100), 1000, ""),
        ((2001, 100), 1000, "2001 x 100"),
        ((100, 2001), 1000, "100 x 2001"),
        ((0, 50), 1000, "could not be read"),
        ((800, 600), MOST_BYTES, ""),
        ((800, 600), MOST_BYTES + 1, "10,000,001 bytes"),
    ],
)
def test_the_bounds_are_telegrams(sides: tuple[int, int], size: int, why: str) -> None:
    found = refusal(header(*sides), size)
    assert why in found if why else not found


def test_the_size_stands_behind_whatever_segments_a_picture_has() -> None:
    plain = jpeg((640, 360))
    exif = b"\xff\xe1" + struct.pack(">H", 60_002) + bytes(60_000)
    assert picture_size(plain) == picture_size(plain[:2] + exif + exif + plain[2:]) == (640, 360)
    assert picture_size(plain[:2] + b"\xff\xff\xff" + plain[2:]) == (640, 360), "fill bytes are allowed"
    assert picture_size(png(30, 40)) == (30, 40)
    for none in (b"", plain[:30], b"GIF89a\x10\0\x10\0", header(4, 4)[:20], b"\xff\xd8\xff" + bytes(50)):
        assert picture_size(none) is None


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_break_it(data: bytes, kept: int) -> None:
    for head in (data, b"\xff\xd8\xff" + data, jpeg((64, 64))[:kept] + data, header(1, 1)[:kept] + data):
        refusal(head, len(head))
