"""Stripped thumbnails: JPEGs of about 40 pixels that Telegram sends inside the message, without their header.

All have the same JPEG header except for height and width, so a stripped one is a version byte (1), height, width, and
the bytes behind the header. Source: core.telegram.org/api/files#stripped-thumbnails.
"""

import base64

LONGEST = 40
"""Pixels of the longest side."""

MOST = 512
"""Bytes of a stripped thumbnail at most; Telegram's have about 40 to 200."""

_HEAD = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71"
    "////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4"
    "+Pj4+Pj4+Pj/wAARCAAAAAADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF"
    "BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW"
    "V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi"
    "4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC"
    "AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm"
    "Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq"
    "8vP09fb3+Pn6/9oADAMBAAIRAxEAPwA="
)
_HEIGHT, _WIDTH = 164, 166
_END = b"\xff\xd9"


def expand(stripped: bytes) -> bytes:
    """The complete JPEG of a stripped thumbnail; b"" if `stripped` is none."""
    if not 3 < len(stripped) <= MOST or stripped[0] != 1:
        return b""
    return _head(stripped[1], stripped[2]) + stripped[3:] + _END


def strip(jpeg: bytes) -> bytes:
    """The stripped form of a JPEG, from which `expand` makes it again; b"" if its header differs or it is too long."""
    if len(jpeg) <= len(_HEAD) + len(_END) or not jpeg.endswith(_END):
        return b""
    height, width = jpeg[_HEIGHT], jpeg[_WIDTH]
    if not jpeg.startswith(_head(height, width)):
        return b""
    stripped = bytes((1, height, width)) + jpeg[len(_HEAD) : -len(_END)]
    return stripped if len(stripped) <= MOST else b""


def placeholder(stripped: bytes) -> str:
    """A stripped thumbnail as a `data:` URI of a JPEG, about 1 KB; "" if it is none."""
    jpeg = expand(stripped)
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else ""


def _head(height: int, width: int) -> bytes:
    head = bytearray(_HEAD)
    head[_HEIGHT], head[_WIDTH] = height, width
    return bytes(head)
