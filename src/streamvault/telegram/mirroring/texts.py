"""Texts that are too long for where they go, cut at a word with their entities; pure."""

import copy
from collections.abc import Sequence
from typing import Any

MOST_CAPTION, MOST_TEXT = 1024, 4096
"""UTF-16 code units of the text beside a file, and of a message (core.telegram.org/api/config)."""

Part = tuple[str, list[Any]]
"""A text and its raw entities."""


def parts_of(text: str, entities: Sequence[Any], *, first: int) -> list[Part]:
    """The text in parts: the first of at most `first` units, others of MOST_TEXT. Never cut within a character."""
    units = text.encode("utf-16-le", "surrogatepass")
    found: list[Part] = []
    start, most = 0, first
    while 2 * start < len(units) or not found:
        stop = _cut(units, start, most)
        part = units[2 * start : 2 * stop].decode("utf-16-le", "replace")
        found.append((part, _within(entities, start, stop)))
        if stop == start:
            break
        start, most = stop, MOST_TEXT
    return found


def _cut(units: bytes, start: int, most: int) -> int:
    """Where a part that begins at `start` ends, in units: behind a blank of its second half, if it has any."""
    end = len(units) // 2
    if end - start <= most:
        return end
    stop = start + most
    for place in range(stop, start + most // 2, -1):
        if units[2 * place - 2 : 2 * place] in (b" \0", b"\n\0"):
            return place
    low_half = 0xDC <= units[2 * stop + 1] <= 0xDF
    return stop - 1 if low_half else stop


def _within(entities: Sequence[Any], start: int, stop: int) -> list[Any]:
    found = []
    for entity in entities:
        first, last = max(entity.offset, start), min(entity.offset + entity.length, stop)
        if first < last:
            part = copy.copy(entity)
            part.offset, part.length = first - start, last - first
            found.append(part)
    return found
