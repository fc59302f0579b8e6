"""Facts as JSON and key frames as bytes: how they come from the child process and lie in the catalog; pure."""

import dataclasses
import math
import struct
import zlib
from array import array
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from streamvault.playback.model import Attachment, Chapter, Facts, KeyFrame, KeyFrames, Track

MOST_PACKED = 256 << 10
"""Bytes of packed key frames at most."""

MOST_UNPACKED = 8 << 20

MOST_KEYS = 40_000
"""Key frames at most; of more, every second, third ... is kept."""

NO_KEYS = KeyFrames("none", Fraction(1, 1000))
"""Of a file that cannot be cut into segments."""

_HEAD = struct.Struct("<BBIIdII")
_ADDRESSING = ("none", "clusters", "samples", "packets")


class TooLarge(Exception):
    """The index of the file is larger than MOST_PACKED bytes."""


def facts_to_json(facts: Facts) -> dict[str, Any]:
    """Fields with their default value are left out."""
    return {
        name: [_sparse(item) for item in value] if isinstance(value, tuple) else value
        for name, value in _sparse(facts).items()
    }


def facts_from_json(data: Mapping[str, Any]) -> Facts:
    """Fields that this version does not know are ignored. Raises ValueError if one is missing or of another type."""
    parts: dict[str, Any] = {"tracks": Track, "chapters": Chapter, "attachments": Attachment}
    values = _checked(Facts, {name: value for name, value in data.items() if name not in parts})
    for name, part in parts.items():
        listed = data.get(name, ())
        if not isinstance(listed, list | tuple) or not all(isinstance(item, Mapping) for item in listed):
            raise ValueError(f"{name} of facts are no list of objects")
        values[name] = tuple(part(**_checked(part, item)) for item in listed)
    return Facts(**values)


def _sparse(value: Any) -> dict[str, Any]:
    pairs = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
    return {field.name: held for field, held in pairs if field.default is dataclasses.MISSING or held != field.default}


def _checked(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """The known fields of `data`, each of its type; they may come from a process that read a malicious file."""
    types, needed = _fields(kind)
    absent = [name for name in needed if name not in data]
    if absent:
        raise ValueError(f"facts without {', '.join(absent)}")
    known = {name: value for name, value in data.items() if name in types}
    for name, value in known.items():
        if not _fits(value, types[name]):
            raise ValueError(f"{name} of facts has another type than it should")
    return known


@cache
def _fields(kind: Any) -> tuple[dict[str, Any], list[str]]:
    """The types of a class's fields, and those without a default."""
    fields = dataclasses.fields(kind)
    needed = [field.name for field in fields if field.default is dataclasses.MISSING]
    return {field.name: field.type for field in fields}, needed


def _fits(value: Any, wanted: Any) -> bool:
    if type(value) is wanted and wanted is not float:  # the most by far
        return True
    if get_origin(wanted) is Literal:
        return value in get_args(wanted)
    kinds = get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, int | float):
        return (type(value) in kinds or float in kinds) and math.isfinite(value)
    return isinstance(value, tuple(kinds))


def pack_keys(keys: KeyFrames) -> bytes:
    """Raises TooLarge if it has more than MOST_PACKED bytes (a header that is too long)."""
    listed = thinned(keys.keys)
    head = _HEAD.pack(
        _ADDRESSING.index(keys.addressing), keys.exact, keys.time_base.numerator, keys.time_base.denominator,
        keys.end, len(listed), len(keys.header),
    )  # fmt: skip
    columns = [_differences([key.pts for key in listed]), _differences([key.position for key in listed])]
    packed = zlib.compress(head + b"".join(column.tobytes() for column in columns) + keys.header, 9)
    if len(packed) > MOST_PACKED:
        raise TooLarge(f"the index of the file is larger than {MOST_PACKED} bytes")
    return packed


def unpack_keys(packed: bytes) -> KeyFrames:
    """Raises ValueError for bytes that pack_keys has not made."""
    try:
        data = zlib.decompressobj().decompress(packed, MOST_UNPACKED)
        kind, exact, numerator, denominator, end, count, length = _HEAD.unpack_from(data)
        middle, stop = _HEAD.size + 8 * count, _HEAD.size + 16 * count
        pts, positions = _sums(data[_HEAD.size : middle]), _sums(data[middle:stop])
        listed = tuple(KeyFrame(*pair) for pair in zip(pts, positions, strict=True))
        header = data[stop : stop + length]
        if len(header) < length or not numerator or not math.isfinite(end):
            raise ValueError("packed key frames are cut off or invalid")
        return KeyFrames(_ADDRESSING[kind], Fraction(numerator, denominator), listed, end, header, bool(exact))  # type: ignore[arg-type]
    except (zlib.error, struct.error, IndexError, ZeroDivisionError) as error:
        raise ValueError(f"no packed key frames: {error}") from error


def thinned(keys: tuple[KeyFrame, ...]) -> tuple[KeyFrame, ...]:
    """MOST_KEYS of them at most, evenly spread."""
    return keys[:: -(-len(keys) // MOST_KEYS)] if keys else keys


def _differences(values: list[int]) -> "array[int]":
    return array("q", [value - before for before, value in zip([0, *values], values, strict=False)])


def _sums(data: bytes) -> list[int]:
    values, total = array("q"), 0
    values.frombytes(data)
    summed = []
    for value in values:
        total += value
        summed.append(total)
    return summed
