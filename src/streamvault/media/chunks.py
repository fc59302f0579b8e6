"""Which upload.getFile requests Telegram accepts: its alignment rules. cells.py makes its runs by them.

Source of the rules: core.telegram.org/api/files#downloading-files.
"""

WINDOW = 1024 * 1024
"""Bytes of the aligned window that one request must not cross, and the largest limit."""

ALIGNMENT = 4096
"""What offset and limit are multiples of, without `precise`."""

PRECISE_ALIGNMENT = 1024
"""What offset and limit are multiples of, with `precise`."""


def is_legal(offset: int, limit: int, *, precise: bool = False) -> bool:
    """Whether upload.getFile accepts the request."""
    if offset < 0 or not 0 < limit <= WINDOW:
        return False
    alignment = PRECISE_ALIGNMENT if precise else ALIGNMENT
    aligned = offset % alignment == 0 and limit % alignment == 0
    divides = precise or WINDOW % limit == 0
    return aligned and divides and offset // WINDOW == (offset + limit - 1) // WINDOW
