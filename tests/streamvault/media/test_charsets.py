"""V: the charset of a text by its first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.charsets import charset_of, is_text

RUSSIAN = "Привет, это файл с заметками.\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (RUSSIAN.encode(), "utf-8"),
        (b"plain ASCII\n", "utf-8"),
        (RUSSIAN.encode("utf-8-sig"), "utf-8"),
        (RUSSIAN.encode("cp1251"), ""),
        ("Grüße aus Köln".encode("latin-1"), ""),
        ("こんにちは".encode("shift_jis"), ""),
        ("Ünïcode".encode("utf-16"), "utf-16le"),
        (b"\xfe\xff" + RUSSIAN.encode("utf-16-be"), "utf-16be"),
        (b"subtitles without a mark\n".decode().encode("utf-16-le"), "utf-16le"),
        (b"subtitles without a mark\n".decode().encode("utf-16-be"), "utf-16be"),
        ("wide".encode("utf-32"), ""),
        (b"\0\1\2\3binary\0\0\0", ""),
        (b"", ""),
        (RUSSIAN.encode()[:-2] + b"\xff", ""),
    ],
)
def test_the_first_bytes_decide(head: bytes, expected: str) -> None:
    assert charset_of(head, whole=True) == expected


@given(st.text(min_size=1), st.integers(1, 3))
def test_a_text_in_utf_8_is_one_wherever_it_is_cut(text: str, cut: int) -> None:
    data = text.replace("\0", " ").encode("utf-8", "ignore")
    if not data:
        return
    assert charset_of(data, whole=True) in ("utf-8", "utf-16le", "utf-16be")
    assert charset_of(data[:-cut] or data, whole=False) in ("utf-8", "utf-16le", "utf-16be")


def test_a_character_that_is_cut_off_at_the_end_of_a_whole_text_is_none() -> None:
    assert charset_of(RUSSIAN.strip().encode() + b"\xd0", whole=True) == ""
    assert charset_of(RUSSIAN.strip().encode() + b"\xd0", whole=False) == "utf-8"


@pytest.mark.parametrize(
    ("mime_type", "text"),
    [
        ("text/plain", True), ("application/json", True), ("application/x-subrip", True), ("text/vtt", True),
        ("text/x-ssa", True), ("image/svg+xml", True), ("audio/x-mpegurl", True), ("video/mp4", False),
        ("application/pdf", False), ("application/octet-stream", False), ("image/jpeg", False),
    ],
)  # fmt: skip
def test_which_types_are_texts(mime_type: str, text: bool) -> None:
    assert is_text(mime_type) is text
