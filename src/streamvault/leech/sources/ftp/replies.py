"""Replies of FTP servers; pure."""

import re
from dataclasses import dataclass

_EXTENDED = re.compile(r"\(?([^\d\s(])\1{2}(\d{1,5})\1")
_PASSIVE = re.compile(r"(?<![\d.,])(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})(?![\d,])")
_SIZE = re.compile(r"\s*(\d{1,18})\s*")
_TIME = re.compile(r"\s*(\d{14}(?:\.\d+)?)\s*")
_CROWDED = re.compile(r"too many|maximum|limit|already|busy|try again", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` of the last line."""

    code: int
    text: str

    @property
    def preliminary(self) -> bool:
        """Another reply follows."""
        return 100 <= self.code < 200

    @property
    def done(self) -> bool:
        """The command was carried out."""
        return 200 <= self.code < 300

    @property
    def crowded(self) -> bool:
        """Whether the server may have refused one connection too many, and not the person."""
        return self.code == 421 or (self.code == 530 and _CROWDED.search(self.text) is not None)


def parse_line(line: bytes) -> tuple[int, bool, str] | None:
    """Code of a line, whether more follow, and its text; None for a line within a reply."""
    found = re.match(rb"([1-5]\d\d)([ -]|$)(.*)", line, re.DOTALL)
    return None if found is None else (int(found[1]), found[2] == b"-", found[3].decode("utf-8", "replace"))


def extended_port(reply: Reply) -> int | None:
    """The port of a reply to EPSV (229); None for a reply that has none, whatever stands around it."""
    found = _EXTENDED.search(reply.text) if reply.code == 229 else None
    return _port(int(found[2])) if found else None


def passive_port(reply: Reply) -> int | None:
    """The port of a reply to PASV (227). Its address is not used: data come from where the commands go."""
    found = _PASSIVE.search(reply.text) if reply.code == 227 else None
    numbers = [int(number) for number in found.groups()] if found else [256]
    return None if max(numbers) > 255 else _port(numbers[4] * 256 + numbers[5])


def size_of(reply: Reply) -> int | None:
    """The bytes that a reply to SIZE tells, or None."""
    found = _SIZE.fullmatch(reply.text) if reply.code == 213 else None
    return int(found[1]) if found else None


def time_of(reply: Reply) -> str | None:
    """The time that a reply to MDTM tells, as it is sent, or None."""
    found = _TIME.fullmatch(reply.text) if reply.code == 213 else None
    return found[1] if found else None


def _port(number: int) -> int | None:
    return number if 0 < number < 65536 else None
