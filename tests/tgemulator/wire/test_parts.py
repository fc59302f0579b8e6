"""The smaller modules: windows, salts, outbox, containers, queries, TL within bounds, primes, RSA."""

import gzip
import math
import os
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram import raw
from pyrogram.raw.core import Bool, Bytes, GzipPacked, TLObject
from telethon.crypto import rsa as telethon_rsa

from tests.support.rawclient import container, initialised, rsa_encrypt
from tgemulator.wire import tl
from tgemulator.wire.checks import Bad, Window, check_parity, check_time
from tgemulator.wire.container import split
from tgemulator.wire.outbox import Outbox, Sent
from tgemulator.wire.primes import is_prime, random_prime
from tgemulator.wire.query import MAX_DEPTH, unwrap
from tgemulator.wire.rsa import RsaKey, unhash, unpad
from tgemulator.wire.salts import MAX_FUTURE, SaltSchedule

CONFIG = raw.functions.help.GetConfig()
NOW = 1_800_000_000.0


# msg_id and seqno


@given(st.lists(st.tuples(st.integers(1, 200), st.booleans()), max_size=60))
def test_legal_numbering_is_never_refused_in_whatever_order_it_arrives(steps: list[tuple[int, bool]]) -> None:
    window, msg_id, content, sent = Window(), 0, 0, []
    for gap, is_content in steps:
        msg_id += 4 * gap
        sent.append((msg_id, content * 2 + is_content))
        content += is_content
    for number, seqno in sorted(sent, key=lambda message: hash(message)):
        assert window.check_id(number) is None
        assert window.check_seqno(number, seqno) is None
        window.add(number, seqno)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(0, 30), st.integers(0, 9))
def test_the_seqno_rule_against_its_wording(seqnos: list[int], index: int, seqno: int) -> None:
    """Comparing neighbours is enough: an oracle that compares every message agrees while the held ones are in order."""
    window = Window()
    held: list[tuple[int, int]] = []
    for number, value in enumerate(sorted(seqnos)):
        if value % 2 == 0 or all(other != value for _, other in held):
            window.add(8 * number, value)
            held.append((8 * number, value))
    msg_id = 8 * index - 4
    low = any(number < msg_id and (value > seqno or (value == seqno and value % 2)) for number, value in held)
    high = any(number > msg_id and (value < seqno or (value == seqno and value % 2)) for number, value in held)
    expected = Bad.SEQNO_TOO_LOW if low else Bad.SEQNO_TOO_HIGH if high else None
    assert window.check_seqno(msg_id, seqno) == expected


def test_a_full_window_refuses_older_messages() -> None:
    window = Window(size=2)
    for msg_id in (4, 8, 12):
        window.add(msg_id, 0)
    assert 4 not in window
    assert window.check_id(4) is window.check_id(3) is Bad.TOO_OLD_TO_KNOW
    assert window.check_id(8) is window.check_id(5) is None
    assert [window.state(msg_id) for msg_id in (4, 6, 8, 16)] == [1, 2, 4, 3]


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(-300.5, Bad.ID_TOO_LOW), (-299.5, None), (0, None), (29.5, None), (30.5, Bad.ID_TOO_HIGH)],
)
def test_the_time_of_a_msg_id_is_checked(offset: float, expected: Bad | None) -> None:
    msg_id = int((NOW + offset) * (1 << 32)) & ~3
    assert check_time(msg_id, NOW) is expected
    assert check_time(msg_id | 1, NOW) is Bad.ID_BITS


def test_the_parity_of_seqnos_is_checked() -> None:
    assert check_parity(1, content=False) is Bad.SEQNO_ODD
    assert check_parity(2, content=True) is Bad.SEQNO_EVEN
    assert check_parity(1, content=True) is check_parity(2, content=False) is None
    assert check_parity(1, content=None) is check_parity(2, content=None) is None


# Salts


def test_salts_rotate_and_overlap() -> None:
    schedule = SaltSchedule(bytes(256), NOW, 77, 1800.0)
    assert schedule.current(NOW) == 77
    assert schedule.current(NOW - 5) == 77  # a clock that was set back
    second = schedule.current(NOW + 1800)
    assert second not in (77, schedule.current(NOW + 3600))
    assert schedule.accepts(77, NOW + 3599)
    assert schedule.accepts(second, NOW + 1800)
    assert not schedule.accepts(second, NOW + 1799)
    assert not schedule.accepts(77, NOW + 3600)
    future = schedule.future(1000, NOW + 1800)
    assert len(future) == MAX_FUTURE
    assert future[0].value == second
    assert all(b.since - a.since == 1800 and a.until == b.since + 1800 for a, b in pairwise(future))
    assert schedule.future(-1, NOW) == []


# Outbox


def _sent(msg_id: int, size: int = 10, **more: Any) -> Sent:
    return Sent(msg_id, 1, (bytes(size),), size, more.get("answers"), more.get("update", False))


def test_the_outbox_drops_the_oldest_beyond_its_bounds() -> None:
    outbox = Outbox(max_bytes=100, max_messages=3)
    for msg_id in range(5):
        outbox.add(_sent(msg_id, answers=100 + msg_id))
    assert [sent.msg_id for sent in outbox.all()] == [2, 3, 4]
    assert outbox.answer_to(101) is None
    assert outbox.answer_to(104) is outbox.get(4)
    outbox.add(_sent(9, size=95))
    assert [sent.msg_id for sent in outbox.all()] == [9]
    outbox.add(_sent(10, size=101))
    assert len(outbox) == 0


def test_the_outbox_counts_updates() -> None:
    outbox = Outbox()
    for msg_id in range(4):
        outbox.add(_sent(msg_id, update=msg_id % 2 == 0))
    assert outbox.updates == 2
    outbox.drop_updates()
    outbox.remove(0)
    assert outbox.updates == 0
    assert [sent.msg_id for sent in outbox.all()] == [1, 3]


# Containers and queries


def test_containers_are_split() -> None:
    ping = raw.functions.Ping(ping_id=1)
    messages = split(container((4, 0, ping), (8, 1, CONFIG)))
    assert [(message.msg_id, message.seq_no, message.body) for message in messages] == [
        (4, 0, ping.write()),
        (8, 1, CONFIG.write()),
    ]
    assert split(container()) == []


@given(st.binary(max_size=100))
def test_any_container_bytes_are_read_or_a_tl_error(body: bytes) -> None:
    for data in (body, container((4, 0, CONFIG))[:4] + body):
        try:
            split(data)
        except tl.TlError:
            continue
        assert data[:4] == container()[:4]


def test_wrappers_are_removed() -> None:
    ordered = raw.functions.InvokeAfterMsgs(msg_ids=[2, 3], query=raw.functions.InvokeAfterMsg(msg_id=4, query=CONFIG))
    quiet = raw.functions.InvokeWithoutUpdates(
        query=GzipPacked(raw.functions.InvokeWithTakeout(takeout_id=1, query=ordered))
    )
    query = unwrap(GzipPacked(initialised(quiet)).write())
    assert (query.layer, query.api_id, query.without_updates, query.after) == (229, 1, True, [2, 3, 4])
    assert query.body == CONFIG.write()


def test_init_connection_may_carry_a_proxy_and_parameters() -> None:
    query = initialised(CONFIG)
    query.query.proxy = raw.types.InputClientProxy(address="proxy", port=1)
    query.query.params = raw.types.JsonObject(
        value=[raw.types.JsonObjectValue(key="tz", value=raw.types.JsonNumber(value=3600.0))]
    )
    assert unwrap(query.write()).body == CONFIG.write()


def test_the_depth_of_wrappers_is_limited() -> None:
    wrapper = raw.functions.InvokeWithoutUpdates.ID.to_bytes(4, "little")
    assert unwrap(wrapper * (MAX_DEPTH - 1) + CONFIG.write()).without_updates
    with pytest.raises(tl.TlError):
        unwrap(wrapper * (MAX_DEPTH + 1) + CONFIG.write())


# TL


@pytest.mark.parametrize("cut", [1, 4, 5, 9])
def test_truncated_tl_is_an_error(cut: int) -> None:
    body = raw.types.MsgsAck(msg_ids=[1, 2]).write()
    with pytest.raises(tl.TlError):
        tl.read(body[:-cut])
    with pytest.raises(tl.TlError, match="trailing"):
        tl.read(body + bytes(4))
    assert tl.read(body + bytes(4), trailing=True) == (raw.types.MsgsAck(msg_ids=[1, 2]), len(body))


def test_an_unknown_constructor_is_named() -> None:
    with pytest.raises(tl.TlError) as error:
        tl.read(b"\x01\x02\x03\x04")
    assert error.value.unknown == 0x04030201


@given(st.binary(max_size=60), st.sampled_from(["PQInnerData", "MsgsAck", "BadServerSalt", "Config", "JsonObject"]))
def test_any_bytes_are_read_or_a_tl_error(data: bytes, name: str) -> None:
    body = getattr(raw.types, name).ID.to_bytes(4, "little") + data
    try:
        value, size = tl.read(body, trailing=True)
    except tl.TlError:
        return
    assert size <= len(body)
    assert type(value).__name__ == name


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(bytes(tl.MAX_UNPACKED + 1)), gzip.compress(CONFIG.write())[:-6], b"no gzip at all"],
    ids=["bomb", "cut short", "garbage"],
)
def test_bad_gzip_is_an_error(packed: bytes) -> None:
    with pytest.raises(tl.TlError):
        tl.unpack(tl.GZIP_PACKED.to_bytes(4, "little") + bytes(Bytes(packed)))


def test_gzip_inside_an_object_is_refused() -> None:
    body = raw.functions.InvokeWithoutUpdates(query=GzipPacked(CONFIG)).write()
    with pytest.raises(tl.TlError, match="inside"):
        tl.read(body)


@pytest.mark.parametrize("value", [True, False])
def test_bools_are_serialised(value: bool) -> None:
    assert tl.write(value) == bytes(Bool(value))


def test_large_answers_are_packed_and_files_are_not() -> None:
    config = raw.types.NearestDc(country="Z" * 9000, this_dc=1, nearest_dc=1)
    packed = b"".join(tl.rpc_result(5, config))
    assert len(packed) < 500
    assert TLObject.read(BytesIO(packed)) == raw.types.RpcResult(req_msg_id=5, result=config)
    assert b"".join(tl.rpc_result(5, config.write()))[12:] == config.write()
    noise = raw.types.MsgsAck(msg_ids=[hash((n, "noise")) for n in range(2000)])
    assert b"".join(tl.rpc_result(5, noise))[12:] == noise.write()


def test_names_of_functions() -> None:
    assert tl.method_name(raw.functions.upload.GetFile) == "upload.getFile"
    assert tl.method_name(raw.functions.InvokeWithLayer) == "invokeWithLayer"
    assert tl.function_name(raw.functions.Ping.ID) == "ping"
    assert tl.function_name(raw.types.Pong.ID) == "347773c5"


# Primes and RSA


def test_primes_are_recognised_and_drawn() -> None:
    def oracle(number: int) -> bool:
        return number > 1 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))

    assert [n for n in range(3000) if is_prime(n)] == [n for n in range(3000) if oracle(n)]
    assert not is_prime(3215031751)  # a strong pseudoprime to the bases 2, 3, 5 and 7
    found = random_prime(31, os.urandom)
    assert found.bit_length() == 31
    assert oracle(found)


@pytest.fixture(scope="module")
def key() -> RsaKey:
    return RsaKey.generate()


def test_rsa_schemes(key: RsaKey) -> None:
    data = b"p_q_inner_data" * 8
    padded = unpad(key.decrypt(rsa_encrypt(data, key.public_pem(), scheme="pad")))
    assert padded is not None
    assert padded[: len(data)] == data
    old = key.decrypt(rsa_encrypt(data, key.public_pem(), scheme="sha1"))
    assert unpad(old) is None
    assert (unhash(old) or (b"", b""))[1][: len(data)] == data
    assert unhash(b"\x01" + bytes(255)) is None
    for wrong in (bytes(255), b"\xff" * 256):
        with pytest.raises(ValueError, match="not a block"):
            key.decrypt(wrong)


def test_rsa_keys_are_stored_and_exported(key: RsaKey) -> None:
    again = RsaKey.load(key.private_pem())
    assert again.public_pem() == key.public_pem()
    assert key.public_pem().startswith("-----BEGIN RSA PUBLIC KEY-----")
    telethon_rsa.add_key(key.public_pem(), old=False)
    assert telethon_rsa._server_keys.pop(key.fingerprint) is not None  # its own idea of the fingerprint
    with pytest.raises(ValueError, match="PEM"):
        RsaKey.load(b"nothing")
