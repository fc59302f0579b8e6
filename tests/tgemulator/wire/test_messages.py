"""Encrypted messages, against Kurigram's own implementation and against tampering."""

import os
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram import raw
from pyrogram.crypto import mtproto
from pyrogram.raw.core import Message

from streamvault.telegram.mtproto.crypto import install_crypto
from tgemulator.wire import messages
from tgemulator.wire.crypto import ige_encrypt, sha1, sha256
from tgemulator.wire.messages import Header, MessageError

KEY = bytes(range(256))
KEY_ID = sha1(KEY)[-8:]
SESSION = b"session!"
HEADER = Header(salt=-5, session_id=SESSION, msg_id=1 << 60, seq_no=3)


@given(words=st.integers(1, 300), cut=st.integers(0, 1200), x=st.sampled_from([0, 8]))
def test_what_is_encrypted_can_be_read(words: int, cut: int, x: int) -> None:
    body = os.urandom(4 * words)
    pieces = messages.encrypt(KEY, HEADER, key_id=KEY_ID, body=[body[:cut], body[cut:]], x=x)
    opened = messages.decrypt(KEY, b"".join(pieces), x=x)
    assert (opened.salt, opened.session_id, opened.msg_id, opened.seq_no, opened.body) == (
        -5,
        SESSION,
        1 << 60,
        3,
        body,
    )


def test_messages_are_exchanged_with_kurigrams_implementation() -> None:
    install_crypto()
    ping = raw.functions.Ping(ping_id=77)
    packed = mtproto.pack(Message(ping, 1 << 60, 3, len(ping)), -5, SESSION, KEY, KEY_ID)
    assert messages.decrypt(KEY, packed).body == ping.write()
    pieces = messages.encrypt(KEY, Header(-5, SESSION, (1 << 60) + 1, 3), key_id=KEY_ID, body=[ping.write()])
    assert mtproto.unpack(BytesIO(b"".join(pieces)), SESSION, KEY, KEY_ID).body == ping


@given(at=st.integers(8, 24 + 111), bit=st.integers(0, 7))
def test_every_bit_is_protected(at: int, bit: int) -> None:
    packet = bytearray(b"".join(messages.encrypt(KEY, HEADER, key_id=KEY_ID, body=[bytes(64)], x=0, random=bytes)))
    packet[at] ^= 1 << bit
    with pytest.raises(MessageError):
        messages.decrypt(KEY, bytes(packet))


@pytest.mark.parametrize("size", [0, 15, 16, 31, 33])
def test_an_impossible_packet_length_is_refused(size: int) -> None:
    with pytest.raises(MessageError, match="length"):
        messages.decrypt(KEY, KEY_ID + bytes(16) + bytes(size))


def _sealed(plain: bytes) -> bytes:
    """A packet with the right msg_key over any plain text."""
    msg_key = sha256(KEY[88:120], plain)[8:24]
    a = sha256(msg_key, KEY[:36])
    b = sha256(KEY[40:76], msg_key)
    aes_key, aes_iv = a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
    return KEY_ID + msg_key + ige_encrypt(plain, aes_key, iv=aes_iv)


@pytest.mark.parametrize(
    ("length", "total"),
    [(56, 64), (4, 4 + 12 + 1024), (-4, 64), (1 << 30, 64), (0, 32), (5, 43)],
    ids=["padding below 12", "padding above 1024", "negative", "beyond the end", "empty", "not a multiple of 4"],
)
def test_impossible_lengths_inside_a_message_are_refused(length: int, total: int) -> None:
    head = bytes(16) + bytes(8) + bytes(4) + length.to_bytes(4, "little", signed=True)
    plain = head + bytes(total)
    plain += bytes(-len(plain) % 16)
    with pytest.raises(MessageError, match="body length or padding"):
        messages.decrypt(KEY, _sealed(plain))
