"""Downloads, with every rule of upload.getFile (core.telegram.org/api/files#downloading-files)."""

from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.cdn import redirect
from tgemulator.services.downloads import check_window, file_hashes, serialised_file
from tgemulator.services.registry import Call, method
from tgemulator.world import media
from tgemulator.world.content import Content
from tgemulator.world.stored_file import StoredFile


@method(raw.functions.upload.GetFile)
async def get_file(call: Call, query: Any) -> Any:
    """upload.getFile: upload.file, already serialised, or upload.fileCdnRedirect."""
    check_window(query.offset, query.limit, precise=bool(query.precise))
    files = call.server.files
    file, content = _locate_here(call, query.location)
    _count(call, query, file=file)
    if query.cdn_supported and file.cdn and files.cdn_dc is not None and content is file.content:
        return redirect(files, file)
    data = call.server.faults.shape_chunk(call, content.read(query.offset, query.limit), file_id=file.id)
    call.server.counters.add("getfile_bytes", len(data), dc=call.dc_id, user=call.user.id)
    return serialised_file(media.storage_type(file, content).ID, file.date, data=data)


@method(raw.functions.upload.GetFileHashes)
async def get_file_hashes(call: Call, query: Any) -> Any:
    """upload.getFileHashes: SHA-256 of each 128 KiB piece from `offset` to the end of its 1 MiB window; may be none."""
    file, content = _locate_here(call, query.location)
    return file_hashes(content, query.offset) if file.hashed else []


@method(raw.functions.upload.GetWebFile)
async def get_web_file(call: Call, query: Any) -> Any:
    """upload.getWebFile: refused, there are no web files."""
    raise RpcError(400, "LOCATION_INVALID")


def _locate_here(call: Call, location: Any) -> tuple[StoredFile, Content]:
    """The file and content of a location, if the file is stored in this DC; else 303 FILE_MIGRATE_X."""
    file, content = call.server.files.locate(location, call.user.id)
    if file.dc_id != call.dc_id:
        raise RpcError(303, f"FILE_MIGRATE_{file.dc_id}")
    return file, content


def _count(call: Call, query: Any, *, file: StoredFile) -> None:
    """Count a download; thumbnails have a label of their own."""
    counters = call.server.counters
    counters.add("getfile", dc=call.dc_id, user=call.user.id)
    thumb = {"thumb": query.location.thumb_size} if query.location.thumb_size else {}
    counters.add("getfile_at", file=file.id, offset=query.offset, limit=query.limit, **thumb)
