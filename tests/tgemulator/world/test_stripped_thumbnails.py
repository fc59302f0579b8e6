"""Stripped thumbnails have Telegram's form: Kurigram and Telethon expand them."""

import io

import pytest
from PIL import Image
from telethon.utils import stripped_photo_to_jpg

from tests.support.films import jpeg
from tgemulator.world.content import BytesContent
from tgemulator.world.stored_file import Thumb
from tgemulator.world.stripped_thumbnails import stripped_thumbnail
from tgemulator.world.thumbs import with_stripped


@pytest.mark.parametrize(("size", "tiny"), [((640, 320), (40, 20)), ((90, 900), (4, 40)), ((8, 8), (8, 8))])
def test_a_picture_has_a_stripped_thumbnail(size: tuple[int, int], tiny: tuple[int, int]) -> None:
    sent = stripped_thumbnail(jpeg(size))
    assert sent is not None
    assert sent[:3] == bytes((1, tiny[1], tiny[0]))
    assert len(sent) < 300
    with Image.open(io.BytesIO(stripped_photo_to_jpg(sent))) as opened:
        opened.load()
        assert opened.size == tiny


@pytest.mark.parametrize("data", [b"", b"jpeg", jpeg()[:100]], ids=["empty", "text", "torn"])
def test_other_data_has_no_stripped_thumbnail(data: bytes) -> None:
    assert stripped_thumbnail(data) is None


def test_the_stripped_thumbnail_comes_first_and_once() -> None:
    thumb = Thumb("m", 320, 180, BytesContent(jpeg((320, 180))))
    sizes = with_stripped([thumb])
    assert [size.type for size in sizes] == ["i", "m"]
    assert with_stripped(sizes) == sizes
    assert with_stripped([]) == []
