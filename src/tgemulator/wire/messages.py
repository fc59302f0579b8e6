"""Encryption and decryption of MTProto 2.0 messages (core.telegram.org/mtproto/description)."""

import hmac
import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tgemulator.wire.crypto import ige_decrypt, ige_encrypt, sha256

_HEAD = struct.Struct("<q8sqii")  # salt, session id, msg_id, seq_no, length
_MIN_PADDING, _MAX_PADDING = 12, 1024


class MessageError(Exception):
    """A packet is not an encrypted message of this key; the server answers -404 and closes."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A decrypted message. `salt` and `msg_id` are signed 64-bit numbers, `session_id` is 8 bytes."""

    salt: int
    session_id: bytes
    msg_id: int
    seq_no: int
    body: bytes


def _key_and_iv(key: bytes, msg_key: bytes, *, x: int) -> tuple[bytes, bytes]:
    """The KDF; x is 0 for messages from the client and 8 for those to it."""
    a = sha256(msg_key, key[x : x + 36])
    b = sha256(key[x + 40 : x + 76], msg_key)
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]


def decrypt(key: bytes, packet: bytes, *, x: int = 0) -> Envelope:
    """Decrypt a packet whose auth_key_id is that of `key` (256 bytes).

    Checks msg_key in constant time, then the length and the padding of 12 to 1024 bytes;
    MessageError if one of them is wrong. `x` is 8 on a client's side.
    """
    msg_key, cipher = packet[8:24], packet[24:]
    if not cipher or len(cipher) % 16 or len(cipher) < _HEAD.size:
        raise MessageError("length")
    aes_key, aes_iv = _key_and_iv(key, msg_key, x=x)
    plain = ige_decrypt(cipher, aes_key, iv=aes_iv)
    if not hmac.compare_digest(msg_key, sha256(key[88 + x : 120 + x], plain)[8:24]):
        raise MessageError("msg_key")
    salt, session_id, msg_id, seq_no, length = _HEAD.unpack_from(plain)
    padding = len(plain) - _HEAD.size - length
    if length < 4 or length % 4 or not _MIN_PADDING <= padding <= _MAX_PADDING:
        raise MessageError("body length or padding")
    return Envelope(salt, session_id, msg_id, seq_no, plain[_HEAD.size : _HEAD.size + length])


@dataclass(frozen=True, slots=True)
class Header:
    """The fields before the body of an encrypted message."""

    salt: int
    session_id: bytes
    msg_id: int
    seq_no: int


def encrypt(
    key: bytes,
    header: Header,
    *,
    key_id: bytes,
    body: Sequence[bytes],
    x: int = 8,
    random: Callable[[int], bytes] = os.urandom,
) -> list[bytes]:
    """A packet in pieces for a body in pieces (joined once); `x` is 0 on a client's side."""
    length = sum(len(piece) for piece in body)
    head = _HEAD.pack(header.salt, header.session_id, header.msg_id, header.seq_no, length)
    padding = random(_MIN_PADDING + -(_HEAD.size + length + _MIN_PADDING) % 16)
    plain = b"".join((head, *body, padding))
    msg_key = sha256(key[88 + x : 120 + x], plain)[8:24]
    aes_key, aes_iv = _key_and_iv(key, msg_key, x=x)
    return [key_id, msg_key, ige_encrypt(plain, aes_key, iv=aes_iv)]
