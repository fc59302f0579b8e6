"""The rules of upload.getFile for offset and limit, its file hashes, and its serialised answer.

Source: core.telegram.org/api/files#downloading-files.
"""

import hashlib
import struct
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.world.content import Content

WINDOW = 1 << 20
HASHED_PIECE = 128 * 1024
_FILE_HEADER = struct.Struct("<IIi")


def check_window(offset: int, limit: int, *, precise: bool) -> None:
    """RpcError 400 OFFSET_INVALID or LIMIT_INVALID unless the request is aligned and within one 1 MiB window."""
    step = 1024 if precise else 4096
    if offset < 0 or offset % step:
        raise RpcError(400, "OFFSET_INVALID")
    if limit <= 0 or limit % step or limit > WINDOW or (not precise and WINDOW % limit):
        raise RpcError(400, "LIMIT_INVALID")
    if offset // WINDOW != (offset + limit - 1) // WINDOW:
        raise RpcError(400, "LIMIT_INVALID")


def file_hashes(content: Content, offset: int) -> list[Any]:
    """FileHash of each 128 KiB piece, from the one that holds `offset` to the end of its window."""
    if offset < 0:
        raise RpcError(400, "OFFSET_INVALID")
    first = offset - offset % HASHED_PIECE
    stop = min(content.size, (offset // WINDOW + 1) * WINDOW)
    hashes = []
    for start in range(first, stop, HASHED_PIECE):
        piece = content.read(start, HASHED_PIECE)
        hashes.append(raw.types.FileHash(offset=start, limit=len(piece), hash=hashlib.sha256(piece).digest()))
    return hashes


def serialised_file(type_id: int, mtime: int, *, data: bytes) -> bytes:
    """The bytes of an upload.file with one copy of `data`: nearly all traffic is this."""
    header = _FILE_HEADER.pack(raw.types.upload.File.ID, type_id, mtime)
    if len(data) < 254:
        return b"".join((header, bytes((len(data),)), data, bytes(-(len(data) + 1) % 4)))
    return b"".join((header, b"\xfe", len(data).to_bytes(3, "little"), data, bytes(-len(data) % 4)))
