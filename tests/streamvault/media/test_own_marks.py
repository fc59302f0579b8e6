"""What remains of a file's own name, where a text names it."""

import pytest

from streamvault.indexing.naming.parser import read_name
from streamvault.media.classification import in_album
from tests.support.classified import OCTETS, decided


def in_albums(name: str, text: str) -> str:
    """The name of a file of an album whose text is that of another message."""
    return in_album(decided(name, "document", OCTETS, album=5), text).name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Breaking Bad Season 1", {
            "1.mp4": "Breaking Bad Season 1 - 1.mp4",
            "2.mp4": "Breaking Bad Season 1 - 2.mp4",
            "10.mp4": "Breaking Bad Season 1 - 10.mp4",
            "103.mp4": "Breaking Bad Season 1 - 103.mp4",
            "E04.mp4": "Breaking Bad Season 1 E04.mp4",
            "video (5).mp4": "Breaking Bad Season 1 - 5.mp4",
            "S01E06.mp4": "Breaking Bad S01E06.mp4",
        }),
        ("Breaking Bad S01E01-E05", {
            "E02.mp4": "Breaking Bad S01E02.mp4",
            "ep 03.mp4": "Breaking Bad S01ep 03.mp4",
            "S02E04.mp4": "Breaking Bad S02E04.mp4",
            "5.mp4": "Breaking Bad S01 - 5.mp4",
        }),
        ("Paper Moons Season 2 | Episodes 1-5 | 720p", {
            "E02.mkv": "Paper Moons Season 2 E02 | 720p.mkv",
            "3.mkv": "Paper Moons Season 2 - 3 | 720p.mkv",
        }),
        ("Paper Moons S02E07 720p", {
            "1.mkv": "Paper Moons S02E07 720p (1).mkv",
            "E07.mkv": "Paper Moons S02E07 720p.mkv",
            "1080p.mkv": "Paper Moons S02E07 1080p.mkv",
        }),
        ("Paper Moons 3x01-05", {
            "E02.mkv": "Paper Moons S3E02.mkv",
            "2.mkv": "Paper Moons S3 - 2.mkv",
            "3x04.mkv": "Paper Moons 3x04.mkv",
        }),
        ("War films 1080p", {
            "1917.mkv": "1917.mkv",
            "Film 2001.mkv": "Film 2001.mkv",
            "300.mkv": "War films 1080p - 300.mkv",
        }),
        ("Cold Ledger (2009) 1080p", {
            "720p.mkv": "Cold Ledger (2009) 720p.mkv",
            "1080p.mkv": "Cold Ledger (2009) 1080p.mkv",
            "video_480p_x265.mkv": "Cold Ledger (2009) 480p x265.mkv",
            "1.mkv": "Cold Ledger (2009) 1080p (1).mkv",
        }),
        ("Cold Ledger 2009 1080p BluRay x264", {
            "720p.mkv": "Cold Ledger 2009 720p BluRay x264.mkv",
            "x265.mkv": "Cold Ledger 2009 1080p BluRay x265.mkv",
            "2160p WEB-DL HEVC.mkv": "Cold Ledger 2009 2160p WEB-DL HEVC.mkv",
            "720p 2.mkv": "Cold Ledger 2009 720p BluRay x264 (2).mkv",
            "movie 123456.mkv": "Cold Ledger 2009 1080p BluRay x264.mkv",
            "movie HDR10.mkv": "Cold Ledger 2009 1080p BluRay x264 HDR10.mkv",
        }),
        ("Paper Moons S01-S03", {
            "S02.mkv": "Paper Moons S02.mkv",
            "E03.mkv": "Paper Moons E03.mkv",
            "3.mkv": "Paper Moons S01-S03 - 3.mkv",
        }),
        ("Paper Moons S01 (E01 to E05)", {"E02.mkv": "Paper Moons S01E02.mkv", "3.mkv": "Paper Moons S01 - 3.mkv"}),
        ("Paper Moons S01E01, S01E02 & S01E03", {
            "E02.mkv": "Paper Moons S01E02.mkv",
            "S01E03.mkv": "Paper Moons S01E03.mkv",
            "1.mkv": "Paper Moons S01 - 1.mkv",
        }),
        ("Paper Moons Episodes 1001 – 1005", {"1002.mkv": "Paper Moons E1002.mkv"}),
        ("9 to 5 (1980)", {"720p.mkv": "9 to 5 (1980) 720p.mkv", "2.mkv": "9 to 5 (1980) (2).mkv"}),
        ("Cold Ledger\n480p 720p 1080p", {
            "480p.mp4": "Cold Ledger 480p.mp4",
            "720p.mp4": "Cold Ledger 720p.mp4",
            "1080p.mp4": "Cold Ledger 1080p.mp4",
        }),
        ("Harbour (1987) 480p/720p, 4K", {"4K.mp4": "Harbour (1987) 4K.mp4", "720p.mp4": "Harbour (1987) 720p.mp4"}),
        ("Pink Floyd - The Wall", {
            "Track 01.mp3": "Pink Floyd - The Wall - 01.mp3",
            "Track 02.mp3": "Pink Floyd - The Wall - 02.mp3",
            "03.mp3": "Pink Floyd - The Wall - 03.mp3",
            "audio_4.mp3": "Pink Floyd - The Wall - 4.mp3",
        }),
        ("Rocky 2 (1979)", {"2.mp4": "Rocky 2 (1979).mp4"}),
        ("Regatta at Dornum", {
            "VID_20240105_120000.mp4": "Regatta at Dornum.mp4",
            "IMG_1234.MOV": "Regatta at Dornum.MOV",
            "550e8400-e29b-41d4-a716-446655440000.mp4": "Regatta at Dornum.mp4",
            "movie.mp4": "Regatta at Dornum.mp4",
            "vid 2.mp4": "Regatta at Dornum - 2.mp4",
        }),
    ],
)  # fmt: skip
def test_files_of_an_album_keep_what_tells_them_apart(text: str, names: dict[str, str]) -> None:
    """C: the text of the album may be that of all its files."""
    assert {name: in_albums(name, text) for name in names} == names


@pytest.mark.parametrize(
    ("text", "name", "episode"),
    [
        ("Breaking Bad Season 1", "2.mp4", (1, 2, None)),
        ("Breaking Bad S01E01-E05", "E02.mp4", (1, 2, None)),
        ("Breaking Bad S01E01-E05", "ep 04.mp4", (1, 4, None)),
        ("Paper Moons 3x01-05", "E02.mkv", (3, 2, None)),
        ("Breaking Bad S01E01-E05", "3.mp4", (1, 3, None)),
        ("Paper Moons Season 2 | 720p", "11.mkv", (2, 11, None)),
        ("Paper Moons S02E07", "2.mkv", (2, 7, None)),
    ],
)
def test_their_names_give_their_own_episodes(
    text: str, name: str, episode: tuple[int | None, int | None, int | None]
) -> None:
    facts = read_name(in_albums(name, text), "video")
    assert (facts.season, facts.episode, facts.last_episode) == episode


@pytest.mark.parametrize("name", ["Sample.mkv", "sample.mp4", "Sample 1.mkv", "English.srt", "Rain.mp4"])
def test_samples_and_files_with_a_name_are_not_called_by_the_text_of_their_album(name: str) -> None:
    """C"""
    assert in_albums(name, "Cold Ledger (2009) 1080p") == name


def test_subtitles_are_called_like_the_film_of_the_same_name() -> None:
    """C, G: so that players find them, and by the numbers of their films."""
    text = "Cold Ledger (2009)"
    assert (in_albums("movie.mkv", text), in_albums("movie.srt", text)) == (f"{text}.mkv", f"{text}.srt")
    assert (in_albums("1.mkv", text), in_albums("1.srt", text)) == (f"{text} (1).mkv", f"{text} (1).srt")
    assert in_albums("S01E02.srt", "Paper Moons") == "Paper Moons S01E02.srt"


@pytest.mark.parametrize(
    ("caption", "name", "expected"),
    [
        ("Breaking Bad Season 1", "1.mp4", "Breaking Bad Season 1 - 1.mp4"),
        ("Pink Floyd - The Wall", "Track 01.mp3", "Pink Floyd - The Wall - 01.mp3"),
        ("Paper Moons S03E11", "1.mp4", "Paper Moons S03E11.mp4"),
        ("Cold Ledger (2009)", "2.mp4", "Cold Ledger (2009).mp4"),
    ],
)
def test_a_text_beside_a_file_of_an_album_may_be_its_own(caption: str, name: str, expected: str) -> None:
    """C: if it names a film or an episode."""
    assert decided(name, "document", OCTETS, album=5, caption=caption).name == expected
