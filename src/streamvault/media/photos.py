"""Which pictures Telegram takes as photos, by their headers; pure."""

import struct

MOST_BYTES = 10_000_000
MOST_SIDES, MOST_RATIO = 10_000, 20
"""Pixels of width and height together, and the most of one side against the other."""
_START_OF_FRAME = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


def refusal(head: bytes, size: int) -> str:
    """Why the picture of `size` bytes that begins with `head` cannot be a photo of Telegram; "" where it can."""
    if size > MOST_BYTES:
        return f"it has {size:,} bytes, and a photo of Telegram at most {MOST_BYTES:,}"
    sides = picture_size(head)
    if sides is None or not min(sides):
        return "its size in pixels could not be read"
    if sum(sides) > MOST_SIDES or max(sides) > MOST_RATIO * min(sides):
        return f"Telegram has no photos of {sides[0]} x {sides[1]} pixels"
    return ""


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a JPEG or PNG that begins so; None of anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and len(head) >= 24:
        width, height = struct.unpack_from(">II", head, 16)
        return width, height
    return _jpeg_size(head) if head.startswith(b"\xff\xd8\xff") else None


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """What the frame header says, behind any number of segments."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _START_OF_FRAME:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None
