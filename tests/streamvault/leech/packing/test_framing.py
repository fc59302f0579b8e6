"""Archives that are framed are read by others: Python's zipfile, and Info-ZIP's unzip."""

import hashlib
import io
import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest

from streamvault.leech.packing.framing import Framing
from tests.support.programs import program

DATA = b"stored" * 7
NAMES = ("a.txt", "\u9f8d" * 83 + ".mkv", "Gr\u00fc\u00dfe \U0001f4dd.txt", "x" * 255)
FULL = 0xFFFFFFFF


def archive(framing: Framing, data: bytes) -> bytes:
    return framing.head + data + framing.tail(len(data), zlib.crc32(data))


def test_other_programs_read_them(tmp_path: Path) -> None:
    for number, (name, size) in enumerate((name, size) for name in NAMES for size in (len(DATA), None)):
        packed = archive(Framing(name, size), DATA)
        assert packed == archive(Framing(name, size), DATA)
        with zipfile.ZipFile(io.BytesIO(packed)) as file:
            assert (file.namelist(), file.testzip(), file.read(name)) == ([name], None, DATA)
        if size is not None:
            assert Framing(name, size).whole == len(packed)
        path = tmp_path / f"{number}.zip"
        path.write_bytes(packed)
        tested = subprocess.run([program("unzip"), "-tq", path], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stdout + tested.stderr
    assert Framing("a", None).whole is None
    assert archive(Framing("empty", 0), b"").endswith(b"\0\0")


@pytest.mark.parametrize("size", [FULL - 100, FULL - 47, FULL - 46, FULL, FULL + 1, 1 << 42])
def test_sizes_around_four_gib(size: int) -> None:
    """The place of the directory, not only the size, decides: 31 bytes before the file and 16 behind it."""
    framing = Framing("a", size)
    assert framing.wide == (size + 47 > FULL)
    head, tail = framing.head, framing.tail(size, 0x12345678)
    assert framing.whole == len(head) + size + len(tail)
    with zipfile.ZipFile(_Hollow(head, size, tail)) as file:
        [info] = file.infolist()
        assert (info.file_size, info.CRC, info.header_offset) == (size, 0x12345678, 0)
        with file.open(info) as opened:
            assert hashlib.sha256(opened.read(1000)).digest() == hashlib.sha256(bytes(1000)).digest()


class _Hollow(io.RawIOBase):
    """A file with zeros between its head and its tail."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self._head, self._size, self._tail, self._at = head, size, tail, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        whole = len(self._head) + self._size + len(self._tail)
        self._at = offset + (0, self._at, whole)[whence]
        return self._at

    def read(self, count: int = -1) -> bytes:
        behind = len(self._head) + self._size
        if self._at < behind:
            data = (self._head + bytes(5000))[self._at : self._at + count]
        else:
            data = self._tail[self._at - behind :][: count if count >= 0 else None]
        self._at += len(data)
        return data
