"""Uploads, part by part (core.telegram.org/api/files#uploading-files)."""

from typing import Any

from pyrogram import raw

from tgemulator.services.registry import Call, method
from tgemulator.world.files import most_parts


@method(raw.functions.upload.SaveFilePart)
async def save_file_part(call: Call, query: Any) -> Any:
    """upload.saveFilePart: a part of a file of at most 10 MB."""
    key = (call.user.id, query.file_id, False)
    most = most_parts(call.user)
    call.server.files.uploads.save(key, query.file_part, data=query.bytes, total=None, most=most)
    call.server.counters.add("parts_saved", user=call.user.id)
    return True


@method(raw.functions.upload.SaveBigFilePart)
async def save_big_file_part(call: Call, query: Any) -> Any:
    """upload.saveBigFilePart: a part of a file of any size; file_total_parts -1 while it is unknown."""
    key = (call.user.id, query.file_id, True)
    total = None if query.file_total_parts == -1 else query.file_total_parts
    most = most_parts(call.user)
    call.server.files.uploads.save(key, query.file_part, data=query.bytes, total=total, most=most)
    call.server.counters.add("parts_saved", user=call.user.id)
    return True
