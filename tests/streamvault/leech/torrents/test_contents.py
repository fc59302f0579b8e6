"""Which files of a torrent are posted, how much of the disk they need, and which fit at the same time."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import SourceRefused
from streamvault.leech.torrents.batches import SPARE, batch_of, least_needed, needed
from streamvault.leech.torrents.contents import Contents, posted_of
from streamvault.leech.torrents.lines import Entry, Head

PIECE = 1 << 14


def torrent(*entries: Entry, v1: str | None = "a" * 40) -> Contents:
    total = sum(one.size for one in entries)
    return Contents(Head("T", v1, "b" * 64, private=False, piece=PIECE, total=total), entries)


FILES = torrent(
    Entry("T/10.mkv", 9), Entry("T/.pad/7", 7, "padding"), Entry("T/2.mkv", 8),
    Entry("T/_____padding_file_0_____", 3), Entry("T/empty.nfo", 0), Entry("T/a/1.mkv", 7), Entry("T/.pad/5", 5),
    Entry("T/x.mkv.!qB", 5), Entry("T/link", 4, "link"), Entry("T/.padded", 1),
)  # fmt: skip


def names(chosen: Sequence[int] = (), **more: object) -> list[str]:
    return [one.name for one in posted_of(FILES, chosen, most=0, **more).members]  # type: ignore[arg-type]


def test_padding_is_neither_counted_nor_posted() -> None:
    assert names() == ["2.mkv", "10.mkv", ".padded", "1.mkv"]
    assert [FILES.entries[index].path for index in FILES.shown] == [
        "T/10.mkv", "T/2.mkv", "T/empty.nfo", "T/a/1.mkv", "T/x.mkv.!qB", "T/link", "T/.padded",
    ]  # fmt: skip


def test_files_are_chosen_by_their_numbers() -> None:
    assert names([2]) == ["2.mkv"]
    assert [one.number for one in posted_of(FILES, [1, 4], most=0).members] == [0, 5]
    with pytest.raises(SourceRefused, match="has 7 files: there is no number 8"):
        names([1, 8])
    with pytest.raises(SourceRefused, match="nothing in this torrent is posted; left out: 1 empty"):
        names([3])


def test_what_is_left_out_is_said() -> None:
    left_out = posted_of(FILES, (), most=0).left_out
    assert left_out == {
        "empty": ("T/empty.nfo",), "left by an unfinished download": ("T/x.mkv.!qB",), "a link": ("T/link",),
    }  # fmt: skip


def test_too_much_is_refused_as_is_one_name_for_several() -> None:
    with pytest.raises(SourceRefused, match="have 25 bytes, and at most 24 are taken"):
        posted_of(FILES, (), most=24)
    assert posted_of(FILES, [1, 2], most=17).size == 17
    with pytest.raises(SourceRefused, match="a name is for one file, and these are 4"):
        names(name="x.mkv")
    assert names([1], name="x.mkv") == ["10.mkv"]
    many = torrent(*(Entry(f"T/{number}", 1) for number in range(2001)))
    with pytest.raises(SourceRefused, match="2,001 files, and at most 2,000"):
        posted_of(many, (), most=0)


def test_a_hybrid_is_known_by_its_first_version() -> None:
    assert torrent().id == "a" * 40
    assert torrent(v1=None).id == "b" * 64


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "T/../x", "T/a\0b", "T/CON\n.mkv", "T/" + "龍" * 300]
)
def test_no_path_becomes_a_name(path: str) -> None:
    try:
        [one] = posted_of(torrent(Entry(path, 1)), (), most=0).members
    except SourceRefused:
        return
    assert "/" not in one.name
    assert "\0" not in one.name
    assert "\n" not in one.name
    assert len(one.name.encode()) <= 255


@given(st.lists(st.integers(1, 10 * PIECE), min_size=1, max_size=40), st.integers(0, 200 * PIECE))
def test_batches_fit_and_are_all_of_the_files(sizes: list[int], more: int) -> None:
    contents = torrent(*(Entry(f"T/{number}", size) for number, size in enumerate(sizes)))
    members = posted_of(contents, (), most=0).members
    room, left, seen = least_needed(contents, members) + more, list(members), 0
    while left:
        batch = batch_of(contents, left, room)
        assert SPARE < needed(contents, batch) <= room
        assert len(batch) == len(left) or needed(contents, left[: len(batch) + 1]) > room
        left, seen = left[len(batch) :], seen + len(batch)
    assert seen == len(sizes)
    assert needed(contents, members) <= contents.head.total + 4096 * len(sizes) + SPARE
