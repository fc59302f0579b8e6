"""Archives in memory: as programs make them, and as hostile people do."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": lambda data: gzip.compress(data, mtime=0),
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
}


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """As Python makes it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as file:
        for name, data in files.items():
            file.writestr(zipfile.ZipInfo(name), data, method)
    return made.getvalue()


def tarred(files: Mapping[str, bytes], kind: str = "tar", *, form: int = tarfile.PAX_FORMAT) -> bytes:
    """As Python makes it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as file:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return COMPRESSIONS[kind](made.getvalue())


def tarred_header(name: str, size: int) -> bytes:
    """A header alone."""
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf()


def tarred_infos(infos: Iterable[tarfile.TarInfo]) -> bytes:
    """With entries of any type."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        for info in infos:
            file.addfile(info, io.BytesIO(bytes(info.size)))
    return made.getvalue()


def raw_zip(
    *files: tuple[bytes, bytes], flags: int = 0, method: int = 0, mode: int = 0, extra: bytes = b"",
    size: int | None = None, crc: int | None = None, at: int | None = None, disk: int = 0, entries: int | None = None,
) -> bytes:  # fmt: skip
    """Stored files by raw names; what is given differs in the directory from what is true."""
    body, directory = b"", b""
    for name, data in files:
        true_crc = zlib.crc32(data)
        told = (true_crc if crc is None else crc, len(data), len(data) if size is None else size)
        header = struct.pack("<4s5H3I2H", b"PK\3\4", 20, flags, method, 0, 33, *told, len(name), 0)
        fields = (20 | 3 << 8, 20, flags, method, 0, 33, *told, len(name), len(extra), 0, disk, 0, mode << 16)
        directory += struct.pack("<4s6H3I5H2I", b"PK\1\2", *fields, len(body) if at is None else at) + name + extra
        body += header + name + data
    count = len(files) if entries is None else entries
    return body + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)


def named_by_field(name: bytes, told: str) -> bytes:
    """Info-ZIP's field with the name in UTF-8."""
    field = struct.pack("<BI", 1, zlib.crc32(name)) + told.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field


def pax_header(size: int, data: bytes = b"") -> bytes:
    """An extended header that says it is of `size` bytes."""
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, size
    return info.tobuf(tarfile.GNU_FORMAT) + data
