"""Which files are posted of those that lie in a job's folder, and what they are called."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import SourceFailed
from streamvault.leech.sources.base import Checkpoint, SourceChanged
from streamvault.leech.ytdlp.lines import Beside, Entry, Written
from streamvault.leech.ytdlp.naming import beside_name, video_name
from streamvault.leech.ytdlp.written import WrittenVideo, keep, kept_in

ENTRY = Entry("x", "Garden", None, "webm")
DATA = bytes(range(256)) * 10_000


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(DATA)


def test_only_what_was_reported_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "file.mp4", "file.en.vtt", "file.f299.mp4", "live_chat.json")
    sides = (Beside("en", "vtt", "https://x", "file.en.vtt"), Beside("de", "vtt", None, "file.de.vtt"))
    kept = keep(tmp_path, ENTRY, Written(str(tmp_path / "file.mp4"), sides, ("file.jpg",)))
    assert (kept.name, kept.path, kept.size, kept.picture) == ("Garden.mp4", "file.mp4", len(DATA), None)
    assert kept.subtitles == (Beside("en", "vtt", None, "file.en.vtt"),)
    assert kept_in(tmp_path) == kept


def test_what_was_cut_off_is_removed_and_what_goes_on_stays(tmp_path: Path) -> None:
    parts = ["file.f299.mp4", "file.f140.m4a.part", "file.mp4.part", "file.mp4.part-Frag7.part", "file.mp4.ytdl"]
    write(tmp_path, *parts, "file.mp4", "file.temp.mp4", "file.en.vtt", "complete.json")
    assert kept_in(tmp_path) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(parts)


def test_a_file_that_changed_since_is_not_complete(tmp_path: Path) -> None:
    write(tmp_path, "file.mp4")
    keep(tmp_path, ENTRY, Written("file.mp4"))
    (tmp_path / "file.mp4").write_bytes(DATA[1:])
    assert kept_in(tmp_path) is None


def test_files_elsewhere_are_not_posted(tmp_path: Path) -> None:
    write(tmp_path, "secret.mp4")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    for path in ("../secret.mp4", str(tmp_path / "secret.mp4"), "link.mp4", "missing.mp4", "/etc/passwd", "."):
        with pytest.raises(SourceFailed):
            keep(folder, ENTRY, Written(path))


async def test_it_is_read_from_any_offset_and_another_one_is_not_continued(tmp_path: Path) -> None:
    write(tmp_path, "file.mp4")
    kept = keep(tmp_path, ENTRY, Written("file.mp4"))
    async with WrittenVideo(tmp_path, kept).open(None) as opened:
        described, state = opened.described, opened.state
        assert (described.name, described.size, described.mime_type) == ("Garden.mp4", len(DATA), "video/mp4")
        assert b"".join([block async for block in opened.blocks]) == DATA
    async with WrittenVideo(tmp_path, kept).open(Checkpoint(described, 1000, None, state)) as opened:
        assert opened.offset == 1000
        assert b"".join([block async for block in opened.blocks]) == DATA[1000:]
    for other in ({**state, "changed": "1"}, {"ytdlp": "y"}, {}):
        with pytest.raises(SourceChanged):
            async with WrittenVideo(tmp_path, kept).open(Checkpoint(described, 1000, None, other)):
                pass


def test_names() -> None:
    """By title and ending."""
    for (title, ext), name in {
        ("Garden", "mp4"): "Garden.mp4",
        ("AC/DC: live", "mp4"): "AC\u29f8DC: live.mp4",
        ("../../etc/passwd", "mp4"): "..\u29f8..\u29f8etc\u29f8passwd.mp4",
        ("v1.5", "mp4"): "v1.5.mp4",
        ("\u9f8d" * 300, "webm"): "\u9f8d" * 83 + ".webm",
        ("", "mp4"): "x.mp4",
        ("\x00\x01", "mp4"): "x.mp4",
        ("Garden", "m/../p"): "Garden",
    }.items():
        assert video_name(Entry("x", title, None, ext)) == name
    assert beside_name("Garden.mp4", Beside("en-US", "vtt")) == "Garden.en-US.vtt"
    assert beside_name("v1.5 of the garden", Beside("../x", "vtt")) == "v1.5 of the garden.vtt"


@given(st.text(max_size=400), st.text(max_size=12), st.text(max_size=30))
def test_a_name_is_one_short_segment(title: str, ext: str, language: str) -> None:
    name = video_name(Entry("x", title, None, ext))
    for one in (name, beside_name(name, Beside(language, "vtt"))):
        assert 0 < len(one.encode()) <= 255
        assert "/" not in one
        assert "\0" not in one
        assert one.strip(". ")
