"""Each rule about incoming messages: breaking it gives Telegram's error code and runs nothing."""

import asyncio
import gzip
import struct
import time
from itertools import pairwise
from typing import Any

import pytest
from pyrogram import raw
from pyrogram.raw.core import Bytes, FutureSalts, GzipPacked

from tests.support.rawclient import RawClient, TransportFailure, container, initialised
from tests.tgemulator.conftest import HOME, Clock
from tgemulator.emulator import Emulator
from tgemulator.wire import tl

PING = raw.functions.Ping(ping_id=7)
CONFIG = raw.functions.help.GetConfig()
ACK = raw.types.MsgsAck(msg_ids=[])


async def _bad(client: RawClient) -> tuple[int, int]:
    """(error_code, bad_msg_id) of the next notification."""
    value = await client.expect(raw.types.BadMsgNotification)
    return value.error_code, value.bad_msg_id


@pytest.mark.parametrize(("seconds", "code"), [(-301, 16), (-299, None), (29, None), (31, 17)])
async def test_a_msg_id_outside_the_time_window_is_refused(client: RawClient, seconds: float, code: int | None) -> None:
    msg_id = client.me.msg_id(time.time() + seconds)
    await client.send(PING, msg_id=msg_id, seq_no=0)
    if code is None:
        assert (await client.expect(raw.types.Pong)).msg_id == msg_id
    else:
        assert await _bad(client) == (code, msg_id)


@pytest.mark.parametrize("bits", [1, 2, 3])
async def test_a_msg_id_with_wrong_low_bits_is_refused(client: RawClient, bits: int) -> None:
    msg_id = client.me.msg_id() | bits
    await client.send(PING, msg_id=msg_id, seq_no=0)
    assert await _bad(client) == (18, msg_id)


async def test_a_repeated_container_is_refused(client: RawClient) -> None:
    msg_id = await client.send(PING, seq_no=0)
    await client.expect(raw.types.Pong)
    await client.send(container(), msg_id=msg_id, seq_no=0)
    assert await _bad(client) == (19, msg_id)


async def test_a_message_older_than_the_window_is_refused(client: RawClient) -> None:
    base = client.me.msg_id()
    for first in range(0, 2100, 1000):
        acks = [(base + 8 * (first + step), 0, ACK) for step in range(1000)]
        await client.send(container(*acks), msg_id=base + 8 * (first + 1000), seq_no=0)
    await client.send(PING, msg_id=base + 4, seq_no=0)
    assert await _bad(client) == (20, base + 4)


async def test_a_seqno_out_of_order_is_refused(client: RawClient) -> None:
    first, second, third = client.me.msg_id(), client.me.msg_id(), client.me.msg_id()
    await client.send(initialised(CONFIG), msg_id=second, seq_no=5)
    await client.send(CONFIG, msg_id=third, seq_no=5)
    assert await _bad(client) == (32, third)
    await client.send(CONFIG, msg_id=third, seq_no=3)
    assert await _bad(client) == (32, third)
    await client.send(CONFIG, msg_id=first, seq_no=7)
    assert await _bad(client) == (33, first)


@pytest.mark.parametrize(("body", "seq_no", "code"), [(ACK, 1, 34), (container(), 1, 34), (CONFIG, 0, 35)])
async def test_a_seqno_of_the_wrong_parity_is_refused(client: RawClient, body: Any, seq_no: int, code: int) -> None:
    msg_id = await client.send(body, seq_no=seq_no)
    assert await _bad(client) == (code, msg_id)


@pytest.mark.parametrize("seq_no", [0, 1])
async def test_a_ping_may_have_an_odd_or_even_seqno(client: RawClient, seq_no: int) -> None:
    msg_id = await client.send(PING, seq_no=seq_no)
    pong = await client.expect(raw.types.Pong)
    assert (pong.msg_id, pong.ping_id) == (msg_id, 7)


async def test_a_wrong_salt_is_answered_with_the_right_one(client: RawClient, emulator: Emulator) -> None:
    right = client.me.salt
    msg_id = await client.send(PING, salt=right ^ 1, seq_no=0)
    notice = await client.expect(raw.types.BadServerSalt)
    assert (notice.error_code, notice.bad_msg_id, notice.new_server_salt) == (48, msg_id, right)
    assert emulator.counters.value("rejected", why="salt") == 1


async def test_salts_rotate(client: RawClient, emulator: Emulator, clock: Clock) -> None:
    first, lifetime = client.me.salt, emulator.config.salt_lifetime
    await client.send(raw.functions.GetFutureSalts(num=3))
    salts = (await client.expect(FutureSalts)).salts
    assert salts[0].salt == first
    assert [later.valid_since - salt.valid_since for salt, later in pairwise(salts)] == [int(lifetime)] * 2
    clock.ahead = lifetime + 1
    now = client.me.msg_id(clock())
    await client.send(PING, msg_id=now, seq_no=2)
    await client.expect(raw.types.Pong)  # the previous salt is good for one lifetime more
    clock.ahead = 2 * lifetime + 1
    await client.send(PING, msg_id=client.me.msg_id(clock()), seq_no=2)
    assert (await client.expect(raw.types.BadServerSalt)).new_server_salt == salts[2].salt


def _nested(client: RawClient) -> bytes:
    inner = container((client.me.msg_id(), 0, ACK))
    return container((client.me.msg_id(), 0, inner))


def _younger(client: RawClient) -> bytes:
    return container((client.me.msg_id(time.time() + 20), 0, ACK))


def _cut(client: RawClient) -> bytes:
    return container((client.me.msg_id(), 0, ACK))[:-4]


@pytest.mark.parametrize("build", [_nested, _younger, _cut, lambda _: struct.pack("<Ii", 0x73F1F8DC, 2000)])
async def test_an_invalid_container_is_refused(client: RawClient, build: Any) -> None:
    msg_id = await client.send(build(client), seq_no=0)
    assert await _bad(client) == (64, msg_id)


async def test_a_bad_message_in_a_container_does_not_affect_the_others(client: RawClient) -> None:
    odd, ping = client.me.msg_id() | 1, client.me.msg_id()
    await client.send(container((odd, 0, ACK), (ping, 0, PING)), seq_no=0)
    assert await _bad(client) == (18, odd)
    assert (await client.expect(raw.types.Pong)).msg_id == ping


async def test_containers_and_gzip_carry_calls(client: RawClient) -> None:
    ping, call = client.me.msg_id(), client.me.msg_id()
    packed = GzipPacked(initialised(CONFIG)).write()
    await client.send(container((ping, 0, PING), (call, 1, packed)), seq_no=2)
    assert isinstance(await client.result(call), raw.types.Config)


async def test_a_query_may_be_packed_inside_its_wrappers(client: RawClient) -> None:
    wrapped = initialised(raw.functions.InvokeWithoutUpdates(query=GzipPacked(CONFIG)))
    assert isinstance(await client.call(wrapped), raw.types.Config)


async def test_a_gzip_bomb_is_refused(client: RawClient) -> None:
    bomb = tl.GZIP_PACKED.to_bytes(4, "little") + bytes(Bytes(gzip.compress(bytes(64 * 1024 * 1024))))
    error = await client.result(await client.send(bomb))
    assert (error.error_code, error.error_message) == (400, "INPUT_FETCH_ERROR")


async def test_an_unknown_key_is_404(emulator: Emulator, client: RawClient) -> None:
    client.me.key = bytes(256)
    await client.send(PING)
    with pytest.raises(TransportFailure) as failure:
        await client.receive()
    assert failure.value.code == -404
    with pytest.raises(EOFError):
        await client.receive()
    assert emulator.counters.value("rejected", why="unknown_key") == 1


async def test_a_key_belongs_to_one_dc(emulator: Emulator, client: RawClient) -> None:
    async with await RawClient.connect(emulator.address(1), identity=client.me) as elsewhere:
        await elsewhere.send(PING)
        with pytest.raises(TransportFailure):
            await elsewhere.receive()
    async with await RawClient.connect(emulator.address(HOME, media_only=True), identity=client.me) as media:
        await media.send(PING)
        assert isinstance(await media.expect(raw.types.Pong), raw.types.Pong)


@pytest.mark.parametrize("at", [8, 23, 24, -1])
async def test_a_forged_message_is_404(client: RawClient, at: int) -> None:
    forged = bytearray(client.packed(PING, client.me.msg_id()))
    forged[at] ^= 1
    await client.frames.send(bytes(forged))
    with pytest.raises(TransportFailure) as failure:
        await client.receive()
    assert failure.value.code == -404


@pytest.mark.parametrize("packet", [bytes(8), b"\x01" * 8, b"\x01" * 40, bytes(24), b"\x00" * 4])
async def test_garbage_is_404(emulator: Emulator, packet: bytes) -> None:
    async with await RawClient.connect(emulator.address(HOME)) as client:
        await client.frames.send(packet)
        with pytest.raises(TransportFailure):
            await client.packet()


async def test_a_connection_that_is_not_mtproto_is_closed(emulator: Emulator) -> None:
    reader, writer = await asyncio.open_connection(*emulator.address(HOME))
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(5):
        with pytest.raises((ConnectionError, EOFError)):
            await reader.readexactly(1)
    writer.close()
