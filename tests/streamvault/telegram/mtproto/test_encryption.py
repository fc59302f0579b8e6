"""A packet is what Kurigram itself makes of a message, and is read as that."""

import hashlib
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from pyrogram import raw
from pyrogram.crypto import mtproto
from pyrogram.raw.core import Message

from streamvault.telegram.mtproto.encryption import Serialized, pack
from tests.support.uploading import random_data

KEY = random_data(256, seed=3)
ID = hashlib.sha1(KEY, usedforsecurity=False).digest()[-8:]


def _query(size: int) -> Any:
    part = raw.functions.upload.SaveBigFilePart(file_id=-5, file_part=2, file_total_parts=-1, bytes=random_data(size))
    return raw.functions.InvokeWithoutUpdates(query=part)


@pytest.mark.parametrize("salt", [0, 1, (1 << 63) - 1, -(1 << 63)])
@pytest.mark.parametrize("size", [0, 1, 253, 254, 255, 1023, 1024, 512 * 1024])
def test_a_packet_is_read_by_the_other_side(salt: int, size: int) -> None:
    query, session = _query(size), SimpleNamespace(salt=salt, session_id=b"session.", auth_key=KEY, auth_key_id=ID)
    body = Serialized(query)
    packet = pack(session, Message(body, 1 << 62, 7, len(body)))
    assert (packet[:8], len(packet) % 16) == (ID, 8)
    key = mtproto.kdf(KEY, packet[8:24], True)
    plain = mtproto.aes.ige256_decrypt(packet[24:], *key)
    assert hashlib.sha256(KEY[88:120] + plain).digest()[8:24] == packet[8:24]
    assert plain[:16] == salt.to_bytes(8, "little", signed=True) + b"session."
    length = int.from_bytes(plain[28:32], "little")
    assert 12 <= len(plain) - 32 - length < 28
    message = Message.read(BytesIO(plain[16 : 32 + length]))
    assert (message.msg_id, message.seq_no, message.body) == (1 << 62, 7, query)
