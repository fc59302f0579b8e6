"""Names as people write them, and their facts. A changed row of a table needs a new protocol.VERSION.

field_names.tsv holds invented names, made by patterns of which its last column says where they were seen: an issue of a
project, the tests or the conventions of a program, or uploads of a language.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.indexing.naming.parser import read_name
from streamvault.indexing.naming.protocol import NO_FACTS, VERSION
from streamvault.media.model import Kind
from streamvault.media.name_facts import NameFacts
from streamvault.media.nameless import told_by
from streamvault.media.types import split_ending
from tests.support.names import field_names
from tests.support.proof import full, sample

_LINES = (Path(__file__).parent / "names.tsv").read_text(encoding="utf-8").splitlines()[1:]
ROWS = [tuple(line.split("\t")) for line in _LINES]


FIELD = list(field_names())


def facts(row: tuple[str, ...]) -> NameFacts:
    _, title, year, season, episode, resolution, codec, languages, work, last = row

    def number(text: str) -> int | None:
        return int(text) if text else None

    return NameFacts(
        VERSION, title, number(year), number(season), number(episode), resolution, codec,
        tuple(filter(None, languages.split(","))), work, number(last),
    )  # fmt: skip


def test_the_table_is_long() -> None:
    assert len(ROWS) >= 300


def test_a_name_gives_its_facts() -> None:
    read = [(row[0], facts(row), read_name(row[0], "document")) for row in sample(ROWS, every=3)]
    assert [(name, right, found) for name, right, found in read if found != right] == []


def test_the_table_of_the_field_is_long_and_almost_all_right() -> None:
    assert len(FIELD) >= 500
    assert sum(row.missed for row in FIELD) <= len(FIELD) // 50


def test_a_name_of_the_field_gives_its_facts_unless_it_is_marked_as_missed() -> None:
    """N, J"""
    read = [(row, read_name(row.name, row.kind)) for row in sample(FIELD, every=3)]
    assert [(row, found) for row, found in read if (found != row.facts) != row.missed] == []


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "animation", "video_note", "audio"])
def test_other_kinds_give_no_facts(kind: Kind) -> None:
    assert read_name("The.Matrix.1999.1080p.mkv", kind) == NO_FACTS


@pytest.mark.parametrize(
    "name", ["The Matrix 1999.pdf", "The.Matrix.1999.srt", "The.Matrix.1999", "", ".mkv", "🎬", "\ud800.mp4"]
)
def test_a_document_that_is_no_film_gives_no_facts(name: str) -> None:
    assert read_name(name, "document") == NO_FACTS


def test_a_video_needs_no_extension() -> None:
    assert read_name("Breaking Bad S01E02 1080p", "video").work == "s:breaking-bad"


def test_the_same_film_has_one_key_however_it_is_written() -> None:
    names = [
        "Amélie.2001.1080p.mkv", "amelie (2001) [720p].mp4", "AMÉLIE_2001_@films.mkv", "Ａｍéｌｉｅ 2001.avi",
        "Ame\u0301lie 2001 2160p.mkv",
    ]  # fmt: skip
    assert {read_name(name, "video").work for name in names} == {"f:amelie-2001"}


@pytest.mark.parametrize("length", [300, 1_000, 10_000] if full() else [10_000])
@pytest.mark.parametrize(
    "piece", ["a", "((((", "S01E01", "1x1x", "@a_", "-.-.", "Tam+", "s1e", "三", "第", "join us ", "www.a.com/"]
)
def test_the_facts_of_a_long_name_are_bounded(piece: str, length: int) -> None:
    read = read_name((piece * length)[:length] + ".mkv", "document")
    assert len(read.title) <= 300
    assert len(read.work) <= 120


@pytest.mark.parametrize(
    "name", [f"vid{'1' * 200}!", f"video{' at 1' * 50}!", "1" * 230 + "x", f"@{'a_' * 110}!", "[" * 230]
)
def test_no_pattern_backtracks_without_bound(name: str) -> None:
    assert read_name(f"{name}.mkv", "document").work == ""


@given(st.text(max_size=80))
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    read = read_name(text + ".mkv", "document")
    assert read.version == VERSION
    assert not any(character.isspace() or character in "/?#&%" for character in read.work)
    assert not any("\ud800" <= character <= "\udfff" for character in read.title + read.work)


WORDS = st.sampled_from((
    "The", "Matrix", "1999", "(2010)", "S01", "E05", "S01E02", "1080p", "x264", "Hindi", "[Tam + Tel]", "@movies",
    "E01-E99", "S01-S99", "1-1000", "2x05", "1of5", "2023-01-02", "99999999", "-", ".", "_", "(", "[", "]", "AC3", "US",
    "Part 3", "cd1", "DTS-HD", "Web-DL", "episode 5", "第3期", "第十二集", "Сезон 2", "الحلقة الثالثة", "t.me/x", "🔥",
))  # fmt: skip


@given(st.lists(WORDS, max_size=14), st.sampled_from([" ", ".", "_", "-", ""]))
def test_any_mixture_of_typical_words_is_parsed_without_an_error(words: list[str], gap: str) -> None:
    read = read_name(gap.join(words) + ".mkv", "document")
    assert read.season is None or 0 <= read.season < 10_000
    assert read.year is None or 1888 <= read.year < 2100


@pytest.mark.parametrize(
    "name",
    [
        "VID_20240105_120000.mp4", "видео 12.mp4", "película 3.mkv", "未命名 4.mp4",
        "5_6125382.mp4", "20230101_120000.mp4", "WhatsApp Video 2024-01-05 at 12.00.00.mp4", "output_final.mp4",
        "550e8400-e29b-41d4-a716-446655440000.mp4",
    ],
)  # fmt: skip
def test_names_that_say_nothing_to_the_rules_for_texts_have_no_facts_either(name: str) -> None:
    """C: one list of empty words decides both."""
    told = told_by(split_ending(name)[0])
    assert (told, read_name(name, "video")) in (("nothing", NO_FACTS), ("little", NO_FACTS))


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("Movie.43.2013.mkv", "Movie 43", 2013),
        ("Track 29 1988.avi", "Track 29", 1988),
        ("No Name 2021.mkv", "No Name", 2021),
        ("Original Copy 2015.mp4", "Original Copy", 2015),
        ("Master 2 2021.mp4", "Master 2", 2021),
        ("The_Final_Test_1953.avi", "The Final Test", 1953),
        ("New Music 1987.mkv", "New Music", 1987),
        ("Voice.Note.7.2004.mkv", "Voice Note 7", 2004),
        ("Видео 2 2009.mkv", "Видео 2", 2009),
    ],
)
def test_words_that_name_nothing_are_a_title_before_a_year(name: str, title: str, year: int) -> None:
    read = read_name(name, "document")
    assert (read.title, read.year) == (title, year)
    assert read.work.startswith("f:")


@pytest.mark.parametrize(
    "name",
    ["video 12.05.2021.mp4", "VID 12 2021.mp4", "WhatsApp Video 2021.mp4", "Запись 5-1-2024.mp4", "2021 video 7.mp4",
     "movie 43.mkv", "Screen Recording 5 2021.mp4"],
)  # fmt: skip
def test_dates_and_numbers_are_no_year_of_a_film(name: str) -> None:
    assert read_name(name, "video") == NO_FACTS


def test_endings_whose_dot_is_lost_are_the_same_for_types_and_names() -> None:
    """N"""
    assert split_ending("Autumn Tale (2005) (1080p) mkv") == ("Autumn Tale (2005) (1080p)", ".mkv")
    assert split_ending("Autumn Tale - mkv")[1] == ".mkv"
    assert split_ending("mkv") == ("mkv", "")
