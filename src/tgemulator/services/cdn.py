"""Files served by a CDN DC, encrypted so that the CDN itself cannot read them (core.telegram.org/cdn).

The client gets key and file_token from the file's own DC and encrypted bytes from the CDN, for which the file's DC
has to upload the file there once. Keys and tokens are derived from the store's secret.
"""

import hmac
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.downloads import check_window, file_hashes
from tgemulator.services.registry import Call, method
from tgemulator.world.files import FileStore
from tgemulator.world.stored_file import StoredFile


@method(raw.functions.upload.GetCdnFile, login=False, on_cdn=True)
async def get_cdn_file(call: Call, query: Any) -> Any:
    """upload.getCdnFile: upload.cdnFile, or upload.cdnFileReuploadNeeded while the CDN does not hold the file."""
    files = call.server.files
    if call.dc_id != files.cdn_dc:
        raise RpcError(400, "CDN_METHOD_INVALID")
    file = _file_of(files, query.file_token)
    check_window(query.offset, query.limit, precise=False)
    if file.id not in files.cdn_held:
        return raw.types.upload.CdnFileReuploadNeeded(request_token=_request_token(files, file))
    call.server.counters.add("getcdnfile", dc=call.dc_id)
    data = call.server.faults.shape_chunk(call, file.content.read(query.offset, query.limit), file_id=file.id)
    return raw.types.upload.CdnFile(bytes=_encrypt(files, file, data=data, offset=query.offset))


@method(raw.functions.upload.ReuploadCdnFile)
async def reupload_cdn_file(call: Call, query: Any) -> Any:
    """upload.reuploadCdnFile on the file's own DC: the CDN holds the file afterwards."""
    files = call.server.files
    file = _file_of_dc(call, query.file_token)
    if not hmac.compare_digest(query.request_token, _request_token(files, file)):
        raise RpcError(400, "REQUEST_TOKEN_INVALID")
    call.server.counters.add("cdn_reuploads", file=file.id)
    files.cdn_held.add(file.id)
    return file_hashes(file.content, 0) if file.hashed else []


@method(raw.functions.upload.GetCdnFileHashes)
async def get_cdn_file_hashes(call: Call, query: Any) -> Any:
    """upload.getCdnFileHashes on the file's own DC: SHA-256 of the decrypted pieces of one window."""
    file = _file_of_dc(call, query.file_token)
    return file_hashes(file.content, query.offset) if file.hashed else []


def redirect(files: FileStore, file: StoredFile) -> Any:
    """The upload.fileCdnRedirect for a file."""
    assert files.cdn_dc is not None
    return raw.types.upload.FileCdnRedirect(
        dc_id=files.cdn_dc,
        file_token=_token(files, file),
        encryption_key=_mac(files, "key", file),
        encryption_iv=_mac(files, "iv", file)[:16],
        file_hashes=file_hashes(file.content, 0) if file.hashed else [],
    )


def _encrypt(files: FileStore, file: StoredFile, *, data: bytes, offset: int) -> bytes:
    """AES-256-CTR whose last four IV bytes are offset // 16, big-endian."""
    iv = _mac(files, "iv", file)[:12] + (offset // 16).to_bytes(4, "big")
    encryptor = Cipher(algorithms.AES(_mac(files, "key", file)), modes.CTR(iv)).encryptor()
    return encryptor.update(data)


def _mac(files: FileStore, what: str, file: StoredFile) -> bytes:
    """32 bytes that stay the same until the tokens expire."""
    return files.mac(f"cdn {what}", files.cdn_epoch, file.id)


def _token(files: FileStore, file: StoredFile) -> bytes:
    """The file_token: the id and a MAC."""
    return file.id.to_bytes(8, "big") + _mac(files, "token", file)[:24]


def _request_token(files: FileStore, file: StoredFile) -> bytes:
    """The request_token for upload.reuploadCdnFile."""
    return _mac(files, "request", file)


def _file_of(files: FileStore, token: bytes) -> StoredFile:
    """The file that a file_token names. RpcError 400 FILE_TOKEN_INVALID."""
    file = files.files.get(int.from_bytes(token[:8], "big"))
    if file is None or not hmac.compare_digest(token, _token(files, file)):
        raise RpcError(400, "FILE_TOKEN_INVALID")
    return file


def _file_of_dc(call: Call, token: bytes) -> StoredFile:
    """The same, on the file's own DC only; else 303 FILE_MIGRATE_X."""
    file = _file_of(call.server.files, token)
    if file.dc_id != call.dc_id:
        raise RpcError(303, f"FILE_MIGRATE_{file.dc_id}")
    return file
