"""A .torrent file that somebody hands in, as an address (RFC 2397), and what it is known by; pure.

Only as much is read of it as names it; everything else is read by libtorrent, in its own process.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1, sha256

MOST = 256 << 10
"""Bytes of one that is handed in: it is stored with its job."""
START = "data:application/x-bittorrent;base64,"
LONGEST = len(START) + 4 * -(-MOST // 3)
"""Characters of the address of one."""
_LEADS = re.compile(r"data:(?:application/x-bittorrent|application/octet-stream)?;base64,", re.IGNORECASE)
_NUMBER = re.compile(rb"i(?:0|-?[1-9][0-9]{0,19})e")
_LENGTH = re.compile(rb"(0|[1-9][0-9]{0,8}):")
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Named:
    """A torrent's hashes in hexadecimal, None for a version that it has not, and its name."""

    v1: str | None
    v2: str | None
    name: str

    @property
    def hash(self) -> str:
        """The one that it is known by."""
        return self.v1 or self.v2 or ""


def is_file_address(text: str) -> bool:
    """Whether an address holds a file itself."""
    return text.lstrip()[:5].lower() == "data:"


def file_address(data: bytes) -> str:
    """The address of a .torrent file. Raises ValueError for what is none, or too large."""
    _check(data)
    named_by(data)
    return START + base64.b64encode(data).decode()


def file_of(address: str) -> bytes:
    """The .torrent file of an address. Raises ValueError."""
    lead = _LEADS.match(address)
    if lead is None:
        raise ValueError("it holds no .torrent file")
    try:
        data = base64.b64decode(address[lead.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not whole") from None
    _check(data)
    return data


def named_by(data: bytes) -> Named:
    """What a .torrent file is known by. Raises ValueError with what is wrong."""
    spans = dict(_entries(data, 0))
    start, end = spans.get(b"info", (0, 0))
    if not end or data[start : start + 1] != b"d":
        raise ValueError("it describes no torrent")
    info = data[start:end]
    fields = {key: info[first:last] for key, (first, last) in _entries(info, 0)}
    v1 = sha1(info).hexdigest() if b"pieces" in fields else None  # noqa: S324 - version 1 is known by it
    v2 = sha256(info).hexdigest() if fields.get(b"meta version") == b"i2e" else None
    if v1 is None and v2 is None:
        raise ValueError("it describes no torrent of version 1 or 2")
    name = fields.get(b"name", b"").partition(b":")[2].decode("utf-8", "replace")
    return Named(v1, v2, name)


def _check(data: bytes) -> None:
    if len(data) > MOST:
        raise ValueError(f"it has more than {MOST >> 10} KiB: hand in its address or its magnet link")


def _entries(data: bytes, at: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The keys of a dictionary, and where the value of each is. Raises ValueError."""
    if data[at : at + 1] != b"d":
        raise ValueError("it is no .torrent file")
    at += 1
    while data[at : at + 1] != b"e":
        first, last = _string(data, at)
        end = _end(data, last)
        yield data[first:last], (last, end)
        at = end


def _string(data: bytes, at: int) -> tuple[int, int]:
    length = _LENGTH.match(data, at)
    if length is None or length.end() + int(length[1]) > len(data):
        raise ValueError("it is damaged")
    return length.end(), length.end() + int(length[1])


def _end(data: bytes, at: int) -> int:
    """Where the value ends that begins there."""
    depth = 0
    while True:
        sign = data[at : at + 1]
        if sign in (b"d", b"l"):
            depth, at = depth + 1, at + 1
        elif sign == b"e" and depth:
            depth, at = depth - 1, at + 1
        elif number := _NUMBER.match(data, at):
            at = number.end()
        else:
            at = _string(data, at)[1]
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
        if not depth:
            return at
