"""Recognises videos without sound, which Telegram shows as animations unless it is told not to."""

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from pyrogram import raw

from tgemulator.world.content import Content

_MOST_INDEX = 16 * 1024 * 1024  # bytes of a moov box that are read
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia"})


def is_soundless(content: Content, mime_type: str, attributes: Sequence[Any]) -> bool:
    """Whether an MP4 has pictures and no sound, by its tracks; by its attributes where its bytes are none."""
    if mime_type != "video/mp4":
        return False
    handlers = set(_handlers(_index(content)))
    if handlers:
        return b"vide" in handlers and b"soun" not in handlers
    return any(isinstance(one, raw.types.DocumentAttributeVideo) and bool(one.nosound) for one in attributes)


def _index(content: Content) -> bytes:
    """The moov box; empty where there is none."""
    at = 0
    while (head := content.read(at, 16)) and len(head) >= 8:
        length, name = struct.unpack_from(">I4s", head)
        if length == 1 and len(head) == 16:
            [length] = struct.unpack_from(">Q", head, 8)
        if name == b"moov":
            return content.read(at, min(length, _MOST_INDEX))
        if length < 8:
            break
        at += length
    return b""


def _handlers(data: bytes) -> Iterator[bytes]:
    """The handler of each track in these boxes: vide, soun, text ..."""
    at = 0
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        body = data[at + 8 : at + length]
        if name in _CONTAINERS:
            yield from _handlers(body)
        elif name == b"hdlr":
            yield body[8:12]
        at += length
