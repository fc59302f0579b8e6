"""What a file is, decided from Telegram's kind, the sender's name and type, the text, the size and the duration."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.captions import LONGEST
from streamvault.media.classification import classify
from streamvault.media.model import Kind, MediaFile, Sent
from streamvault.media.nameless import told_by
from streamvault.media.release_words import NUMBERS, is_release
from tests.support.files import media_file

OCTETS = "application/octet-stream"
MIB = 1 << 20


def decided(name: str, kind: Kind = "document", mime_type: str = OCTETS, **changes: Any) -> MediaFile:
    """What is decided for a file that was sent so, in message 7."""
    changes = {"size": 700 * MIB, "duration": None, "caption": ""} | changes
    sent = Sent(kind, name, mime_type)
    return classify(media_file(7, kind=kind, name=name, mime_type=mime_type, sent=sent, **changes))


@pytest.mark.parametrize(
    ("name", "kind", "mime_type", "expected"),
    [
        ("Harbour Lights 1987.mkv", "document", "video/x-matroska", "video video/x-matroska"),
        ("Night Bus.mp4", "document", OCTETS, "video video/mp4"),
        ("Tin Roof Blues.flac", "document", "audio/flac", "audio audio/flac"),
        ("Night Bus.MP4", "document", "", "video video/mp4"),
        ("Night Bus", "document", "video/mp4", "video video/mp4"),
        ("Lecture.m4b", "document", OCTETS, "audio audio/mp4"),
        ("A B C Winter Song 1999 720p BluRay mkv", "document", OCTETS, "video video/x-matroska"),
        ("paper.pdf", "document", "application/pdf", "document application/pdf"),
        ("archive.zip", "document", OCTETS, "document application/zip"),
        ("Night Bus.srt", "document", "application/x-subrip", "document application/x-subrip"),
        ("scan.jpg", "document", "image/jpeg", "document image/jpeg"),
        ("Night Bus.mkv", "audio", "video/x-matroska", "video video/x-matroska"),
        ("Blues.mp3", "video", "audio/mpeg", "audio audio/mpeg"),
        ("Blues.mp4", "audio", "audio/mp4", "audio audio/mp4"),
        ("hello.ogg", "voice", "audio/ogg", "voice audio/ogg"),
        ("round.mp4", "video_note", "video/mp4", "video_note video/mp4"),
        ("party.webm", "sticker", "video/webm", "sticker video/webm"),
        ("film.mkv.001", "document", OCTETS, f"video {OCTETS}"),
        ("album.flac.002", "document", OCTETS, f"audio {OCTETS}"),
        ("archive.zip.001", "document", OCTETS, f"document {OCTETS}"),
        ("archive.7z.part2", "document", OCTETS, f"document {OCTETS}"),
    ],
)
def test_films_and_music_are_known_by_name_or_type(name: str, kind: Kind, mime_type: str, expected: str) -> None:
    """A: whatever they were sent as; everything else that was sent as a document stays one."""
    file = decided(name, kind, mime_type)
    assert f"{file.kind} {file.mime_type}" == expected
    assert (file.name, file.sent) == (name, Sent(kind, name, mime_type))
    assert file.telegram_kind == kind


@pytest.mark.parametrize(
    ("name", "mime_type", "expected"),
    [
        ("a.mkv", "binary/octet-stream", "video/x-matroska"),
        ("a.mkv", "application/force-download", "video/x-matroska"),
        ("a.mkv", "nonsense", "video/x-matroska"),
        ("a.mkv", "VIDEO/X-MATROSKA; codecs=vp9", "video/x-matroska"),
        ("reel.mkv", "application/x-mkv", "video/x-matroska"),
        ("a.mp4", "application/mp4", "video/mp4"),
        ("a.m4a", "application/mp4", "audio/mp4"),
        ("a.m4a", "video/mp4", "audio/mp4"),
        ("c.flac", "application/x-flac", "audio/flac"),
        ("c.flac", "audio/x-flac", "audio/flac"),
        ("a.avi", "video/avi", "video/x-msvideo"),
        ("a.mp3", "audio/mp3", "audio/mpeg"),
        ("a.ogg", "application/ogg", "audio/ogg"),
        ("a.ogv", "application/ogg", "video/ogg"),
        ("a.rmvb", "application/vnd.rn-realmedia-vbr", "video/vnd.rn-realvideo"),
        ("d.ts", "text/vnd.trolltech.linguist", "video/mp2t"),
        ("a.mkv", "text/plain", "video/x-matroska"),
        ("a.vob", OCTETS, "video/mpeg"),
        ("a.flv", OCTETS, "video/x-flv"),
        ("a.m4v", OCTETS, "video/mp4"),
        ("a.rmvb", OCTETS, "video/vnd.rn-realvideo"),
        ("a.mts", OCTETS, "video/mp2t"),
        ("a.wma", OCTETS, "audio/x-ms-wma"),
        ("a.ape", OCTETS, "audio/x-ape"),
        ("a.ac3", OCTETS, "audio/ac3"),
        ("a.ass", OCTETS, "text/x-ssa"),
        ("a.ass", "audio/aac", "text/x-ssa"),
        ("a.ssa", "text/plain", "text/x-ssa"),
        ("a.3gp", OCTETS, "video/3gpp"),
        ("a.3gp", "audio/3gpp", "video/3gpp"),
        ("a.m3u8", "audio/mpegurl", "audio/x-mpegurl"),
        ("a.pls", "audio/mpeg", "audio/x-scpls"),
        ("p.mp4", "text/html", "text/html"),
        ("n.html", "video/mp4", "video/mp4"),
        ("s.svg", "video/mp4", "video/mp4"),
        ("f.xyzzy", OCTETS, OCTETS),
        ("f.xyzzy", "chemical/x-pdb", "chemical/x-pdb"),
    ],
)
def test_types_become_those_that_players_know(name: str, mime_type: str, expected: str) -> None:
    """B"""
    assert decided(name, "document", mime_type).mime_type == expected


def test_a_small_ts_is_a_translation_unless_telegram_saw_a_film() -> None:
    """B"""
    linguist = "text/vnd.trolltech.linguist"
    assert decided("d.ts", "document", linguist, size=MIB - 1).mime_type == linguist
    assert decided("d.ts", "document", linguist, size=MIB).mime_type == "video/mp2t"
    assert decided("d.ts", "video", linguist, size=MIB - 1).mime_type == "video/mp2t"


@pytest.mark.parametrize("name", ["a.m3u", "a.m3u8", "a.pls", "a.cue", "a.xspf", "a.asx", "a.ram", "a.ass", "a.svg"])
def test_playlists_subtitles_and_drawings_are_documents(name: str) -> None:
    """B"""
    assert decided(name).kind == "document"


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
    ],
)  # fmt: skip
@pytest.mark.parametrize("caption", ["", "What a night\nwith everybody"])
def test_a_real_name_beats_the_text(name: str, caption: str) -> None:
    """C"""
    assert decided(name, caption=caption).name == name


@pytest.mark.parametrize("caption", ["", "@films", "https://example.org/a", "🎬🎬", "720p", "Join us: t.me/films"])
def test_a_text_without_a_name_changes_nothing(caption: str) -> None:
    """C: a name of its own is kept, and without one it is made of kind and message."""
    assert decided("movie.mkv", caption=caption).name == "movie.mkv"
    assert decided("", "video", "video/mp4", caption=caption).name == "video-7.mp4"
    assert decided(" \u200b.mkv", caption=caption).name == "video-7.mkv"
    assert decided("", "document", "application/pdf", caption=caption).name == "document-7.pdf"


LONG_NAME = "Sea_Of_Glass_A_Story_Of_Two_Brothers_And_The_Long_Winter_S04"


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


@pytest.mark.parametrize(
    ("name", "mime_type", "duration", "kind"),
    [
        ("Metropolis.1927.1080p.mp4", "video/mp4", 9000.0, "video"),
        ("Metropolis.1927.1080p.mp4", "video/mp4", None, "video"),
        ("Metropolis.1927.1080p.mp4", "video/mp4", 61.0, "video"),
        ("Metropolis.1927.1080p.mp4", "video/mp4", 5.0, "animation"),
        ("", "video/mp4", 400.0, "video"),
        ("cat.mp4", "video/mp4", 61.0, "animation"),
        ("cat.gif", "image/gif", None, "animation"),
    ],
)
def test_a_long_animation_is_a_film(name: str, mime_type: str, duration: float | None, kind: str) -> None:
    """K"""
    assert decided(name, "animation", mime_type, duration=duration).kind == kind


def test_rows_that_were_stored_without_what_was_sent() -> None:
    old = media_file(7, kind="document", name="document-7.mp4", mime_type="video/mp4", caption="Paper Moons S03E11")
    assert (classify(old).name, classify(old).kind) == ("Paper Moons S03E11.mp4", "video")
    assert classify(old).sent == Sent("document", "", "video/mp4")
    other = replace(old, name="document-8.mp4", caption="Regatta")  # of a file that was called so
    assert classify(other).sent == Sent("document", "document-8.mp4", "video/mp4")


@pytest.mark.parametrize("number", ["9" * 5000, "7" * 65_000, "007", "٧", "0" * 5000 + "7", "-7"])
def test_rows_whose_names_have_other_numbers_keep_them(number: str) -> None:
    old = media_file(7, kind="video", name=f"video-{number}.mp4", mime_type="video/mp4")
    assert classify(old).sent == Sent("video", f"video-{number}.mp4", "video/mp4")


@pytest.mark.parametrize("before", ["S01E01", "S01", "e1", "Season", "7", "S01E01-02"])
@pytest.mark.parametrize("filling", ["-", "_", ". ", "-.", "e1", "-1", "s1e1-", "1", "a"])
def test_long_names_are_decided_by_their_beginning(before: str, filling: str) -> None:
    """Names of 65,000 characters; what stands behind the first thousand changes neither kind nor name."""
    long = before + filling * (65_000 // len(filling))
    for name in (f"{long}x.mkv", f"{long} S02E03 1999 1080p x.mkv"):
        file = decided(name, caption="Harbour (1987)")
        assert (file.kind, file.mime_type, len(file.name) <= len(name)) == ("video", "video/x-matroska", True)
        assert is_release(name) == is_release(long)
        assert told_by(name) == told_by(long)
    short = f"Harbour{filling * 2000}.mp4"
    late = f"{short} S02E03 1999 1080p.mp4"
    kinds = {decided(name, "animation", "video/mp4", duration=61.0).kind for name in (short, late)}
    assert len(kinds) == 1


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Paper Moons S01E01 - E02.mkv", "S01E01 - E02"),
        ("Paper Moons s01 _ e01-02-03.mkv", "s01 _ e01-02-03"),
        ("Season   12.mkv", "Season   12"),
        ("S01" + "-" * 9 + "E01.mkv", "S01" + "-" * 9 + "E01"),
        ("S01" + "-" * 10 + "E01.mkv", "S01"),
    ],
)
def test_few_signs_stand_between_the_numbers_of_an_episode(name: str, numbers: str) -> None:
    found = NUMBERS.search(name)
    assert found is not None
    assert found[0] == numbers


KINDS = st.sampled_from(["video", "audio", "voice", "animation", "photo", "sticker", "video_note", "document"])
STEMS = st.sampled_from(["", "movie", "Film", LONG_NAME, "VID_20240105_120000", "S01E02", "1917", "Cold Ledger 2009"])
NAMES = st.builds("".join, st.tuples(STEMS, st.sampled_from(["", ".mkv", ".ts", ".001", " mkv", ".part1.avi", ".x"])))
TYPES = st.sampled_from([OCTETS, "", "video/mp4", "audio/mpeg", "text/html", "image/gif", "application/mp4"])


@given(
    sent=st.builds(Sent, KINDS, NAMES | st.text(), TYPES | st.text()),
    caption=st.text() | st.sampled_from([LONG_NAME + "E05.mkv and more", "Paper Moons (2001)\n1080p"]),
    duration=st.none() | st.floats(0, 1e5),
)
def test_a_decision_is_made_once(sent: Sent, caption: str, duration: float | None) -> None:
    """Deciding again changes nothing, every file has a name, and what was sent is kept."""
    first = classify(
        media_file(
            7, kind=sent.kind, name=sent.name, mime_type=sent.mime_type, sent=sent, caption=caption, duration=duration
        )
    )
    assert classify(first) == first
    assert first.sent == sent
    assert first.name.strip()
