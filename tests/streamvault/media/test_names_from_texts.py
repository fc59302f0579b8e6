"""Which files are named by the text beside them or by their tags, and how."""

import pytest

from streamvault.media.captions import LONGEST
from streamvault.media.model import Kind, Sent
from tests.support.classified import LONG_NAME, OCTETS, decided


@pytest.mark.parametrize(
    ("name", "kind", "mime_type", "caption", "expected"),
    [
        ("", "video", "video/mp4", "Paper Moons S03E11 720p", "Paper Moons S03E11 720p.mp4"),
        ("movie.mkv", "document", OCTETS, "Cold Ledger 2009 1080p BluRay", "Cold Ledger 2009 1080p BluRay.mkv"),
        ("video.mp4", "video", "video/mp4", "🎬 Title: Cold Ledger (2009)\n@films", "Cold Ledger (2009).mp4"),
        ("file_12.avi", "document", OCTETS, "Paper.Moons.S03E11.mkv", "Paper.Moons.S03E11.avi"),
        ("VID_20240105_120000.mp4", "video", "video/mp4", "Birthday of Tim", "Birthday of Tim.mp4"),
        ("IMG_1234.MOV", "document", OCTETS, "Tim.", "Tim.MOV"),
        ("PXL_20230101_120000123.mp4", "document", "video/mp4", "At the lake #summer", "At the lake.mp4"),
        ("WhatsApp Video 2024-01-05 at 12.00.00.mp4", "video", "video/mp4", "Harbour", "Harbour.mp4"),
        ("550e8400-e29b-41d4-a716-446655440000.mp4", "video", "video/mp4", "Harbour", "Harbour.mp4"),
        ("видео.mp4", "video", "video/mp4", "Гавань 1987", "Гавань 1987.mp4"),
        ("video_1080p.mp4", "video", "video/mp4", "Harbour (1987)", "Harbour (1987) 1080p.mp4"),
        ("S03E11.mkv", "document", OCTETS, "Paper Moons", "Paper Moons S03E11.mkv"),
        (".mp4", "video", "video/mp4", "Harbour", "Harbour.mp4"),
        ("\u200b \u2060\u3164", "video", "video/mp4", "Harbour", "Harbour.mp4"),
        ("\u200b.mkv", "document", OCTETS, "Harbour", "Harbour.mkv"),
        ("", "audio", "audio/mpeg", "Tin Roof Blues", "Tin Roof Blues.mp3"),
        ("", "document", "application/pdf", "Minutes of June", "Minutes of June.pdf"),
        ("", "video", "video/mp4", "Paper Moons\nSeason: 3 | Episode: 11\n720p WEB-DL",
         "Paper Moons Season: 3 Episode: 11 720p WEB-DL.mp4"),
        ("movie.mkv", "document", OCTETS, "Watch tonight!\nPaper Moons S03E11", "Paper Moons S03E11.mkv"),
        ("", "document", OCTETS, "The plan.pdf", "The plan.pdf"),
        ("", "video", "video/mp4", "The plan.pdf", "The plan.mp4"),
        ("0001.mp4", "video", "video/mp4", "Wedding", "Wedding.mp4"),
        ("tmpabc123.mp4", "video", "video/mp4", "Wedding", "Wedding.mp4"),
        ("BAACAgIAAxkBAAIBY2.mp4", "video", "video/mp4", "Wedding", "Wedding.mp4"),
        ("", "video", "video/mp4", "Follow Me (2020)", "Follow Me (2020).mp4"),
        ("", "video", "video/mp4", "Title - Cold Ledger\nYear - 2009", "Cold Ledger 2009.mp4"),
        ("1.mp4", "video", "video/mp4", "#Paper_Moons S03E11", "Paper Moons S03E11.mp4"),
        ("1917.mkv", "document", OCTETS, "1917 (2019) 1080p", "1917 (2019) 1080p.mkv"),
    ],
)  # fmt: skip
def test_the_text_names_a_file_whose_name_says_nothing(
    name: str, kind: Kind, mime_type: str, caption: str, expected: str
) -> None:
    """C"""
    file = decided(name, kind, mime_type, caption=caption)
    assert file.name == expected
    assert file.sent == Sent(kind, name, mime_type)


@pytest.mark.parametrize(
    "name",
    [
        "Harbour Lights 1987.mkv", "Lesson 2.mp4", "Rain.mp4", "1917.mkv", "Film Noir.mkv", "Test Pilot.mkv",
        "Rec 2007.mkv", "X.mkv", "film.mkv.001", ".gitignore", "Paper Moons S03E11.mkv", "電影天堂.mkv", "9 Songs.mkv",
        "2012 Film.mkv", "Movie.43.2013.mkv", "No Name 2021.mkv", "Original Copy 2015.mkv", "Track 29 1988.mkv",
    ],
)  # fmt: skip
@pytest.mark.parametrize("caption", ["", "What a night\nwith everybody"])
def test_a_real_name_beats_the_text(name: str, caption: str) -> None:
    """C"""
    assert decided(name, caption=caption).name == name


@pytest.mark.parametrize("name", ["New Film 2020.mp4", "VID_20240105_120000.mp4", "фильм 12.mkv"])
@pytest.mark.parametrize("caption", ["new", "Video", "HD film", "новый", "file 7\n#new"])
def test_a_text_that_says_no_more_than_the_name_changes_nothing(name: str, caption: str) -> None:
    """C: the sender's name says at least as much."""
    assert decided(name, caption=caption).name == name


@pytest.mark.parametrize("caption", ["", "@films", "https://example.org/a", "🎬🎬", "720p", "Join us: t.me/films"])
def test_a_text_without_a_name_changes_nothing(caption: str) -> None:
    """C: a name of its own is kept, and without one it is made of kind and message."""
    assert decided("movie.mkv", caption=caption).name == "movie.mkv"
    assert decided("", "video", "video/mp4", caption=caption).name == "video-7.mp4"
    assert decided(" \u200b.mkv", caption=caption).name == "video-7.mkv"
    assert decided("", "document", "application/pdf", caption=caption).name == "document-7.pdf"


@pytest.mark.parametrize(
    ("name", "caption", "expected"),
    [
        (LONG_NAME, f"{LONG_NAME}E05_720p_WEB.mkv", f"{LONG_NAME}E05_720p_WEB.mkv"),
        (f"{LONG_NAME}.mkv", f"New!\n▶ {LONG_NAME}E05_720p_WEB.mkv (1 GB)", f"{LONG_NAME}E05_720p_WEB.mkv"),
        (LONG_NAME, f"{LONG_NAME.replace('_', ' ')}E05 720p", f"{LONG_NAME.replace('_', ' ')}E05 720p.mp4"),
        (LONG_NAME, f"{LONG_NAME}.avi", f"{LONG_NAME}.avi"),
        (f"{LONG_NAME}E05.mk", f"{LONG_NAME}E05.mkv (1 GB)", f"{LONG_NAME}E05.mkv"),
        ("Море_стекла_повесть_о_двух_бр", "Море стекла повесть о двух братьях S04E05.mkv",
         "Море стекла повесть о двух братьях S04E05.mkv"),
        (LONG_NAME, "Another one S01E01.mkv", LONG_NAME),
        (LONG_NAME, LONG_NAME, LONG_NAME),
    ],
)  # fmt: skip
def test_a_name_that_was_cut_is_completed_from_the_text(name: str, caption: str, expected: str) -> None:
    """C"""
    mime_type = "video/mp4" if expected.endswith(".mp4") else OCTETS
    file = decided(name, "document", mime_type, caption=caption)
    assert file.name == expected
    assert file.kind == ("document" if expected == LONG_NAME else "video")


WINTER = "The.Long.Winter.Of.Two.Brothers.2019.1080p.BluRay.x264-ABCD"
HARBOUR = "Harbour.Lights.S02E03.The.Long.Way.Home.1080p.WEB.x264-ABC"
LECTURE = "Oceans and Seas of the World and their Shores - Lecture 4"
TIDES = "Spring Evenings With The Harbour Orchestra - North Sea Tides"
CHINESE = "北海的潮汐与两兄弟的漫长冬天第四课程"
PROSE = "and then everybody went home, because it had begun to rain. " * 60


@pytest.mark.parametrize(
    ("stem", "behind"),
    [
        (WINTER, " | https://example.com/download"),
        (WINTER, " https://example.com/download.mkv"),
        (WINTER, " @films #winter t.me/films"),
        (WINTER, ".mkv | 2160p there: Other.Film.2160p.mkv"),
        (HARBOUR, " same 2160p also there"),
        (HARBOUR, " and S02E04 tomorrow.mkv"),
        (HARBOUR, ".mkv (1 GB)"),
        (LECTURE, "2 and others"),
        (LECTURE, "2.mkv"),
        (LECTURE, " is the last one"),
        (LECTURE, f" {PROSE}"),
        (TIDES, f" {PROSE}"),
        (TIDES, f" {PROSE}.mkv"),
        (TIDES, f"oon {PROSE}"),
        (TIDES, " #tides_of_the_sea.mkv"),
        (TIDES, "!.avi (1 GB)"),
        (CHINESE, ".mkv"),
        (CHINESE, "今天我们讨论北海的潮汐"),
    ],
)  # fmt: skip
def test_a_complete_name_of_the_length_of_cut_ones_beats_the_text(stem: str, behind: str) -> None:
    """C: the text begins with the name, and goes on with something else."""
    assert any(length in range(50, 71) for length in (len(stem), len(stem.encode()), len(stem) + 4))
    for caption in (stem + behind, f"New!\n▶ {stem.replace('.', '_').replace(' ', '_')}{behind}\nEnjoy"):
        assert decided(f"{stem}.mkv", caption=caption).name == f"{stem}.mkv"


@pytest.mark.parametrize(
    ("name", "caption", "expected"),
    [
        (f"{HARBOUR[:-2]}.mkv", f"{HARBOUR} | https://example.com/a.mkv", f"{HARBOUR}.mkv"),
        (f"{TIDES[:-3]}.mkv", f"@films {TIDES} #tides", f"{TIDES}.mkv"),
        (TIDES, f"{TIDES} And Winds.mkv @films", f"{TIDES} And Winds.mkv"),
        (f"{TIDES}.mkv", f"{TIDES} And Winds.mkv @films", f"{TIDES} And Winds.mkv"),
        (TIDES, f"{TIDES} And Winds • join us", f"{TIDES} And Winds.mp4"),
        (TIDES, f"{TIDES} | 2160p", TIDES),
        (LECTURE, f"{LECTURE}2.mkv", f"{LECTURE}2.mkv"),
        (LECTURE, f"{LECTURE}2 and others", LECTURE),
    ],
)  # fmt: skip
def test_what_is_completed_ends_where_the_name_ends(name: str, caption: str, expected: str) -> None:
    """C: not with addresses, handles, tags and adverts that stand behind the name."""
    mime_type = "video/mp4" if expected.endswith(".mp4") else OCTETS
    assert decided(name, "document", mime_type, caption=caption).name == expected


@pytest.mark.parametrize("behind", [f" {PROSE}", f" And {'Winds ' * 700}", f"x{'y' * 4000}", f"oon {PROSE}.mkv"])
def test_a_completed_name_is_as_short_as_any_other_from_a_text(behind: str) -> None:
    """C"""
    name = decided(TIDES, "document", "video/mp4", caption=TIDES + behind).name
    assert len(name) <= LONGEST + len(".mp4")
    assert name.startswith(TIDES)


def test_a_song_without_a_name_is_called_by_its_tags() -> None:
    for name in ("", "AUD-20240105-WA0001.mp3", "audio.mp3"):
        file = decided(name, "audio", "audio/mpeg", title="Tin Roof", performer="The Eaves", caption="a caption")
        assert file.name == "The Eaves - Tin Roof.mp3"
    assert decided("01 First.mp3", "audio", "audio/mpeg", title="Tin Roof").name == "01 First.mp3"
