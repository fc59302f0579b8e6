"""Which files are posted, in which order, and what is said of the others."""

import random

import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.unpacking.choosing import MOST_FILES, contents_of, natural_key
from streamvault.leech.unpacking.model import Entry, Kind

MIB = 1 << 20


def entries(*paths: str, size: int = 1) -> list[Entry]:
    return [Entry(path, size, number * size) for number, path in enumerate(paths)]


def test_natural_order() -> None:
    ordered = ["A/1.txt", "a/2.txt", "a/010.txt", "a/10b.txt", "a 2/x", "b", "B 3.mkv", "b 20.mkv", "\u0444.txt"]
    assert sorted(random.Random(1).sample(ordered, len(ordered)), key=natural_key) == ordered
    assert natural_key("9" * 5000) < natural_key("9" * 5001)


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_files_in_order_with_their_own_names(kind: Kind) -> None:
    found = contents_of(entries("x/e10.mkv", "x/e9.mkv", "y\\e1.mkv", "x/sub/e1.mkv"), kind, 1000, most=MIB)
    assert [member.name for member in found.members] == ["e9.mkv", "e10.mkv", "e1.mkv", "e1.mkv"]
    assert [member.path for member in found.members] == ["x/e9.mkv", "x/e10.mkv", "x/sub/e1.mkv", "y/e1.mkv"]
    assert (found.size, found.notes) == (4, ())


def test_what_is_left_out_is_said() -> None:
    paths = {
        "../up.txt": "path out", "a/../../up": "path out", "/etc/passwd": "path out", "C:\\x.txt": "path out",
        "..": "path out", "film.mkv.!qB": "unfinished", "film.mkv.aria2": "unfinished", "film.mkv.PART": "unfinished",
        "__MACOSX/x": "macOS", "a/.DS_Store": "macOS", "a/._b.txt": "macOS",
    }  # fmt: skip
    for path, why in paths.items():
        found = contents_of([*entries(path), Entry("good..txt", 5, 9)], "zip", 100, most=MIB)
        assert [member.name for member in found.members] == ["good..txt"], path
        assert [why in told for told in found.left_out] == [True], path
    others = [
        Entry("l", 0, 0, "link"), Entry("d/", 0, 0, "folder"), Entry("dev", 0, 0, "special"), Entry("none", 0, 0),
        Entry("lzma", 5, 0, method=14), Entry("good", 5, 0),
    ]  # fmt: skip
    found = contents_of(others, "zip", 100, most=MIB)
    assert [member.name for member in found.members] == ["good"]
    assert set(found.left_out.values()) == {("l",), ("dev",), ("none",), ("lzma",)}
    with pytest.raises(SourceRefused, match=r"nothing in this archive is posted; left out: 2 empty \(a, b\)"):
        contents_of([Entry("a", 0, 0), Entry("b", 0, 0)], "zip", 100, most=MIB)
    with pytest.raises(SourceRefused, match="nothing"):
        contents_of([], "zip", 100, most=MIB)


def test_bombs_and_crowds_are_refused() -> None:
    for found, packed, most, why in (
        (entries("a", size=100 * MIB), 10_000, 1 << 40, "made to fill disks"),
        (entries("a", "b", size=MIB), MIB, 2 * MIB - 1, "LEECH_MAX_SIZE"),
        (entries(*(f"{number}" for number in range(MOST_FILES + 1))), MIB, 1 << 40, "at most 2,000"),
    ):
        with pytest.raises(SourceRefused, match=why):
            contents_of(found, "zip", packed, most=most)
    assert contents_of(entries("a", size=60 * MIB), "zip", 10_000, most=1 << 40).size == 60 * MIB


def test_a_compressed_tar_in_disorder_is_posted_as_it_stands() -> None:
    names = [f"{number:03}.mkv" for number in range(40)]
    shuffled = entries(*names[::-1], size=10 * MIB)
    found = contents_of(shuffled, "tar.gz", 10 * MIB, most=1 << 40)
    assert [member.name for member in found.members] == names[::-1]
    assert found.notes == ("posted in the order of the archive",)
    for kind, size in (("tar", 10 * MIB), ("zip", 10 * MIB), ("tar.xz", 10)):
        found = contents_of(entries(*names[::-1], size=size), kind, 10 * MIB, most=1 << 40)  # type: ignore[arg-type]
        assert [member.name for member in found.members] == names
