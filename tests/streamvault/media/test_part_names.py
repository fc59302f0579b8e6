"""Which names are names of pieces, and of what whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.part_names import MANIFEST, PartName, part_name
from streamvault.media.parts import whole_of
from tests.support.pieces import one


@pytest.mark.parametrize(
    ("name", "whole", "number"),
    [
        ("Film.mkv.001", "Film.mkv", 1),
        ("Film.mkv.000", "Film.mkv", 0),
        ("Backup.7z.012", "Backup.7z", 12),
        ("Photos.zip.001", "Photos.zip", 1),
        ("Film.mkv.part1", "Film.mkv", 1),
        ("Film.mkv.part01", "Film.mkv", 1),
        ("Film.mkv_part1", "Film.mkv", 1),
        ("Film part 1", "Film", 1),
        ("Film.part1.mkv", "Film.mkv", 1),
        ("Film.PART007.mp4", "Film.mp4", 7),
        ("Film - Part 2.m2ts", "Film -.m2ts", 2),
        ("Backup.part2.7z", "Backup.7z", 2),
        ("Ünï\ncode 🎬.mkv.003", "Ünï\ncode 🎬.mkv", 3),
        ("Film.mkv.parts.json", "Film.mkv", MANIFEST),
        ("lake.mkv.00", "lake.mkv", 0),
        ("lake.mkv.12", "lake.mkv", 12),
        ("lake.tar.gz.01", "lake.tar.gz", 1),
        ("lake.mkv.aa", "lake.mkv", 0),
        ("lake.mkv.bc", "lake.mkv", 28),
        ("dam.zip.001-of-003", "dam.zip", 1),
        ("dam.zip.part02_of_11", "dam.zip", 2),
        ("dam.zip.1of3", "dam.zip", 1),
        ("creek.mkv.rclone_chunk.001", "creek.mkv", 1),
        ("creek.mkv.rclone_chunk.1001", "creek.mkv", 1001),
    ],
)
def test_the_name_of_a_piece_gives_its_whole(name: str, whole: str, number: int) -> None:
    found = part_name(name)
    assert found is not None
    assert (found.whole, found.number) == (whole, number)


@pytest.mark.parametrize(
    "name",
    [
        "Movie.2001", "Movie.mkv", "Movie.01", "001", ".001", "x264", "part1", "part1.mkv", "Apartment 1.mkv",
        "Party.mkv", "Film.part1.rar", "Film.PART01.RAR", "Setup.part1.exe", "Film.r00", "Film.z01", "Film part x.mkv",
        ".parts.json", "Film.mkv.٠٠١", "Film.mkv.0001", "Film.part1234.mkv", "Film part 1 1080p.mkv", "",
        "notes 2.10", "notes 2.11", "v1.00", "v1.01", "Film.tar.gz", "Film.srt.en", "Show.1of3.mkv", "Film.AB",
    ],
)  # fmt: skip
def test_an_ordinary_name_is_no_piece(name: str) -> None:
    assert part_name(name) is None
    assert whole_of(one(1, name)) == ""


def test_the_pieces_of_one_whole_have_one_style() -> None:
    assert part_name("Film.mkv.001") == PartName("Film.mkv", 1, "numbered")
    assert part_name("Film.part1.mkv") == PartName("Film.mkv", 1, "inside")
    assert part_name("Film.mkv.part1") == PartName("Film.mkv", 1, "last")


@given(st.text(max_size=40), st.sampled_from([".001", ".part2", " part 3.mkv", ".parts.json"]))
def test_any_text_before_the_mark_is_the_whole(stem: str, mark: str) -> None:
    found = part_name(stem + mark)
    assert found is None if not stem else found is not None
