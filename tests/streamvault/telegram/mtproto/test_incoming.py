"""Incoming packets: each security check, chunks of all sizes, and what Kurigram parses."""

import os
import struct
import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram import raw
from pyrogram.crypto import mtproto
from pyrogram.errors import SecurityError
from pyrogram.raw.core import GzipPacked, Message, MsgContainer
from pyrogram.session import Session
from pyrogram.session.session import Result

from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.mtproto.crypto import ige256_encrypt
from streamvault.telegram.mtproto.encryption import unpack
from streamvault.telegram.mtproto.incoming import handle_packet
from tgemulator.wire.crypto import sha256

KEY = bytes(range(256))
REQUEST = 0x1000


class Client:
    """The part of a client that a session needs."""

    def __init__(self) -> None:
        self.server_clock = ServerClock(warn=False)
        self.me = SimpleNamespace(id=1)

    @property
    def server_time(self) -> float:
        return self.server_clock.now()

    def _set_server_time(self, msg_id: int) -> None:
        self.server_clock.learn(msg_id)


@pytest.fixture
async def session() -> Session:
    made = Session(Client(), 2, "", 0, KEY, False)
    made.results[REQUEST] = Result()
    return made


def server_msg_id(seconds: float = 0.0, step: int = 0) -> int:
    """A msg_id that a server makes `seconds` from now."""
    return (int((time.time() + seconds) * (1 << 32)) & ~0xFFFF) + 4 * step + 1


def packet(session: Session, body: bytes, **changes: Any) -> memoryview:
    """A packet as the server sends it, with `changes`."""
    given = {
        "msg_id": server_msg_id(),
        "seq_no": 1,
        "session_id": session.session_id,
        "length": len(body),
        "padding": None,
    }
    given |= changes
    plain = struct.pack("<Q8sqii", 0, given["session_id"], given["msg_id"], given["seq_no"], given["length"]) + body
    padding = -(len(plain) + 12) % 16 + 12 if given["padding"] is None else given["padding"]
    plain += os.urandom(padding)
    msg_key = changes.get("msg_key") or sha256(KEY[96:128] + plain)[8:24]
    encrypted = ige256_encrypt(plain, *mtproto.kdf(KEY, msg_key, False))
    return memoryview(bytearray(changes.get("key_id", session.auth_key_id) + msg_key + encrypted))


def chunk(data: bytes, *, kind: Any = None) -> Any:
    file = raw.types.upload.File(type=kind or raw.types.storage.FileMp4(), mtime=5, bytes=data)
    return raw.types.RpcResult(req_msg_id=REQUEST, result=file)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 253, 254, 255, 256, 4096, 131072, 1 << 20])
async def test_a_chunk_of_any_size_is_delivered_unchanged(session: Session, size: int) -> None:
    data = os.urandom(size)
    assert handle_packet(session, packet(session, chunk(data).write())) == []
    answer = session.results[REQUEST].value
    assert (answer.bytes, answer.mtime, type(answer.type)) == (data, 5, raw.types.storage.FileMp4)
    assert session.results[REQUEST].event.is_set()
    assert len(session.pending_acks) == 1


@given(data=st.binary(max_size=600), kind=st.sampled_from(["FileUnknown", "FileJpeg", "FileWebp"]))
def test_a_chunk_is_parsed_as_kurigram_parses_it(data: bytes, kind: str) -> None:
    session: Any = SimpleNamespace(session_id=bytes(8), auth_key=KEY, auth_key_id=bytes(8))
    sent = chunk(data, kind=getattr(raw.types.storage, kind)())
    assert unpack(session, packet(session, sent.write())).body == sent


@pytest.mark.parametrize(
    "change",
    [
        {"key_id": b"another!"},
        {"msg_key": bytes(16)},
        {"session_id": b"another!"},
        {"msg_id": server_msg_id() - 1},
        {"length": -4},
        {"length": 1 << 20},
        {"length": 17},
        {"padding": 4},
        {"padding": 1028},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_each_check_refuses_a_packet(session: Session, change: dict[str, Any]) -> None:
    with pytest.raises(SecurityError):
        handle_packet(session, packet(session, chunk(b"data" * 4).write(), **change))
    assert session.results[REQUEST].value is None


@pytest.mark.parametrize("at", [0, 9, 30, 60, -1])
async def test_a_packet_with_one_wrong_bit_is_refused(session: Session, at: int) -> None:
    sent = packet(session, chunk(b"data" * 40).write())
    sent[at] ^= 1
    with pytest.raises(SecurityError):
        handle_packet(session, sent)


@pytest.mark.parametrize("size", [0, 4, 23, 24, 55, 64, 87])
async def test_a_packet_of_a_wrong_length_is_refused(session: Session, size: int) -> None:
    with pytest.raises(SecurityError):
        handle_packet(session, packet(session, chunk(b"data").write())[:size])


async def test_a_repeated_message_is_ignored(session: Session) -> None:
    sent = packet(session, chunk(b"data").write(), seq_no=2)
    handle_packet(session, sent)
    session.results[REQUEST] = Result()
    handle_packet(session, sent)
    assert session.results[REQUEST].value is None
    assert session.ignore_count == 1


@pytest.mark.parametrize("seconds", [-400, 60])
async def test_a_message_too_far_from_the_servers_time_is_ignored(session: Session, seconds: float) -> None:
    handle_packet(
        session, packet(session, raw.types.Pong(msg_id=1, ping_id=1).write(), msg_id=server_msg_id(-500), seq_no=2)
    )
    session.client.server_clock.learn(server_msg_id())
    handle_packet(session, packet(session, chunk(b"data").write(), msg_id=server_msg_id(seconds), seq_no=2))
    assert session.results[REQUEST].value is None


async def test_too_many_ignored_messages_in_a_row_raise(session: Session) -> None:
    sent = packet(session, raw.types.Pong(msg_id=1, ping_id=1).write(), seq_no=2)
    handle_packet(session, sent)
    for _ in range(session.MAX_CONSECUTIVE_IGNORED - 1):
        handle_packet(session, sent)
    with pytest.raises(SecurityError):
        handle_packet(session, sent)


async def test_containers_compressed_answers_and_errors_are_parsed_by_kurigram(session: Session) -> None:
    error = raw.types.RpcError(error_code=420, error_message="FLOOD_WAIT_3")
    session.results[8] = Result()
    zipped = raw.types.RpcResult(req_msg_id=8, result=GzipPacked(error))
    update = raw.types.UpdatesTooLong()
    parts = [chunk(b"data"), zipped, update, raw.types.NewSessionCreated(first_msg_id=1, unique_id=1, server_salt=1)]
    messages = [Message(part, server_msg_id(step=i), 2 * i + 1, len(part.write())) for i, part in enumerate(parts)]
    updates = handle_packet(
        session, packet(session, MsgContainer(messages).write(), msg_id=server_msg_id(step=9), seq_no=8)
    )
    assert updates == [update]
    assert session.results[REQUEST].value.bytes == b"data"
    assert session.results[8].value == error
    assert len(session.pending_acks) == 4


async def test_a_message_that_cannot_be_parsed_raises(session: Session) -> None:
    for body in (b"\x01\x02\x03\x04", struct.pack("<I", 0xF35C6D01), bytes(8)):
        with pytest.raises(ValueError, match="cannot be read"):
            handle_packet(session, packet(session, body))
