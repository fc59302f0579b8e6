"""Grouping the files of a work."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.base import Entry
from streamvault.catalog.works import MOST_LISTED, WorkTree, group
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.name_facts import NameFacts

RESOLUTIONS = ("", "480p", "720p", "1080i", "1080p", "2160p")
NUMBERS = st.none() | st.integers(0, 4)


def entry(
    number: int, *, work: str, title: str = "T", size: int = 1, height: int | None = None, year: int | None = None,
    season: int | None = None, episode: int | None = None, resolution: str = "",
) -> Entry:  # fmt: skip
    file = MediaFile(
        FileKey(f"u{number}"),
        Origin(-100, number),
        2,
        "video",
        "n.mkv",
        size,
        "video/mp4",
        1000 + number,
        height=height,
    )
    return Entry(file, NameFacts(1, title, year, season, episode, resolution, work=work))


def named(one: Entry, name: str) -> Entry:
    return replace(one, file=replace(one.file, name=name))


def flat(tree: WorkTree) -> list[Entry]:
    episodes = [episode for season in tree.seasons for episode in season.episodes]
    return [*tree.files, *(file for episode in episodes for file in episode.files)]


@st.composite
def entries(draw: st.DrawFn, work: str) -> list[Entry]:
    return [
        entry(
            number, work=work, title=draw(st.sampled_from("AB")), size=draw(st.integers(0, 9)), season=draw(NUMBERS),
            episode=draw(NUMBERS), resolution=draw(st.sampled_from(RESOLUTIONS)), height=draw(st.none() | st.just(720)),
        )
        for number in range(draw(st.integers(1, 30)))
    ]  # fmt: skip


@given(entries("s:t") | entries("f:t-1999"), st.randoms(use_true_random=False))
def test_every_entry_is_in_the_tree_once_whatever_their_order(files: list[Entry], chance: object) -> None:
    tree = group(files)
    assert Counter(id(file) for file in flat(tree)) == Counter(id(file) for file in files)
    shuffled = list(files)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group(shuffled) == tree


@given(entries("s:t"))
def test_seasons_and_episodes_hold_what_their_numbers_say(files: list[Entry]) -> None:
    tree = group(files)
    assert not tree.files
    seasons = [season.number for season in tree.seasons]
    assert len(set(seasons)) == len(seasons)
    for season in tree.seasons:
        episodes = [episode.number for episode in season.episodes]
        assert len(set(episodes)) == len(episodes)
        for episode in season.episodes:
            assert episode.files
            told = {(file.facts.season, file.facts.episode) for file in episode.files if file.facts}
            assert told == {(season.number, episode.number)}


def test_the_highest_resolution_comes_first_then_the_largest() -> None:
    files = [
        entry(1, work="f:t", resolution="720p", size=9),
        entry(2, work="f:t", resolution="2160p", size=1),
        entry(3, work="f:t", resolution="1080p", size=4),
        entry(4, work="f:t", resolution="1080p", size=5),
        entry(5, work="f:t", height=576, size=99),
        entry(6, work="f:t", size=999),
    ]
    assert [each.file.origin.message_id for each in group(files).files] == [2, 4, 3, 1, 5, 6]


def test_specials_come_after_the_seasons_and_files_without_numbers_last() -> None:
    files = [
        entry(number, work="s:t", season=season, episode=episode)
        for number, (season, episode) in enumerate([(None, 7), (0, 1), (2, None), (2, 10), (2, 9), (1, 1)])
    ]
    tree = group(files)
    assert [(s.number, [e.number for e in s.episodes]) for s in tree.seasons] == [
        (1, [1]), (2, [9, 10, None]), (0, [1]), (None, [7])
    ]  # fmt: skip


def test_a_work_has_the_commonest_title_and_the_earliest_year() -> None:
    files = [
        entry(1, work="s:dr-who", title="Dr Who"),
        entry(2, work="s:dr-who", title="dr who", year=2005),
        entry(3, work="s:dr-who", title="Dr Who", year=2006),
        entry(4, work="s:dr-who", title="DR WHO"),
    ]
    tree = group(files)
    assert (tree.key, tree.title, tree.year) == ("s:dr-who", "Dr Who", 2005)
    assert group(files[1:]).title == "DR WHO"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param([], id="none"),
        pytest.param([entry(1, work="")], id="of no work"),
        pytest.param([entry(1, work="f:a"), entry(2, work="f:b")], id="of two"),
    ],
)
def test_entries_of_no_or_several_works_raise_value_error(files: list[Entry]) -> None:
    with pytest.raises(ValueError, match="not of one"):
        group(files)


def several(first: int, last: int, *, number: int = 1, season: int | None = 2) -> Entry:
    one = entry(number, work="s:low-country", season=season, episode=first)
    assert one.facts is not None
    return replace(one, facts=replace(one.facts, last_episode=last))


def listed(tree: WorkTree) -> dict[tuple[int | None, int | None], list[int]]:
    return {
        (season.number, episode.number): [file.file.origin.message_id for file in episode.files]
        for season in tree.seasons
        for episode in season.episodes
    }


@pytest.mark.parametrize(("first", "last"), [(3, 4), (1, 2), (1, 6), (0, 1), (99, 101)])
def test_a_file_of_several_episodes_is_listed_below_each(first: int, last: int) -> None:
    """J: S02E03-E04, 3x01-02, Episodes.1-6."""
    single = entry(2, work="s:low-country", season=2, episode=first, size=9)
    found = listed(group([several(first, last), single]))
    assert found == {(2, first): [2, 1]} | {(2, number): [1] for number in range(first + 1, last + 1)}


@pytest.mark.parametrize(("first", "last"), [(3, 3), (3, 2), (3, 0), (1, 101), (1, 1 << 40)])
def test_numbers_that_are_no_few_episodes_are_the_first_one(first: int, last: int) -> None:
    assert listed(group([several(first, last)])) == {(2, first): [1]}


def test_a_listing_is_bounded() -> None:
    files = [several(1, 100, number=number) for number in range(1, MOST_LISTED // 100 + 2)]
    assert len(flat(group(files[:-1]))) == MOST_LISTED
    assert len(flat(group(files))) == len(files)


@pytest.mark.parametrize(
    "pattern",
    [
        "Cold.Ledger.2009.1080p.part{}.mkv",
        "Cold Ledger (2009) 720p.part0{}.mp4",
        "Cold.Ledger.2009.CD{}.avi",
        "Cold Ledger 2009 1080p Disc {}.mkv",
        "Cold Ledger (2009) [Part {}] 720p.mkv",
        "Холодный счёт (2009) часть {}.mkv",
        "Cold.Ledger.2009.1080p.mkv.00{}",
        "Cold Ledger 2009 cd{} x264 DVD5.mkv",
        "DVD9.Cold.Ledger.2009.Disc{}.DVD-9.mkv",
        "Cold Ledger 2009 DVD {}.mkv",
        "Cold Ledger (2009) ({} of 10).avi",
        "Cold.Ledger.2009.{}of10.avi",
    ],
)
def test_parts_of_a_film_are_in_the_order_of_their_numbers(pattern: str) -> None:
    """D: whatever their sizes and heights are, and whenever they were posted; other files stay in theirs."""
    sizes = {4: 90, 1: 70, 3: 80, 2: 100, 10: 5} if "0{}" not in pattern else {4: 90, 1: 70, 3: 80, 2: 100}
    parts = [
        named(entry(n, work="f:a", size=size, height=700 + 7 * size % 13), pattern.format(n))
        for n, size in sizes.items()
    ]
    best = named(entry(50, work="f:a", size=1, resolution="2160p"), "Cold Ledger 2009 2160p.mkv")
    worst = named(entry(60, work="f:a", size=999, resolution="360p"), "Cold Ledger 2009 360p.mkv")
    found = [each.file.origin.message_id for each in group([worst, *parts, best]).files]
    assert found == [50, *sorted(sizes), 60]


def test_sets_of_parts_are_not_mixed() -> None:
    """D: in two qualities, and in two channels; those of an episode too."""
    parts = [
        named(
            entry(n + 10 * number, work="s:a", season=1, episode=2, resolution=lines, size=n),
            f"A S01E02 {lines}.part{n}.mkv",
        )
        for number, lines in enumerate(("720p", "1080p"))
        for n in (1, 2, 3)
    ]
    elsewhere = [replace(one, file=replace(one.file, origin=Origin(-200, 7), size=50)) for one in parts[5:]]
    [season] = group([*parts, *elsewhere]).seasons
    assert [one.file.origin for one in season.episodes[0].files] == [
        Origin(-200, 7), *(Origin(-100, n) for n in (11, 12, 13, 1, 2, 3)),
    ]  # fmt: skip


@pytest.mark.parametrize("order", [(1, 2, 3, 1, 2, 3), (3, 2, 1, 3, 2, 1), (1, 1, 2, 2, 3, 3), (1, 2, 1, 3, 2, 3)])
def test_a_set_of_parts_that_was_posted_twice_is_listed_twice(order: tuple[int, ...]) -> None:
    """D"""
    parts = [
        named(entry(n, work="f:a", size=n * 7 % 5), f"Cold Ledger (2009) Part {part}.mkv")
        for n, part in enumerate(order, 10)
    ]
    names = [one.file.name for one in group(parts).files]
    assert names == [f"Cold Ledger (2009) Part {part}.mkv" for part in (1, 2, 3, 1, 2, 3)]


def test_a_part_that_was_posted_again_does_not_stand_within_the_set() -> None:
    """D"""
    parts = [
        named(entry(n, work="f:a", size=n), f"Cold.Ledger.2009.CD{part}.avi") for n, part in enumerate((1, 2, 3, 2), 1)
    ]
    found = [one.file.origin.message_id for one in group(parts).files]
    assert found in ([1, 2, 3, 4], [4, 1, 2, 3])


def test_the_kind_of_a_disc_is_no_number_of_a_part() -> None:
    """D: the larger one first, as with other files."""
    discs = [
        named(entry(n, work="f:a", size=n), f"Cold Ledger 2009 {kind}.mkv")
        for n, kind in enumerate(("DVD5", "DVD-5", "dvd9", "DVD-9"), 1)
    ]
    assert [one.file.origin.message_id for one in group(discs).files] == [4, 3, 2, 1]
