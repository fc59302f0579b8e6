"""What is unpacked, and what is said of the rest."""

import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.unpacking.kinds import LOOKED_AT, check_name, kind_of_archive
from tests.support.archives import COMPRESSIONS, tarred, zipped


def test_archives_are_told_by_their_first_bytes() -> None:
    assert kind_of_archive(zipped({"a": b"x"})[:LOOKED_AT]) == "zip"
    assert kind_of_archive(zipped({})[:LOOKED_AT]) == "zip"
    for kind in COMPRESSIONS:
        assert kind_of_archive(tarred({"a": b"x"}, kind)[:LOOKED_AT]) == kind


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(600), "a 7z archive"),
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
        (b"\x28\xb5\x2f\xfd", "Zstandard"),
        (b"PK\x07\x08PK\x03\x04", "in several files"),
        (b"\x1a\x45\xdf\xa3" + bytes(600), "no archive"),
        (b"", "no archive"),
        (bytes(512), "no archive"),
        (b"a" * 512, "no archive"),
    ],
)
def test_others_are_named(head: bytes, why: str) -> None:
    with pytest.raises(SourceRefused, match=why) as refused:
        kind_of_archive(head)
    assert "without -e" in str(refused.value)


def test_parts_are_told_by_their_names() -> None:
    for name in ("a.zip.001", "a.7z.002", "A.Z01", "a.part1.rar", "a.r00", "a.tar.0001"):
        with pytest.raises(SourceRefused, match="one part"):
            check_name(name)
    for name in ("a.zip", "a.tar.gz", "part1.zip", "a.001", "film.z01.mkv"):
        check_name(name)
