"""The bot's answers: every link is in one of them, none is too long, whatever the file names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.telegram.bot.texts import MESSAGE_UNITS, NAME_LENGTH, FileLinks, answers, display_name, human_size

WEB = st.integers(0, 1200).map(lambda length: "https://tv.example.org/" + "x" * length)
FILES = st.lists(st.builds(FileLinks, st.text(max_size=300), st.integers(0, 1 << 33), WEB, WEB), max_size=12)


@given(FILES, st.booleans())
def test_every_link_is_in_some_message_and_none_is_too_long(files: list[FileLinks], buttons: bool) -> None:
    given_answers = answers(files, buttons=buttons)
    lines = [line for one in given_answers for line in one.text.split("\n")]
    assert [line for line in lines if line.startswith("Watch: ")] == [f"Watch: {file.watch}" for file in files]
    assert [line for line in lines if line.startswith("Download: ")] == [f"Download: {file.download}" for file in files]
    urls = [button.url for one in given_answers for row in one.rows for button in row]
    assert urls == ([url for file in files for url in (file.watch, file.download)] if buttons else [])
    assert all(len(one.text.encode("utf-16-le", "surrogatepass")) // 2 <= MESSAGE_UNITS for one in given_answers)


@given(st.text())
def test_a_name_is_one_printable_line_of_bounded_length(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= NAME_LENGTH
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize("sign", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_name_cannot_turn_the_text_around_it(sign: str) -> None:
    """19: joiners, which Persian and emoji need, stay."""
    assert display_name(f"photo_{sign}gpj.exe") == "photo_gpj.exe"
    assert display_name("می\u200cسازیم 👩\u200d🚀") == "می\u200cسازیم 👩\u200d🚀"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1_572_864, "1.5 MiB"),
        (3 << 30, "3.0 GiB"),
        (2_000 << 30, "2000.0 GiB"),
    ],
)
def test_sizes_have_a_unit(size: int, text: str) -> None:
    assert human_size(size) == text
