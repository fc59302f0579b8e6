"""Encrypts and decrypts one MTProto message (core.telegram.org/mtproto/description), in the calling thread.

A chunk (`upload.file`) is the one large answer: its bytes are sliced out of the plaintext with a single copy.
Everything else is parsed by Kurigram. On its way from the socket a chunk is copied twice: the kernel writes the packet
into the transport's buffer, the ciphertext is sliced out of that, and the chunk out of the plaintext. cryptg holds the
GIL, so decrypting in another thread would only add thread switches.
"""

import struct
from hashlib import sha256
from io import BytesIO
from os import urandom
from typing import Any

from pyrogram import raw
from pyrogram.crypto import mtproto
from pyrogram.errors import SecurityCheckMismatch
from pyrogram.raw.core import Message, TLObject
from pyrogram.session import Session

from streamvault.telegram.mtproto.crypto import ige256_decrypt, ige256_encrypt

_OUTER = struct.Struct("<q8sqii")  # salt, session id, message id, sequence number, length
_CHUNK = struct.Struct("<IqIIi")  # rpc_result, req_msg_id, upload.file, its type, mtime
_RPC_RESULT, _UPLOAD_FILE = 0xF35C6D01, 0x096A18D5
_MIN_PADDING, _MAX_PADDING = 12, 1024
_LONG_BYTES = 254
_storage = raw.types.storage
_FILE_TYPES = {
    kind.ID: kind()
    for kind in (
        _storage.FileUnknown, _storage.FilePartial, _storage.FileJpeg, _storage.FileGif, _storage.FilePng,
        _storage.FilePdf, _storage.FileMp3, _storage.FileMov, _storage.FileMp4, _storage.FileWebp,
    )
}  # fmt: skip


class Serialized(TLObject):  # type: ignore[misc]  # the library is untyped
    """A query that is serialised once; Kurigram serialises a part of a file for its length, and again for its bytes."""

    __slots__ = ("_data",)

    def __init__(self, query: Any) -> None:
        self._data: bytes = query.write()

    def write(self, *_: Any) -> bytes:
        """The serialised query."""
        return self._data

    def __len__(self) -> int:
        return len(self._data)


def pack(session: Session, message: Any) -> bytes:
    """The packet with the encrypted `message`, for the current salt and MTProto session."""
    start = _OUTER.pack(session.salt, session.session_id, message.msg_id, message.seq_no, message.length)
    body = message.body.write()
    padding = urandom(_MIN_PADDING + -(len(start) + len(body) + _MIN_PADDING) % 16)
    plain = b"".join((start, body, padding))
    digest = sha256(session.auth_key[88:120])
    digest.update(plain)
    msg_key = digest.digest()[8:24]
    encrypted = ige256_encrypt(plain, *mtproto.kdf(session.auth_key, msg_key, True))
    return b"".join((session.auth_key_id, msg_key, encrypted))


def unpack(session: Session, packet: memoryview) -> Any:
    """The message in a packet.

    SecurityCheckMismatch: it was altered, or belongs to another session. ValueError: it is authentic, but cannot be
    parsed.
    """
    _check(len(packet) >= 24 + _OUTER.size and len(packet) % 16 == 8, "the length of a packet")
    _check(packet[:8] == session.auth_key_id, "auth_key_id")
    msg_key = bytes(packet[8:24])
    plain = ige256_decrypt(bytes(packet[24:]), *mtproto.kdf(session.auth_key, msg_key, False))
    digest = sha256(session.auth_key[96:128])
    digest.update(plain)
    _check(digest.digest()[8:24] == msg_key, "msg_key")
    _, session_id, msg_id, seq_no, length = _OUTER.unpack_from(plain)
    _check(session_id == session.session_id, "session_id")
    _check(length >= 0 and length % 4 == 0, "the length of a message")
    _check(_MIN_PADDING <= len(plain) - _OUTER.size - length <= _MAX_PADDING, "padding")
    _check(msg_id % 2 == 1, "msg_id")
    return Message(_body(plain, _OUTER.size + length), msg_id, seq_no, length)


def _body(plain: bytes, end: int) -> Any:
    """The TL object in `plain` between the header and `end`."""
    chunk = _chunk(plain, end)
    if chunk is not None:
        return chunk
    try:
        return TLObject.read(BytesIO(plain[_OUTER.size : end]))
    except (KeyError, IndexError, struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"the server sent what cannot be read: {error!r}") from error


def _chunk(plain: bytes, end: int) -> Any:
    """The `rpc_result` if it contains an `upload.file` and nothing else; None otherwise."""
    start = _OUTER.size
    if end - start < _CHUNK.size + 4:
        return None
    result, req_msg_id, answer, kind, mtime = _CHUNK.unpack_from(plain, start)
    if result != _RPC_RESULT or answer != _UPLOAD_FILE or kind not in _FILE_TYPES:
        return None
    at = start + _CHUNK.size
    size, head = plain[at], 1
    if size == _LONG_BYTES:
        size, head = int.from_bytes(plain[at + 1 : at + 4], "little"), 4
    if size == _LONG_BYTES + 1 or at + head + size + -(head + size) % 4 != end:
        return None
    data = plain[at + head : at + head + size]
    file = raw.types.upload.File(type=_FILE_TYPES[kind], mtime=mtime, bytes=data)
    return raw.types.RpcResult(req_msg_id=req_msg_id, result=file)


def _check(right: bool, what: str) -> None:
    if not right:
        raise SecurityCheckMismatch(what)
