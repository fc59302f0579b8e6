"""Splits a msg_container without parsing its messages."""

import struct
from dataclasses import dataclass

from tgemulator.wire.tl import MSG_CONTAINER, TlError, constructor

MAX_MESSAGES = 1020  # core.telegram.org/mtproto/service_messages#simple-container
_HEAD = struct.Struct("<qii")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `body` is its serialised object."""

    msg_id: int
    seq_no: int
    body: bytes


def split(body: bytes) -> list[Message]:
    """The messages of a container's body (constructor id included); TlError if it is not well formed."""
    if constructor(body) != MSG_CONTAINER or len(body) < 8:
        raise TlError("not a container")
    count = int.from_bytes(body[4:8], "little")
    if count > MAX_MESSAGES:
        raise TlError("too many messages")
    messages, at = [], 8
    for _ in range(count):
        if at + _HEAD.size > len(body):
            raise TlError("cut short")
        msg_id, seq_no, length = _HEAD.unpack_from(body, at)
        at += _HEAD.size
        if length < 4 or length % 4 or at + length > len(body):
            raise TlError("message length")
        messages.append(Message(msg_id, seq_no, body[at : at + length]))
        at += length
    if at != len(body):
        raise TlError("trailing bytes")
    return messages
