"""Names of posted files: one segment, 255 bytes, with the ending of the source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.leech.file_names import LONGEST, clean_name, ending, piece_name, posted_name


@pytest.mark.parametrize(
    ("told", "wished", "name"),
    [
        ("film.mkv", None, "film.mkv"),
        ("film.mkv", "My film", "My film.mkv"),
        ("film.mkv", "My film.mp4", "My film.mp4"),
        ("film.mkv", "Part 1. The end", "Part 1. The end.mkv"),
        ("film.mkv", "../../etc/passwd", "passwd.mkv"),
        ("..\\..\\boot.ini", None, "boot.ini"),
        ("film.mkv", "  ", "film.mkv"),
        ("film.mkv", "..", "film.mkv"),
        ("/", None, "file"),
        ("a\x00b\nc\u2028d.mkv", None, "abcd.mkv"),
        ("no ending", "other", "other"),
        ("archive.tar.gz", "x", "x.gz"),
    ],
)
def test_it_is_one_path_segment_with_an_ending(told: str, wished: str | None, name: str) -> None:
    assert posted_name(told, wished) == name


def test_a_long_title_is_cut_between_characters_and_keeps_its_ending() -> None:
    name = posted_name("映" * 300 + ".mkv")
    assert name == "映" * 83 + ".mkv"
    assert len(name.encode()) <= LONGEST
    assert piece_name(name, 0) == "映" * 82 + ".mkv.001"


@given(st.text(), st.none() | st.text(), st.integers(0, 998))
def test_any_text_gives_a_name_that_any_system_takes(told: str, wished: str | None, number: int) -> None:
    name = posted_name(told, wished)
    for one in (name, piece_name(name, number)):
        assert 0 < len(one.encode()) <= LONGEST
        assert "/" not in one
        assert "\\" not in one
        assert one not in (".", "..")
        assert one.isprintable() or not any(ord(letter) < 32 for letter in one)
    assert clean_name(name) == name


def test_what_looks_like_no_ending_is_none() -> None:
    assert [ending(name) for name in ("a.mkv", "a", "", "a. b", "a.é", "a." + "x" * 40)] == [".mkv", "", "", "", "", ""]
