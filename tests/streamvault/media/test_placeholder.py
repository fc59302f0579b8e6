"""Stripped thumbnails: expanded as Telegram's own clients do it, and stripped again."""

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from telethon.utils import stripped_photo_to_jpg

from streamvault.media.placeholder import MOST, expand, placeholder, strip
from tests.support.films import jpeg
from tgemulator.world.stripped_thumbnails import stripped_thumbnail

TINY = stripped_thumbnail(jpeg((640, 320))) or b""


@given(st.binary(min_size=3, max_size=MOST - 1))
def test_a_picture_is_expanded_as_by_another_client_and_stripped_again(body: bytes) -> None:
    assert expand(b"\x01" + body) == stripped_photo_to_jpg(b"\x01" + body)
    assert strip(expand(b"\x01" + body)) == b"\x01" + body


@pytest.mark.parametrize(
    "wrong", [b"", b"\x01\x28\x28", b"\x02" + TINY[1:], TINY + bytes(MOST)], ids=["empty", "no body", "version", "long"]
)
def test_invalid_stripped_thumbnails_expand_to_nothing(wrong: bytes) -> None:
    assert expand(wrong) == b""
    assert placeholder(wrong) == ""


@pytest.mark.parametrize(
    "wrong", [b"", expand(TINY)[:-1], jpeg(), expand(TINY)[:-2] + bytes(MOST) + b"\xff\xd9"],
    ids=["empty", "torn", "other tables", "long"],
)  # fmt: skip
def test_other_jpegs_cannot_be_stripped(wrong: bytes) -> None:
    assert strip(wrong) == b""


def test_a_placeholder_is_a_small_jpeg_in_a_data_uri() -> None:
    text = placeholder(TINY)
    kind, _, data = text.partition(",")
    assert kind == "data:image/jpeg;base64"
    assert len(text) < 1024 + 128
    with Image.open(io.BytesIO(base64.b64decode(data))) as opened:
        opened.load()
        assert (opened.format, opened.size) == ("JPEG", (40, 20))
