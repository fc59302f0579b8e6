"""Files are shown as what their first bytes say, whatever they are called, and what is not is said."""

import struct

import pytest

from streamvault.leech import appearance
from streamvault.media.uploads import Photo
from tests.support.boxes import box
from tests.support.films import jpeg
from tests.support.media_files import png

FTYP = box("ftyp", b"isom")


@pytest.mark.parametrize(
    ("head", "looked_into"),
    [
        (FTYP, True),
        (box("mdat"), True),
        (b"\x1a\x45\xdf\xa3", True),
        ((b"\x47" + b"x" * 187) * 3, True),
        ((b"time\x47" + b"x" * 187) * 3, True),
        (b"ID3\4", True),
        (jpeg()[:40], True),
        (png(4, 4), True),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd", False),
        (b"ffconcat version 1.0\nfile /etc/passwd", False),
        (b"<?xml version='1.0'?><MPD/>", False),
        (b"[playlist]\nFile1=http://127.0.0.1/", False),
        (b"%PDF-1.7", False),
        (b"GIF89a", False),
        (b"", False),
    ],
)
def test_only_what_begins_like_a_film_song_or_picture_is_looked_into(head: bytes, looked_into: bool) -> None:
    assert appearance.is_looked_into(head) is looked_into


def test_a_picture_is_a_photo_where_telegram_has_such() -> None:
    assert appearance.of_picture(jpeg(), 5000, big=False).shown_as == Photo(640, 640)
    for found in (
        appearance.of_picture(jpeg(), 5000, big=True),
        appearance.of_picture(jpeg(), 11 << 20, big=False),
        appearance.of_picture(png(2100, 100), 5000, big=False),
        appearance.of_picture(b"\xff\xd8\xff", 5000, big=False),
    ):
        assert found.shown_as is None
        assert found.note.startswith("posted as a document, as ")


def test_what_is_called_a_film_and_is_none_is_said() -> None:
    assert appearance.of_other("video/mp4").note == appearance.UNREADABLE
    assert appearance.of_other("audio/mpeg").note == appearance.UNREADABLE
    assert appearance.of_other("application/pdf") == appearance.DOCUMENT


@pytest.mark.parametrize(
    ("head", "first"),
    [
        (FTYP + box("moov", b"x") + box("mdat"), True),
        (FTYP + box("free", bytes(90)) + struct.pack(">I4s", 50_000, b"moov"), True),
        (FTYP + box("mdat", b"x") + box("moov", b"x"), False),
        (FTYP, False),
        (b"\0\0\0\2moov", False),
        (b"\x1a\x45\xdf\xa3" + bytes(90), False),
    ],
)
def test_the_index_is_first_where_no_media_come_before_it(head: bytes, first: bool) -> None:
    assert appearance.index_first(head, 100_000) is first
