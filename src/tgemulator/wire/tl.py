"""Reads and writes TL on top of pyrogram.raw, strictly and within bounds."""

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pyrogram import raw
from pyrogram.raw.all import objects
from pyrogram.raw.core import Bool, Bytes, TLObject, Vector

MAX_UNPACKED = 8 * 1024 * 1024  # bytes that one gzip_packed may become
GZIP_PACKED = 0x3072CFA1
MSG_CONTAINER = 0x73F1F8DC
RPC_RESULT = 0xF35C6D01
_GZIP_MARK = GZIP_PACKED.to_bytes(4, "little")
_GZIP_FROM = 4096  # smaller answers are not packed


class TlError(Exception):
    """Bytes are not valid TL; `unknown` is the constructor id that the schema lacks, if that is the cause."""

    def __init__(self, why: str, *, unknown: int | None = None) -> None:
        super().__init__(why)
        self.unknown = unknown


class Strict(BytesIO):
    """A reader that raises EOFError at the end, where pyrogram's readers would continue with zeros."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if size is not None and size > 0 and len(data) < size:
            raise EOFError
        if data == _GZIP_MARK:  # pyrogram would unpack it without a bound; only unpack() may
            raise TlError("gzip_packed inside an object")
        return data


@contextmanager
def translated() -> Iterator[None]:
    """Translate the errors of pyrogram's readers into TlError."""
    try:
        yield
    except KeyError as error:
        unknown = error.args[0] if error.args and isinstance(error.args[0], int) else None
        raise TlError("unknown constructor", unknown=unknown) from error
    except (EOFError, ValueError, TypeError, AttributeError, OverflowError, struct.error, RecursionError) as error:
        raise TlError(type(error).__name__) from error


def constructor(body: bytes) -> int:
    """The constructor id at the start; TlError if there is none."""
    if len(body) < 4:
        raise TlError("empty")
    return int.from_bytes(body[:4], "little")


def read(body: bytes, *, trailing: bool = False) -> tuple[Any, int]:
    """One TL object and how many bytes it took; TlError unless it is all of `body` or `trailing` is allowed."""
    # Kurigram guesses that a vector is bare when exactly 4 or 8 bytes are left per item, and then takes
    # [inputUserSelf] at the end for [int]; three more bytes make that impossible.
    stream = Strict(body + bytes(3))
    with translated():
        value = TLObject.read(stream)
    if stream.tell() > len(body) or (not trailing and stream.tell() != len(body)):
        raise TlError("trailing bytes")
    return value, stream.tell()


def unpack(body: bytes) -> bytes:
    """`body`, or what it holds if it is gzip_packed (at most MAX_UNPACKED bytes, else TlError)."""
    if constructor(body) != GZIP_PACKED:
        return body
    try:
        packed = Bytes.read(Strict(body[4:]))
        inflater = zlib.decompressobj(wbits=31)
        data = inflater.decompress(packed, MAX_UNPACKED + 1)
    except (EOFError, zlib.error) as error:
        raise TlError("gzip") from error
    if len(data) > MAX_UNPACKED or not inflater.eof:
        raise TlError("gzip: too large or cut short")
    return data


def write(value: Any) -> bytes:
    """Serialise an answer: a TL object, a bool, a list of TL objects, or bytes that are TL already."""
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, bool):
        return bytes(Bool(value))
    if isinstance(value, list):
        return bytes(Vector(value))
    return bytes(value.write())


def rpc_result(msg_id: int, answer: Any) -> list[bytes]:
    """rpc_result in pieces; a large TL object is packed, bytes (files) are not."""
    data = write(answer)
    if len(data) >= _GZIP_FROM and not isinstance(answer, bytes):
        packed = gzip.compress(data, compresslevel=1, mtime=0)
        if len(packed) < len(data):
            data = _GZIP_MARK + bytes(Bytes(packed))
    return [struct.pack("<Iq", RPC_RESULT, msg_id), data]


def rpc_error(msg_id: int, *, code: int, text: str) -> list[bytes]:
    """rpc_result with an rpc_error in it."""
    return [struct.pack("<Iq", RPC_RESULT, msg_id), raw.types.RpcError(error_code=code, error_message=text).write()]


def method_name(function: type[Any]) -> str:
    """A function's name as Telegram writes it, "upload.getFile"."""
    *space, name = str(function.QUALNAME).split(".")[1:]
    return ".".join([*space, name[0].lower() + name[1:]])


def function_name(constructor_id: int) -> str:
    """The name of a function by its id, or the id in hexadecimal if the schema has none."""
    function = objects.get(constructor_id)
    return method_name(function) if is_function(function) else f"{constructor_id:08x}"


def is_function(value: object) -> bool:
    """Whether a TL object or class is a function (a query) rather than a value."""
    return str(getattr(value, "QUALNAME", "")).startswith("functions.")
