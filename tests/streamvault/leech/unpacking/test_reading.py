"""Archives on the disk: what is in them, byte for byte from any place, and what hostile ones do not get."""

import gzip
import random
import subprocess
import tarfile
from pathlib import Path

import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.sources.base import Checkpoint
from streamvault.leech.unpacking.choosing import contents_of
from streamvault.leech.unpacking.kinds import LOOKED_AT, kind_of_archive
from streamvault.leech.unpacking.model import MOST_ENTRIES, Damaged, Entry
from streamvault.leech.unpacking.reading import ArchiveFile, MemberSource
from tests.support.archives import COMPRESSIONS, pax_header, raw_zip, tarred, tarred_header, tarred_infos, zipped
from tests.support.programs import program

MIB = 1 << 20
LONG = "f" * 120 + "/" + "\u9f8d" * 60 + ".txt"
FILES = {
    "b/film.mkv": random.Random(1).randbytes(300_007),
    "a 10.txt": b"ten" * 50_000,
    "a 9.txt": b"nine",
    LONG: b"long",
}


def archive(folder: Path, data: bytes) -> ArchiveFile:
    path = folder / "archive"
    path.write_bytes(data)
    return ArchiveFile(path, kind_of_archive(data[:LOOKED_AT]), len(data), most=1 << 40)


async def read(file: ArchiveFile, entry: Entry, offset: int = 0, *, verify: bool = True) -> bytes:
    return b"".join([block async for block in file.blocks(entry, offset, verify=verify)])


CASES = {
    **{f"zip {method}": zipped(FILES, method=method) for method in (0, 8, 12)},
    **{f"{kind}": tarred(FILES, kind) for kind in COMPRESSIONS},
    "gnu": tarred(FILES, form=tarfile.GNU_FORMAT),
    "two gzip streams": COMPRESSIONS["tar.gz"](tarred(FILES)[:70_000]) + COMPRESSIONS["tar.gz"](tarred(FILES)[70_000:]),
    "xz with padding": tarred(FILES, "tar.xz") + bytes(8),
}


@pytest.mark.parametrize("case", sorted(CASES))
async def test_files_are_read_from_any_place_in_any_order(case: str, tmp_path: Path) -> None:
    file = archive(tmp_path, CASES[case])
    contents = contents_of(await file.entries(), file.kind, file.size, most=1 << 40)
    assert [member.path for member in contents.members] == ["a 9.txt", "a 10.txt", "b/film.mkv", LONG]
    for member in (*contents.members, *reversed(contents.members)):
        whole = FILES[member.path]
        assert await read(file, member.entry) == whole
        for offset in (1, len(whole) // 2, len(whole) - 1, len(whole)):
            assert await read(file, member.entry, offset, verify=offset % 2 == 0) == whole[offset:]
    source = MemberSource(file, contents.members[2])
    async with source.open(None) as opened:
        assert (opened.described.name, opened.described.size) == ("film.mkv", 300_007)
    at = Checkpoint(source.described, 100_000, None, {"member": str(contents.members[2].number)})
    async with source.open(at) as opened:
        assert b"".join([block async for block in opened.blocks]) == FILES["b/film.mkv"][100_000:]


def made_by_others(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "film.bin").write_bytes(FILES["b/film.mkv"])
    (tmp_path / "x" / "link").symlink_to("/etc/passwd")
    for command in (
        [program("zip"), "-qry", "../made", "."], [program("tar"), "-czf", "../made.tar.gz", "."],
        [program("tar"), "--format=ustar", "-cf", "../made.tar", "."],
    ):  # fmt: skip
        subprocess.run(command, cwd=tmp_path / "x", check=True)


async def test_those_of_other_programs(tmp_path: Path) -> None:
    made_by_others(tmp_path)
    for name in ("made.zip", "made.tar.gz", "made.tar"):
        file = archive(tmp_path, (tmp_path / name).read_bytes())
        contents = contents_of(await file.entries(), file.kind, file.size, most=1 << 40)
        assert [member.name for member in contents.members] == ["film.bin"]
        assert list(contents.left_out) == ["a link"]
        assert await read(file, contents.members[0].entry) == FILES["b/film.mkv"]


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


async def test_links_devices_and_folders_are_told_apart(tmp_path: Path) -> None:
    infos = [
        special("s", tarfile.SYMTYPE, "/etc/passwd"), special("h", tarfile.LNKTYPE, "s"), special("c", tarfile.CHRTYPE),
        special("p", tarfile.FIFOTYPE), special("d", tarfile.DIRTYPE), special("g", tarfile.GNUTYPE_SPARSE),
        tarfile.TarInfo("f"),
    ]  # fmt: skip
    found = await archive(tmp_path, tarred_infos(infos)).entries()
    assert [entry.kind for entry in found] == ["link", "link", "special", "special", "folder", "special", "file"]
    for mode, kind in (
        (0o120777, "link"),
        (0o020666, "special"),
        (0o040755, "folder"),
        (0o100644, "file"),
        (0, "file"),
    ):
        [entry] = await archive(tmp_path, raw_zip((b"x", b"y"), mode=mode)).entries()
        assert entry.kind == kind


BOMB = gzip.compress(tarred_header("bomb", 80 * MIB)) + gzip.compress(bytes(MIB)) * 80
HOSTILE = {
    "encrypted": (raw_zip((b"a", b"x"), flags=1), "is encrypted"),
    "strongly encrypted": (raw_zip((b"a", b"x"), flags=0x41), "is encrypted"),
    "AES": (raw_zip((b"a", b"x"), method=99), "is encrypted"),
    "masked names": (raw_zip((b"a", b"x"), flags=0x2000), "is encrypted"),
    "other disk": (raw_zip((b"a", b"x"), disk=1), "several files"),
    "overlap": (raw_zip((b"a", b"x" * 50), (b"b", b"y" * 50), at=0), "overlap"),
    "into the directory": (raw_zip((b"a", b"x"), at=40), "reaches into"),
    "more entries told": (raw_zip((b"a", b"x"), entries=2), "damaged"),
    "crowd": (raw_zip((b"a", b"x"), entries=65_000), "at most 10,000"),
    "no end": (raw_zip((b"a", b"x"))[:-10], "end is missing"),
    "cut in front": (b"PK\3\4" + raw_zip((b"a", b"x" * 99))[60:], "not where it says"),
    "long path": (raw_zip((b"a" * 5000, b"x")), "more than 4,096"),
    "only its first bytes": (b"PK\3\4", "end is missing"),
    "cut tar": (tarred({"a": b"x" * 4000})[:2000], "cut off"),
    "cut gzip": (tarred(FILES, "tar.gz")[:-2000], "cut off"),
    "cut in the pax header": (pax_header(1 << 40)[:512], "header of this archive has"),
    "endless pax header": (pax_header(1 << 40) + bytes(512), "header of this archive has"),
    "wrong pax header": (pax_header(512, b"nonsense".ljust(512, b"\0")), "is damaged"),
    "wrong pax number": (pax_header(512, b"14 size=1e9999\n"[:15].ljust(512, b"\0")), "wrong|number"),
    "gzip of another file": (COMPRESSIONS["tar.gz"](b"x" * 5000), "header is wrong"),
    "gzip of nothing": (COMPRESSIONS["tar.gz"](b""), "no file in this archive"),
    "zeros behind gzip": (b"\x1f\x8b\x08" + bytes(600), "decompressed|cut off"),
    "decompression bomb": (BOMB, "made to fill"),
    "empty tar": (tarred({"a": b""})[:512], None),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(HOSTILE))
async def test_hostile_archives_end_with_a_sentence(case: str, tmp_path: Path) -> None:
    data, why = HOSTILE[case]
    if why is None:
        assert len(await archive(tmp_path, data).entries()) == 1
        return
    with pytest.raises(SourceRefused, match=why):
        await archive(tmp_path, data).entries()


async def test_too_many_entries(tmp_path: Path) -> None:
    block = tarred({"a": b""})[:512]
    assert len(await archive(tmp_path, block * MOST_ENTRIES).entries()) == MOST_ENTRIES
    with pytest.raises(SourceRefused, match="more than 10,000"):
        await archive(tmp_path, block * (MOST_ENTRIES + 1)).entries()


async def test_a_file_that_is_not_what_the_directory_says_is_damaged(tmp_path: Path) -> None:
    deflated = zipped({"a": b"x" * 100_000})
    broken = deflated[:33] + b"\xff" * 20 + deflated[53:]
    for data in (
        raw_zip((b"a", b"x" * 100), crc=1), raw_zip((b"a", b"x" * 100), size=99), raw_zip((b"a", b"x" * 100), size=101),
        broken, deflated.replace(b"PK\3\4", b"PK\3\5"),
    ):  # fmt: skip
        file = archive(tmp_path, b"PK\3\4" + data[4:])
        if data.startswith(b"PK\3\5"):
            (tmp_path / "archive").write_bytes(data)
        [entry] = await file.entries()
        with pytest.raises(Damaged):
            await read(file, entry)
