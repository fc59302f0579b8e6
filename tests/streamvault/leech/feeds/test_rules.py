"""Words of titles, and which items are the same episode."""

import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.feeds.model import MAX_WORD, MAX_WORDS, Rules
from streamvault.leech.feeds.rules import check_rules, episode_of, first_of


def test_words_are_whole_ones() -> None:
    for word, title, there in (
        ("cam", "Film.2024.CAM.x264", True), ("cam", "Camera Obscura", False), ("WEB-DL", "Film 1080p web.dl", True),
        ("web dl", "Film WEB_DL", True), ("s01", "Show S01E02", False), ("s01e02", "Show S01E02", True),
        ("фильм", "Хороший ФИЛЬМ", True), ("фильм", "фильмы", False), ("第2話", "作品 第2話 字幕", True),
        ("作品", "新作品集", True), ("12", "Folge 123", False), ("é", "E\u0301", True),
        ("2160p", "Ｆｉｌｍ ２１６０ｐ", True),
    ):  # fmt: skip
        assert (first_of([word], title) == 0) is there, (word, title)
    assert first_of(["2160p", "1080p", "720p"], "Film 720p 1080p") == 1
    assert first_of([], "Film") is None


def test_the_same_episode_in_several_qualities() -> None:
    for same in (
        ("Show S01E02 1080p WEB-DL-GRP", "show.s1e2.720p.hdtv", "Show - 1x02 - Title", "[Grp] Show S01E02 [2160p]"),
        ("Talk 2026.01.05 720p", "Talk 2026-01-05 1080p WEB"),
        ("Film (2024) 1080p BluRay x264", "Film 2024 2160p HDR", "Film (2024)"),
        ("[Grp] Anime - 05 [1080p][AAC]", "[Other] Anime - 05 [720p]"),
        ("Song FLAC", "Song MP3", "Song"),
    ):
        assert len({episode_of(title, ["flac", "mp3"]) for title in same}) == 1, same
    others = (
        "Show S01E02", "Show S01E03", "Show S02E02", "Other S01E02", "Talk 2026.01.05", "Talk 2026.01.06",
        "Film (2024)",
        "Film (1984)", "[Grp] Anime - 05", "[Grp] Anime - 06",
    )  # fmt: skip
    assert len({episode_of(title) for title in others}) == len(others)


def test_rules_are_checked() -> None:
    assert check_rules(Rules((" a  b ", "", "a b"), ("x",), ())) == Rules(("a b",), ("x",), ())
    for wrong in (Rules(("x",) * 3 + tuple(f"w{n}" for n in range(MAX_WORDS))), Rules(exclude=("x" * (MAX_WORD + 1),))):
        with pytest.raises(SourceRefused, match="too many words"):
            check_rules(wrong)
    with pytest.raises(SourceRefused, match="neither letters"):
        check_rules(Rules(prefer=("...",)))
