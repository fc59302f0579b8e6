"""The directory of a ZIP archive; pure, over a function that reads bytes of it.

By APPNOTE.TXT 6.3 of PKWARE, and Info-ZIP's extrafld.txt for names. Only what the directory lists counts; where the
header of a file disagrees, reading it fails (`reading`).
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from streamvault.errors import SourceRefused
from streamvault.leech.unpacking.kinds import WITHOUT
from streamvault.leech.unpacking.model import LONGEST_PATH, MOST_ENTRIES, Entry

Read = Callable[[int, int], bytes]
"""Bytes of the archive from `start` to `end`; fewer at its end."""

LARGEST_DIRECTORY = 32 << 20
"""Bytes of a directory that is read."""
_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_FULL, _FULL_16 = 0xFFFFFFFF, 0xFFFF
_ENCRYPTED, _UTF8, _MASKED = 0x0001 | 0x0040, 0x0800, 0x2000
_AES = 99
_DAMAGED = "this ZIP archive is damaged: {why}"
_IS_ENCRYPTED = f"this ZIP archive is encrypted, and nothing is unpacked with a password here: {WITHOUT}"
_PARTS = f"this ZIP archive is one of several files, which are not joined here: {WITHOUT}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the directory is; `before`: bytes that stand before the archive itself."""

    start: int
    size: int
    entries: int
    before: int


def read_directory(read: Read, size: int) -> list[Entry]:
    """The entries of an archive of `size` bytes. Raises SourceRefused: damaged, encrypted, in parts, too large, or made
    to be far larger than it is.
    """
    place = _place(read, size)
    if place.entries > MOST_ENTRIES:
        raise SourceRefused(f"this archive has {place.entries:,} entries, and at most {MOST_ENTRIES:,} are unpacked")
    if place.size > LARGEST_DIRECTORY:
        raise SourceRefused(f"the directory of this archive has {place.size:,} bytes: it is not unpacked")
    data = read(place.start, place.start + place.size)
    if len(data) < place.size:
        raise _damaged("its directory is cut off")
    found = list(_entries(data, place))
    _check_apart(found, place.start)
    return found


def _place(read: Read, size: int) -> _Place:
    tail_at = max(0, size - _FULL_16 - _END.size)
    tail = read(tail_at, size)
    at = len(tail)
    while (at := tail.rfind(b"PK\x05\x06", 0, at)) >= 0:
        if len(tail) - at >= _END.size and at + _END.size + _END.unpack_from(tail, at)[7] <= len(tail):
            return _described(read, tail_at + at, _END.unpack_from(tail, at))
    raise _damaged("its end is missing")


def _described(read: Read, end: int, fields: tuple[int, ...]) -> _Place:
    _, disk, first, here, entries, length, start, _ = fields
    wide = read(end - _LOCATOR.size, end) if end >= _LOCATOR.size else b""
    if wide.startswith(b"PK\x06\x07") and len(wide) == _LOCATOR.size:
        return _described_64(read, end - _LOCATOR.size, *_LOCATOR.unpack(wide)[1:])
    if disk or first or here != entries:
        raise SourceRefused(_PARTS)
    return _checked(_Place(end - length, length, entries, end - length - start))


def _described_64(read: Read, locator: int, disk: int, told: int, disks: int) -> _Place:
    if disk or disks > 1:
        raise SourceRefused(_PARTS)
    for at in (told, locator - _END_64.size):
        data = read(at, at + _END_64.size) if 0 <= at <= locator - _END_64.size else b""
        if len(data) == _END_64.size and data.startswith(b"PK\x06\x06"):
            _, _, _, _, disk, first, here, entries, length, start = _END_64.unpack(data)
            if disk or first or here != entries:
                raise SourceRefused(_PARTS)
            return _checked(_Place(at - length, length, entries, at - length - start))
    raise _damaged("its end is missing")


def _checked(place: _Place) -> _Place:
    if place.before < 0 or place.start < 0:
        raise _damaged("its directory is not where it says")
    return place


def _entries(data: bytes, place: _Place) -> Iterator[Entry]:
    at = number = 0
    while at < len(data) and data[at : at + 4] != b"PK\x05\x05":
        if len(data) - at < _CENTRAL.size or data[at : at + 4] != b"PK\x01\x02":
            raise _damaged("its directory is wrong")
        fields = _CENTRAL.unpack_from(data, at)
        name_at = at + _CENTRAL.size
        extra_at = name_at + fields[10]
        end = extra_at + fields[11] + fields[12]
        number += 1
        if end > len(data) or number > MOST_ENTRIES:
            raise _damaged("its directory is wrong")
        yield _entry(fields, data[name_at:extra_at], _extras(data[extra_at : extra_at + fields[11]]), place)
        at = end
    if number != place.entries:
        raise _damaged(f"it lists {number:,} entries, and says that they are {place.entries:,}")


def _entry(fields: tuple[int, ...], name: bytes, extras: dict[int, bytes], place: _Place) -> Entry:
    flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
    disk, mode, at = fields[13], fields[15] >> 16, fields[16]
    system = fields[1] >> 8
    if flags & (_ENCRYPTED | _MASKED) or method == _AES:
        raise SourceRefused(_IS_ENCRYPTED)
    if len(name) > LONGEST_PATH:
        raise SourceRefused(f"a path in this archive has more than {LONGEST_PATH:,} bytes: it is not unpacked")
    wide = iter(_wide(extras.get(1, b"")))
    size, packed, at = (next(wide, _FULL) if value == _FULL else value for value in (size, packed, at))
    if disk not in (0, _FULL_16):
        raise SourceRefused(_PARTS)
    path = _path(name, flags, extras)
    return Entry(path, size, place.before + at, _kind(name, mode if system in (3, 19) else 0), packed, method, crc)


def _kind(name: bytes, mode: int) -> Literal["file", "folder", "link", "special"]:
    form = mode & 0o170000
    if form == 0o120000:
        return "link"
    if form == 0o040000 or name.endswith((b"/", b"\\")):
        return "folder"
    return "file" if form in (0, 0o100000) else "special"


def _path(name: bytes, flags: int, extras: dict[int, bytes]) -> bytes | str:
    """By the flag for UTF-8, or by Info-ZIP's field, as long as that is of this name."""
    told = extras.get(0x7075, b"")
    if len(told) > 5 and told[0] == 1 and struct.unpack_from("<I", told, 1)[0] == zlib.crc32(name):
        name, flags = told[5:], flags | _UTF8
    if flags & _UTF8:
        try:
            return name.decode()
        except UnicodeDecodeError:
            return name
    return name


def _extras(data: bytes) -> dict[int, bytes]:
    """The fields of an extra by their ids, as far as it is well formed."""
    found: dict[int, bytes] = {}
    while len(data) >= 4:
        id, length = struct.unpack_from("<HH", data)
        found.setdefault(id, data[4 : 4 + length])
        data = data[4 + length :]
    return found


def _wide(field: bytes) -> tuple[int, ...]:
    count = min(3, len(field) // 8)
    return struct.unpack_from(f"<{count}Q", field)


def _check_apart(entries: list[Entry], end: int) -> None:
    """Files that share their bytes make a small archive as large as anybody likes."""
    at = 0
    for entry in sorted((one for one in entries if one.kind != "folder"), key=lambda one: (one.at, one.packed)):
        if entry.at < at:
            raise SourceRefused(
                "files in this archive overlap, as in one that is made to fill disks: it is not unpacked"
            )
        at = entry.at + 30 + entry.packed
    if at > end:
        raise _damaged("a file reaches into its directory")


def _damaged(why: str) -> SourceRefused:
    return SourceRefused(_DAMAGED.format(why=why))
