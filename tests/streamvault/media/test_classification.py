"""What a file is, decided from Telegram's kind, the sender's name and type, the text, the size and the duration."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.classification import classify
from streamvault.media.model import Kind, Sent
from streamvault.media.nameless import told_by
from streamvault.media.release_words import NUMBERS, is_release
from streamvault.media.types import split_ending
from tests.support.classified import LONG_NAME, MIB, OCTETS, decided
from tests.support.files import media_file


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


@pytest.mark.parametrize("filling", ["_", " ", "-", "_ -", "a_", "] ", " mkv", "_.mkv", ".mkv "])
def test_the_ending_of_a_long_name_is_found_in_linear_time(filling: str) -> None:
    """60,000 characters before, between and behind what may be an ending: quadratic time would end at the timeout."""
    long = filling * (60_000 // len(filling))
    assert split_ending(f"{long}x")[1] == ""
    assert split_ending(f"a{long}b c")[1] == ""
    assert split_ending(f"a{long}.mkv")[1] == ".mkv"


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
