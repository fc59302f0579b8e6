"""Which names are pieces, and which files make one whole."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from streamvault.media.manifest import ListedPart, Manifest
from streamvault.media.model import FileKey, MediaFile, Sent
from streamvault.media.parts import as_posted, join, piece, whole_of
from streamvault.media.types import type_of
from tests.support.pieces import MIB, messages, one, pieces


def no(_: MediaFile) -> bool:
    return False


# Sets


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", ["Film.mkv.{:03}", "Film.mkv.part{}", "Film.part{:02}.mkv", "Film_part{}.mkv"])
def test_a_complete_set_is_one_file(name: str, first: int) -> None:
    given = pieces(name, [MIB, MIB, 77], first=first, message=10, caption="A film", thumb_sizes=("m",))
    whole = join(reversed(given))
    assert whole is not None
    assert (whole.name, whole.size, whole.kind, whole.mime_type) == (
        "Film.mkv",
        2 * MIB + 77,
        "video",
        "video/x-matroska",
    )
    assert (whole.origin, whole.date, whole.caption) == (given[0].origin, given[0].date, "A film")
    assert whole.thumb_sizes == ("m",)
    assert whole.part_of is None
    assert messages(whole) == [10, 11, 12]
    assert whole.modified == given[2].date
    assert whole_of(whole) == "Film.mkv"


@pytest.mark.parametrize(("name", "kind"), [("A.flac", "audio"), ("A.7z", "document"), ("A", "document")])
def test_the_kind_is_that_of_the_whole_name(name: str, kind: str) -> None:
    whole = join(pieces(name + ".{:03}", [MIB, 5]))
    assert whole is not None
    assert whole.kind == kind


@pytest.mark.parametrize(
    "sizes", [[MIB], [MIB, 2 * MIB], [MIB, 5, MIB], [MIB, 5, 5], [MIB, 0], [0, 0]], ids=lambda sizes: str(len(sizes))
)
def test_sizes_that_no_splitter_makes(sizes: list[int]) -> None:
    assert join(pieces("Film.mkv.{:03}", sizes)) is None


def test_a_gap_or_a_missing_beginning_leaves_pieces() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, MIB, MIB, 5])
    assert join(given[1:]) is None
    assert join([given[0], given[1], given[3]]) is None
    assert join([]) is None


def test_pieces_of_one_size_are_what_has_come_so_far() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, MIB, MIB, 5])
    found = [join(given[:count]) for count in range(2, 5)]
    assert [len(messages(whole)) for whole in found] == [2, 3, 4]
    assert len({whole.key for whole in found if whole}) == 3


def test_styles_are_not_mixed() -> None:
    assert join([one(1, "Film.mkv.001"), one(2, "Film.part2.mkv", 5)]) is None
    mixed = [*pieces("Film.part{}.mkv", [MIB, 5]), *pieces("Film.mkv.{:03}", [MIB, 7], message=3)]
    assert messages(join(mixed)) == [3, 4]


def test_a_piece_that_is_posted_again_replaces_the_older_one() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, MIB, 5])
    assert messages(join([*given, one(9, "Film.mkv.002")])) == [1, 9, 3]
    assert messages(join([*given[1:], one(9, "Film.mkv.001")])) == [9, 2, 3]


def test_a_set_that_is_posted_again_takes_no_piece_of_the_one_before() -> None:
    old = pieces("Film.mkv.{:03}", [MIB, MIB, MIB, 5])
    new = pieces("Film.mkv.{:03}", [MIB, MIB, 7], message=11)
    assert messages(join([*old, new[0]])) == [1, 2, 3, 4]
    assert messages(join([*old, *new[:2]])) == [11, 12]
    assert messages(join([*old, *new])) == [11, 12, 13]
    bigger = pieces("Film.mkv.{:03}", [2 * MIB, 7], message=11)
    assert messages(join([*old, bigger[0]])) == [1, 2, 3, 4]
    assert messages(join([*old, *bigger])) == [11, 12]


def test_pieces_may_come_in_any_order() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, MIB, 5])
    shuffled = [replace(piece, origin=replace(piece.origin, message_id=9 - i)) for i, piece in enumerate(given)]
    assert messages(join(shuffled)) == [9, 8, 7]


@pytest.mark.parametrize("name", ["Harry Potter Part {}.mkv", "Kill.Bill.Part.{}.mp4", "Kill Bill part {}"])
def test_films_of_several_parts_are_films(name: str) -> None:
    assert join(pieces(name, [1_999_999_913, 1_500_000_001])) is None
    assert join(pieces(name, [2_097_152_000, 1_500_000_001], duration=7000.0)) is None
    assert join(pieces(name, [700_000_001, 700_000_001, 5], duration=7000.0)) is None


def test_pieces_with_such_names_are_known_by_what_only_a_splitter_makes() -> None:
    assert messages(join(pieces("Film Part {}.mkv", [2_097_152_000, 1_500_000_001]))) == [1, 2]
    assert messages(join(pieces("Film Part {}.mkv", [1_900_000_000, 1_500_000_001]))) == [1, 2]
    assert messages(join(pieces("Film Part {}.mkv", [700_000_001, 700_000_001, 5]))) == [1, 2, 3]
    assert messages(join(pieces("Film.mkv.part{}", [700_000_001, 5]))) == [1, 2]
    first, second = pieces("Film Part {}.mkv", [2_097_152_000, 5])
    assert messages(join([replace(first, kind="video", duration=7000.0), second])) == [1, 2]


def test_the_key_is_that_of_the_pieces_in_any_chat() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, 5])
    elsewhere = [
        replace(one, origin=replace(one.origin, chat_id=-1009, message_id=70 + i)) for i, one in enumerate(given)
    ]
    whole, copy = join(given), join(elsewhere)
    assert whole is not None
    assert copy is not None
    assert whole.key == copy.key
    assert whole.key.file_unique_id.startswith("j")
    other = join([given[0], replace(given[1], key=FileKey("another"))])
    assert other is not None
    assert other.key != whole.key


def test_a_whole_can_be_taken_apart_and_joined_again() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, MIB, 5], thumb_sizes=("m",), edit_date=1_800_000_000)
    whole = join(given)
    assert whole is not None
    assert as_posted(whole) == replace(given[0], sent=Sent(given[0].kind, given[0].name, given[0].mime_type))
    hidden = [replace(one, part_of=whole.origin) for one in given[1:]]
    assert [as_posted(one) for one in hidden] == given[1:]
    assert join([whole, *hidden]) == whole
    assert as_posted(given[0]) is given[0]


def test_a_piece_of_a_whole_is_a_file_to_be_read() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, 5], dc_id=4)
    whole = join(given)
    assert whole is not None
    found = piece(whole, 1)
    assert (found.key, found.origin, found.dc_id, found.size, found.parts) == (
        given[1].key, given[1].origin, 4, 5, (),
    )  # fmt: skip
    assert piece(given[0], 0) is given[0]


@pytest.mark.parametrize(
    ("name", "whole", "first"),
    [
        ("lake.mkv.{:02}", "lake.mkv", 0), ("lake.mkv.{:02}", "lake.mkv", 1), ("tarn.mp4.{:02}", "tarn.mp4", 0),
        ("pond.zip.{:02}", "pond.zip", 1), ("mere.bin.{:02}", "mere.bin", 0),
        ("creek.mkv.rclone_chunk.{:03}", "creek.mkv", 1), ("brook.flac.rclone_chunk.{:03}", "brook.flac", 0),
    ],
)  # fmt: skip
def test_the_pieces_of_other_splitters(name: str, whole: str, first: int) -> None:
    """D"""
    joined = join(pieces(name, [MIB, MIB, 77], first=first))
    assert joined is not None
    assert (joined.name, joined.size, messages(joined)) == (whole, 2 * MIB + 77, [1, 2, 3])
    assert joined.mime_type == type_of(whole)


def test_the_pieces_of_split_with_letters() -> None:
    """D"""
    given = [one(1 + i, f"lake.mkv.{letters}", size) for i, (letters, size) in enumerate((("aa", MIB), ("ab", 9)))]
    assert messages(join(given)) == [1, 2]
    assert join([given[1]]) is None


@pytest.mark.parametrize(
    "name", ["dam.zip.{:03}-of-003", "dam.mkv.{}of3", "dam.7z.part{:02}_of_03", "dam.flac.{:05}-of-00003"]
)
def test_a_count_in_the_names_makes_completeness_certain(name: str) -> None:
    """D"""
    given = pieces(name, [MIB, MIB, MIB])
    assert join(given[:2], continues=no) is None
    assert messages(join(given, continues=no)) == [1, 2, 3]
    other = pieces(name.replace("3", "4"), [MIB, MIB], message=7)
    assert messages(join([*given, *other], continues=no)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("notes 2.{}", (90_000, 120_000)), ("v1.{:02}", (90_000, 120_000)), ("v1.{:02}", (MIB, MIB, 5)),
        ("app.v1.{:02}", (90_112, 90_112)), ("app.v1.{:02}", (90_112, 120_000)), ("report.pdf.{:02}", (90_001, 80_000)),
        ("lake.mkv.{:02}", (MIB, 2 * MIB)), ("lake.mkv.{:02}", (MIB, 5, MIB)),
    ],
)  # fmt: skip
def test_versions_are_no_pieces(name: str, sizes: tuple[int, ...]) -> None:
    """D"""
    assert join(pieces(name, sizes, first=0)) is None
    assert join(pieces(name, sizes, first=10)) is None


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("Old.Film.part{}.avi", (716_800, 600_000)), ("lake.mkv.{:02}", (MIB, MIB, 5)),
        ("Holiday part {}.mp4", (MIB, MIB)), ("clip.mp4.{:02}", (2000, 1500)),
    ],
)  # fmt: skip
def test_pieces_that_begin_like_files_of_their_own_are_not_joined(name: str, sizes: tuple[int, ...]) -> None:
    """D"""
    asked: list[str] = []

    def continues(second: MediaFile) -> bool:
        asked.append(second.name)
        return False

    given = pieces(name, sizes)
    assert join(given, continues=continues) is None
    assert asked
    assert set(asked) == {given[1].name}


# Manifests


def manifest_of(files: Sequence[MediaFile], name: str = "The whole name.mkv") -> Manifest:
    listed = tuple(ListedPart(f.origin.message_id, f.size, f.key.file_unique_id) for f in files)
    return Manifest(name, sum(f.size for f in files), listed)


def test_a_manifest_joins_what_sizes_do_not_tell() -> None:
    given = pieces("The who.{:03}", [5, MIB, 77])
    assert join(given) is None
    whole = join(given, [manifest_of(given)])
    assert messages(whole) == [1, 2, 3]
    assert whole is not None
    assert (whole.name, whole.mime_type) == ("The whole name.mkv", "video/x-matroska")


def test_what_a_manifest_names_waits_until_it_is_complete() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, MIB, MIB, 5])
    assert join(given[:3], [manifest_of(given)]) is None
    assert messages(join(given, [manifest_of(given)])) == [1, 2, 3, 4]


def test_a_manifest_of_other_pieces_does_not_matter() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, 5])
    other = pieces("Film.mkv.{:03}", [MIB, 5], message=70)
    assert messages(join(given, [manifest_of(other)])) == [1, 2]
    resized = [replace(one, size=one.size + 1) for one in given]
    assert join(resized, [manifest_of(given)]) is None


def test_the_message_that_a_manifest_names_is_taken_of_two() -> None:
    given = pieces("Film.mkv.{:03}", [MIB, 5])
    copies = [replace(one, origin=replace(one.origin, message_id=50 + i)) for i, one in enumerate(given)]
    assert messages(join([*given, *copies], [manifest_of(given)])) == [1, 2]
    assert messages(join(copies, [manifest_of(given)])) == [50, 51]
