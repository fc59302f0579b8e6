"""QR codes (ISO/IEC 18004) as the path of an SVG."""

from dataclasses import dataclass

import segno

QUIET = 4
"""Modules of empty space around a code."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """`size` modules wide and high, quiet zone included; `path` fills the dark ones, in units of a module."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """The code of a text, with medium error correction. Raises ValueError for more than about 2,300 bytes."""
    matrix = segno.make(text, error="m", micro=False).matrix
    runs = [
        f"M{start + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(matrix)
        for start, length in _runs(row)
    ]
    return QrCode(len(matrix) + 2 * QUIET, "".join(runs))


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """Where dark modules follow each other: start and length of each run."""
    found, start = list[tuple[int, int]](), None
    for x, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            found.append((start, x - start))
            start = None
    return found
