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
        ("Numbers: \u4e00 is one\n".encode("utf-16-le"), "utf-16le"),
        ("wide".encode("utf-32"), ""),
        (b"\0\1\2\3binary\0\0\0", ""),
        (b"", ""),
        (RUSSIAN.encode()[:-2] + b"\xff", ""),
    ],
)
def test_the_first_bytes_decide(head: bytes, expected: str) -> None:
    assert charset_of(head, whole=True) == expected


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="~"), min_size=1), st.data())
def test_a_text_in_utf_8_is_one_wherever_it_is_cut(text: str, data: st.DataObject) -> None:
    whole = text.encode()
    assert charset_of(whole, whole=True) == "utf-8"
    assert charset_of(whole[: data.draw(st.integers(1, len(whole)))], whole=False) == "utf-8"


@pytest.mark.parametrize(
    "head",
    [
        "こんにちは".encode("iso2022_jp"), "メモ: 明日\n".encode("iso2022_jp_2"), "안녕하세요".encode("iso2022_kr"),
        "你好，世界".encode("hz"), "plain, then 你好\n".encode("hz"), "Привет".encode("utf-16-le"),
        "Привет".encode("utf-16-be"), "Γειά".encode("utf-16-le"), "שלום".encode("utf-16-be"), b"a\x04b",
        "ﾃｽﾄ".encode("iso2022_jp_ext"), b"\x7fELF\x02\x01", b"\x01\0\x02\0\x03\0\x04\0", b"\0\x01\0\x02\0\x0e\0\x04",
    ],
)  # fmt: skip
def test_what_is_no_text_in_unicode_is_not_called_one(head: bytes) -> None:
    assert charset_of(head, whole=True) == ""
    assert charset_of(head, whole=False) == ""


@pytest.mark.parametrize(
    "text",
    [
        "one\ttwo\r\nthree\f\n", "path ~/{a,b}", "~{Привет}~", "\x1b[31mОшибка\x1b[0m\n", "\x1b[1;32mok\x1b[m\n",
    ],
)  # fmt: skip
def test_signs_of_texts_in_utf_8_leave_it_one(text: str) -> None:
    """Colours of terminals begin with ESC and a bracket, which no encoding uses to change its characters."""
    assert charset_of(text.encode(), whole=True) == "utf-8"


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
