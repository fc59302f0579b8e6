"""Byte ranges: the Range header of RFC 9110 section 14 against a file of known size."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from streamvault.errors import RangeNotSatisfiable

MAX_RANGES = 16
"""Ranges served in one answer; a longer set is ignored (RFC 9110 section 14.2 lets a server choose)."""

MAX_OVERLAPPING = 2
"""Ranges that may overlap one another; with more, the header is ignored (RFC 9110 section 14.2)."""

_SPEC = re.compile(r"([0-9]*)-([0-9]*)")
_OWS = " \t"
_SAFE_DIGITS = 18


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `[start, stop)`; HTTP's inclusive form exists in this module only."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.stop:
            raise ValueError(f"not a byte range: [{self.start}, {self.stop})")

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.stop - self.start


class _Spec(NamedTuple):
    """One range-spec as digits without leading zeros; a suffix-range has no `first`."""

    first: str | None
    last: str | None


def parse_range(header: str | None, size: int) -> tuple[ByteRange, ...] | None:
    """The satisfiable ranges of a Range header, in its order, clamped to `size` bytes.

    None means that the header is to be ignored and the whole file sent: no header, another unit,
    a malformed or invalid set, too many or too many overlapping ranges, or a suffix of an empty file
    (which is satisfiable, but has no Content-Range). Raises RangeNotSatisfiable if no range is
    satisfiable (RFC 9110 sections 14.1.2 and 14.2).
    """
    specs = None if header is None else _parse_set(header)
    if specs is None:
        return None
    if size == 0 and any(spec.first is None and spec.last for spec in specs):
        return None
    ranges = tuple(found for spec in specs if (found := _resolve(spec, size)) is not None)
    if not ranges:
        raise RangeNotSatisfiable(size)
    if len(ranges) > 1 and _overlapping(ranges) > MAX_OVERLAPPING:
        return None
    return ranges


def content_range(byte_range: ByteRange, size: int) -> str:
    """The Content-Range of a part that is not empty (RFC 9110 section 14.4)."""
    return f"bytes {byte_range.start}-{byte_range.stop - 1}/{size}"


def unsatisfied_content_range(size: int) -> str:
    """The Content-Range of a 416 answer (RFC 9110 section 15.5.17)."""
    return f"bytes */{size}"


def _parse_set(header: str) -> list[_Spec] | None:
    """`ranges-specifier` (section 14.1.1), with the list rule for recipients (section 5.6.1.2)."""
    unit, equals, text = header.strip(_OWS).partition("=")
    if not equals or unit.lower() != "bytes":
        return None
    elements = text.split(",")
    if elements[0].strip(_OWS) and elements[0][0] in _OWS:
        return None
    specs: list[_Spec] = []
    for element in elements:
        item = element.strip(_OWS)
        if not item:
            continue
        spec = _parse_spec(item)
        if spec is None or len(specs) == MAX_RANGES:
            return None
        specs.append(spec)
    return specs or None


def _parse_spec(item: str) -> _Spec | None:
    """One `int-range` or `suffix-range`; None if it is malformed, or ends before it begins."""
    match = _SPEC.fullmatch(item)
    if match is None or item == "-":
        return None
    first, last = match.groups()
    if not first:
        return _Spec(None, last.lstrip("0"))
    spec = _Spec(first.lstrip("0"), last.lstrip("0") if last else None)
    backwards = spec.last is not None and _rank(spec.last) < _rank(spec.first or "")
    return None if backwards else spec


def _rank(digits: str) -> tuple[int, str]:
    """Orders numbers of any length without converting them: int() refuses above 4300 digits."""
    return len(digits), digits


def _clamp(digits: str, size: int) -> int:
    """min(number, size), whatever the number of digits."""
    return min(int(digits or "0"), size) if len(digits) <= _SAFE_DIGITS else size


def _resolve(spec: _Spec, size: int) -> ByteRange | None:
    """The bytes of one spec inside the file, or None if it is not satisfiable."""
    if spec.first is None:
        start, stop = size - _clamp(spec.last or "", size), size
    else:
        start = _clamp(spec.first, size)
        stop = size if spec.last is None else min(_clamp(spec.last, size) + 1, size)
    return ByteRange(start, stop) if start < stop else None


def _overlapping(ranges: tuple[ByteRange, ...]) -> int:
    """How many of the ranges share a byte with another one."""
    ordered = sorted(ranges, key=lambda found: (found.start, found.stop))
    touched: set[int] = set()
    furthest = 0
    for index in range(1, len(ordered)):
        if ordered[furthest].stop > ordered[index].start:
            touched |= {furthest, index}
        if ordered[index].stop > ordered[furthest].stop:
            furthest = index
    return len(touched)
