"""The key exchange step by step, right and wrong, without a socket."""

import os
import time
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyrogram import raw
from pyrogram.crypto import prime
from pyrogram.raw.core import TLObject

from tests.support import rawclient
from tests.support.rawclient import RawClient, request_dh
from tgemulator.errors import TransportError
from tgemulator.wire.crypto import ige_decrypt, sha1
from tgemulator.wire.handshake import DH_PRIME, G, Handshake, Setting, in_range, key_id
from tgemulator.wire.primes import is_prime
from tgemulator.wire.rsa import RsaKey

RSA = RsaKey.generate()
PEM = RSA.public_pem()


class LocalClient(RawClient):
    """A raw client that uses a Handshake instead of a socket."""

    def __init__(self, handshake: Handshake) -> None:
        super().__init__(None)  # type: ignore[arg-type]  # no socket
        self.handshake = handshake

    async def plain(self, query: Any, *, msg_id: int | None = None) -> Any:
        body = query if isinstance(query, bytes) else query.write()
        head = bytes(8) + (msg_id or self.me.msg_id()).to_bytes(8, "little") + len(body).to_bytes(4, "little")
        return TLObject.read(BytesIO(b"".join(self.handshake.receive(head + body))[20:]))


def _client(*, exists: bool = False, dc_id: int = 2) -> LocalClient:
    return LocalClient(Handshake(Setting(RSA, dc_id, time.time, lambda _: exists)))


@pytest.mark.parametrize(("taken", "refused"), [("pad", "sha1"), ("sha1", "pad")])
async def test_a_server_may_accept_one_rsa_scheme_only(taken: str, refused: str) -> None:
    handshake = Handshake(Setting(RSA, 2, time.time, lambda _: False, schemes=frozenset({taken})))
    with pytest.raises(TransportError):
        await LocalClient(handshake).make_key(PEM, scheme=refused)
    assert isinstance(await LocalClient(handshake).make_key(PEM, scheme=taken), raw.types.DhGenOk)


async def _res_pq(client: RawClient, *, legacy: bool = False) -> Any:
    function = raw.functions.ReqPq if legacy else raw.functions.ReqPqMulti
    return await client.plain(function(nonce=int.from_bytes(os.urandom(16), "little", signed=True)))


@pytest.mark.parametrize("scheme", ["pad", "sha1"])
@pytest.mark.parametrize("dc", [None, 2, -2, 10002])
@pytest.mark.parametrize("temp", [None, 3600])
async def test_both_sides_have_the_same_key(scheme: str, dc: int | None, temp: int | None) -> None:
    client = _client()
    answer = await client.make_key(PEM, scheme=scheme, dc=dc, temp=temp)
    assert isinstance(answer, raw.types.DhGenOk)
    made = client.handshake.made
    assert made is not None
    assert (made.key, made.salt, made.expires_in) == (client.me.key, client.me.salt, temp)


async def test_res_pq_has_two_primes_and_the_servers_fingerprint() -> None:
    res_pq = await _res_pq(_client(), legacy=True)
    pq = int.from_bytes(res_pq.pq, "big")
    p = prime.decompose(pq)
    assert is_prime(p)
    assert is_prime(pq // p)
    assert p != pq // p
    assert res_pq.server_public_key_fingerprints == [RSA.fingerprint]


async def test_the_dh_answer_is_what_clients_check() -> None:
    client, new_nonce = _client(), os.urandom(32)
    res_pq = await _res_pq(client)
    ok = await client.plain(request_dh(res_pq, new_nonce, pem=PEM))
    keys = rawclient.temporary(new_nonce, res_pq.server_nonce.to_bytes(16, "little", signed=True))
    plain = ige_decrypt(ok.encrypted_answer, keys[0], iv=keys[1])
    inner = TLObject.read(BytesIO(plain[20:]))
    assert plain[:20] == sha1(inner.write())
    assert inner.g == G
    assert int.from_bytes(inner.dh_prime, "big") == prime.CURRENT_DH_PRIME
    assert DH_PRIME % 3 == 2  # the condition for g = 3
    assert in_range(int.from_bytes(inner.g_a, "big"))


@pytest.mark.parametrize("wrong", ["p", "q", "pq", "nonce", "server_nonce"])
async def test_inner_data_that_does_not_match_fails(wrong: str) -> None:
    client, new_nonce = _client(), os.urandom(32)
    res_pq = await _res_pq(client)
    value: Any = 5 if "nonce" in wrong else b"\x05"
    fail = await client.plain(request_dh(res_pq, new_nonce, pem=PEM, **{wrong: value}))
    assert isinstance(fail, raw.types.ServerDHParamsFail)
    assert fail.new_nonce_hash.to_bytes(16, "little", signed=True) == sha1(new_nonce)[4:20]


@pytest.mark.parametrize("wrong", ["p", "q", "nonce", "server_nonce", "public_key_fingerprint", "encrypted_data"])
async def test_a_wrong_request_gets_a_transport_error(wrong: str) -> None:
    client = _client()
    query = request_dh(await _res_pq(client), os.urandom(32), pem=PEM)
    value: Any = {"p": b"\x03", "q": b"\x03", "encrypted_data": bytes(256)}.get(wrong, 3)
    setattr(query, wrong, value)
    with pytest.raises(TransportError) as error:
        await client.plain(query)
    assert error.value.code == -404


async def test_p_and_q_must_be_in_order() -> None:
    client = _client()
    query = request_dh(await _res_pq(client), os.urandom(32), pem=PEM)
    query.p, query.q = query.q, query.p
    with pytest.raises(TransportError):
        await client.plain(query)


async def test_another_dc_is_444() -> None:
    client = _client(dc_id=2)
    with pytest.raises(TransportError) as error:
        await client.make_key(PEM, dc=4)
    assert error.value.code == -444


async def test_a_known_key_is_refused_with_a_retry() -> None:
    client = _client(exists=True)
    assert isinstance(await client.make_key(PEM), raw.types.DhGenRetry)
    assert client.handshake.made is None


@pytest.mark.parametrize("g_b", [0, 1, DH_PRIME - 1, DH_PRIME, 1 << (2048 - 65)])
async def test_g_b_out_of_range_fails(g_b: int) -> None:
    client, new_nonce = _client(), os.urandom(32)
    res_pq = await _res_pq(client)
    await client.plain(request_dh(res_pq, new_nonce, pem=PEM))
    keys = rawclient.temporary(new_nonce, res_pq.server_nonce.to_bytes(16, "little", signed=True))
    inner = raw.types.ClientDHInnerData(
        nonce=res_pq.nonce, server_nonce=res_pq.server_nonce, retry_id=0, g_b=g_b.to_bytes(256, "big")
    )
    answer = await client.plain(rawclient.client_dh(res_pq, inner.write(), keys=keys))
    assert isinstance(answer, raw.types.DhGenFail)
    assert client.handshake.made is None


async def test_steps_out_of_order_are_refused() -> None:
    client = _client()
    res_pq = await _res_pq(client)
    early = rawclient.client_dh(res_pq, bytes(400), keys=(bytes(32), bytes(32)))
    with pytest.raises(TransportError):
        await client.plain(early)
    fresh = _client()
    with pytest.raises(TransportError):
        await fresh.plain(request_dh(res_pq, os.urandom(32), pem=PEM))


@pytest.mark.parametrize("query", [b"\x01\x02\x03\x04", bytes(8), raw.functions.help.GetConfig().write()])
async def test_anything_else_is_refused(query: bytes) -> None:
    with pytest.raises(TransportError):
        await _client().plain(query)
    with pytest.raises(TransportError):
        await _client().plain(raw.functions.ReqPqMulti(nonce=1), msg_id=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(packet=st.binary(max_size=200))
def test_any_packet_is_answered_or_a_transport_error(packet: bytes) -> None:
    with pytest.raises(TransportError):
        Handshake(Setting(RSA, 2, time.time, lambda _: False)).receive(bytes(8) + packet)


def test_the_key_id_is_the_end_of_its_hash() -> None:
    assert key_id(b"\x07" * 256) == sha1(b"\x07" * 256)[12:]
