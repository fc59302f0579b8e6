"""The headers of a tar archive: ustar, GNU and pax; pure.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, and the GNU tar manual, "Basic Tar Format".
"""

from dataclasses import dataclass

from streamvault.errors import SourceRefused
from streamvault.leech.unpacking.model import LONGEST_PATH, Entry

BLOCK = 512
LONGEST_EXTENDED = 1 << 20
"""Bytes of an extended header."""
_FOLDERS, _LINKS, _SPECIAL = b"5D", b"12", b"346SMV"
"""Types; sparse files and volumes are among the special ones."""
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", b"xX", b"g"


@dataclass(frozen=True, slots=True)
class Header:
    """A block of a header: `type` as it stands there, `size` of what follows it."""

    name: bytes
    type: bytes
    size: int


class Headers:
    """Makes entries of headers: extended ones, which precede them, say more."""

    def __init__(self) -> None:
        self._path: bytes | str | None = None
        self._size: int | None = None
        self._sparse = False

    def extended(self, header: Header) -> bool:
        """Whether what follows this header is for `note`. Raises SourceRefused where it is too long."""
        found = header.type in (_LONG_NAME, _LONG_LINK, _PAX_GLOBAL) or header.type in _PAX
        if found and header.size > LONGEST_EXTENDED:
            raise SourceRefused(f"a header of this archive has {header.size:,} bytes: it is not unpacked")
        return found

    def note(self, header: Header, data: bytes) -> None:
        """What an extended header says of the next entry. Raises SourceRefused."""
        if header.type == _LONG_NAME:
            self._path = data.split(b"\0", 1)[0]
        elif header.type in _PAX:
            records = pax_records(data)
            self._sparse = any(key.startswith("GNU.sparse") for key in records)
            self._path = _text(records["path"]) if "path" in records else self._path
            self._size = _decimal(records["size"]) if "size" in records else self._size

    def entry(self, header: Header, at: int) -> Entry:
        """The entry, whose bytes begin `at`. Raises SourceRefused."""
        path = header.name if self._path is None else self._path
        size = header.size if self._size is None else self._size
        sparse = self._sparse
        self._path, self._size, self._sparse = None, None, False
        if len(path) > LONGEST_PATH:
            raise SourceRefused(f"a path in this archive has more than {LONGEST_PATH:,} characters: it is not unpacked")
        if header.type in _LINKS:
            return Entry(path, 0, at, "link")
        if header.type in _FOLDERS or (header.type in b"\0000" and path[-1:] in ("/", b"/")):
            return Entry(path, size, at, "folder")
        return Entry(path, size, at, "special" if sparse or header.type in _SPECIAL else "file")


def is_header(block: bytes) -> bool:
    """Whether it is a header by its sum, which archives of all kinds have."""
    if len(block) < BLOCK or not any(block[:BLOCK]):
        return False
    try:
        told = _number(block[148:156])
    except SourceRefused:
        return False
    return told == sum(block[:148]) + 8 * 32 + sum(block[156:BLOCK])


def read_header(block: bytes) -> Header | None:
    """None for the block of zeros with which an archive ends. Raises SourceRefused for what is no header."""
    if not any(block):
        return None
    if not is_header(block):
        raise SourceRefused("this tar archive is damaged: a header is wrong")
    name, prefix = block[:100].split(b"\0", 1)[0], block[345:500].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0" and prefix:
        name = prefix + b"/" + name
    type = block[156:157]
    return Header(name, b"0" if type in (b"\0", b"7") else type, _number(block[124:136]))


def padded(size: int) -> int:
    """Bytes that `size` bytes take up."""
    return -(-size // BLOCK) * BLOCK


def pax_records(data: bytes) -> dict[str, bytes]:
    """The keys and values of `LENGTH KEY=VALUE` lines. Raises SourceRefused."""
    found: dict[str, bytes] = {}
    while data.strip(b"\0"):
        digits, blank, _ = data[:20].partition(b" ")
        length = _decimal(digits)
        if not blank or not len(digits) + 1 < length <= len(data):
            raise SourceRefused("this tar archive is damaged: an extended header is wrong")
        key, _, value = data[len(digits) + 1 : length].removesuffix(b"\n").partition(b"=")
        found[key.decode(errors="replace")] = value
        data = data[length:]
    return found


def _decimal(digits: bytes) -> int:
    if not digits.isdigit() or len(digits) > 19:
        raise SourceRefused("this tar archive is damaged: a number in it is none")
    return int(digits)


def _number(field: bytes) -> int:
    """Octal digits, or the bytes of a number behind a first bit of one. Raises SourceRefused."""
    if field[0] & 0x80:
        if field[0] != 0x80:
            raise SourceRefused("this tar archive is damaged: a size is negative")
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip() or b"0"
    try:
        return int(digits, 8) if digits.isdigit() else _refused()
    except ValueError:
        return _refused()


def _refused() -> int:
    raise SourceRefused("this tar archive is damaged: a number in it is none")


def _text(value: bytes) -> bytes | str:
    """UTF-8 is what pax says; others write what they have."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
