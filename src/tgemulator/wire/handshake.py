"""The server's side of the key exchange as a state machine (core.telegram.org/mtproto/auth_key).

Both schemes of encrypting p_q_inner_data are accepted, RSA_PAD and the older one with SHA-1, since clients
differ. Where Telegram sends a transport error, TransportError is raised.
"""

import hmac
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrogram import raw
from pyrogram.crypto.prime import CURRENT_DH_PRIME

from tgemulator.errors import TransportError
from tgemulator.wire import tl
from tgemulator.wire.crypto import ige_decrypt, ige_encrypt, sha1
from tgemulator.wire.primes import random_prime
from tgemulator.wire.rsa import RsaKey, unhash, unpad

G = 3  # generates the right subgroup, since the prime is 2 modulo 3
PRIME_BITS = 31
DH_PRIME: int = CURRENT_DH_PRIME
_SAFE = 1 << (2048 - 64)
_PLAIN_HEAD = struct.Struct("<qqi")  # auth_key_id 0, msg_id, length
_BAD = -404
_WRONG_DC = -444
_TEST_DC_SHIFT = 10000
_EXPONENT_BYTES = 32
"""Length of the server's secret Diffie-Hellman exponent: 256 bits protect as much as the prime does, and save time."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """The result of an exchange: the 256-byte key, its first salt, and its lifetime in seconds (None: unlimited)."""

    key: bytes
    salt: int
    expires_in: int | None


@dataclass(frozen=True, slots=True)
class Setting:
    """The inputs of an exchange: `clock` in Unix seconds, `random(n)` n bytes, `exists(key id)` if it is taken.

    `schemes` as EmulatorConfig.rsa_schemes.
    """

    rsa: RsaKey
    dc_id: int
    clock: Callable[[], float]
    exists: Callable[[bytes], bool]
    random: Callable[[int], bytes] = os.urandom
    schemes: frozenset[str] = frozenset({"pad", "sha1"})


def key_id(key: bytes) -> bytes:
    """The auth_key_id of a key, 8 bytes."""
    return sha1(key)[-8:]


def _int128(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _refuse_unless(condition: bool) -> None:
    if not condition:
        raise TransportError(_BAD)


def in_range(public: int) -> bool:
    """Whether g_a or g_b lies in the range that both sides have to check."""
    return _SAFE <= public <= DH_PRIME - _SAFE


class Handshake:
    """One connection's exchange. `made` is the new key, once there is one."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._nonce = 0
        self._server_nonce = b""
        self._primes = (0, 0)
        self._new_nonce = b""
        self._expires_in: int | None = None
        self._a = 0
        self._last_msg_id = 0
        self.made: NewKey | None = None

    def receive(self, packet: bytes) -> list[bytes]:
        """The answer to one unencrypted packet, in pieces; TransportError where Telegram sends one."""
        _refuse_unless(len(packet) >= _PLAIN_HEAD.size + 4)
        _, msg_id, length = _PLAIN_HEAD.unpack_from(packet)
        body = packet[_PLAIN_HEAD.size : _PLAIN_HEAD.size + length]
        _refuse_unless(msg_id % 4 == 0 and 4 <= length == len(body))
        try:
            query, _ = tl.read(body)
        except tl.TlError as error:
            raise TransportError(_BAD) from error
        answer = self._answer(query).write()
        return [_PLAIN_HEAD.pack(0, self._next_msg_id(), len(answer)), answer]

    def _next_msg_id(self) -> int:
        now = int(self._setting.clock() * (1 << 32)) & ~3 | 1
        self._last_msg_id = max(now, self._last_msg_id + 4)
        return self._last_msg_id

    def _answer(self, query: Any) -> Any:
        if isinstance(query, raw.functions.ReqPq | raw.functions.ReqPqMulti):
            return self._res_pq(query.nonce)
        if isinstance(query, raw.functions.ReqDHParams):
            return self._dh_params(query)
        if isinstance(query, raw.functions.SetClientDHParams):
            return self._dh_gen(query)
        raise TransportError(_BAD)

    def _res_pq(self, nonce: int) -> Any:
        setting = self._setting
        p = random_prime(PRIME_BITS, setting.random)
        q = p
        while q == p:
            q = random_prime(PRIME_BITS, setting.random)
        self._primes = (min(p, q), max(p, q))
        self._nonce, self._server_nonce = nonce, setting.random(16)
        self._new_nonce, self._a = b"", 0
        return raw.types.ResPQ(
            nonce=nonce,
            server_nonce=_int128(self._server_nonce),
            pq=(p * q).to_bytes(8, "big"),
            server_public_key_fingerprints=[setting.rsa.fingerprint],
        )

    def _expect(self, query: Any) -> None:
        """TransportError unless both nonces are those of this exchange, which must have begun."""
        _refuse_unless(bool(self._server_nonce) and query.nonce == self._nonce)
        _refuse_unless(query.server_nonce == _int128(self._server_nonce))

    def _dh_params(self, query: Any) -> Any:
        self._expect(query)
        numbers = int.from_bytes(query.p, "big"), int.from_bytes(query.q, "big")
        _refuse_unless(not self._new_nonce and numbers == self._primes)
        _refuse_unless(query.public_key_fingerprint == self._setting.rsa.fingerprint)
        inner = self._inner(query.encrypted_data)
        self._check_dc(inner)
        self._new_nonce = inner.new_nonce.to_bytes(32, "little", signed=True)
        self._expires_in = getattr(inner, "expires_in", None)
        if not self._inner_matches(inner):
            failed = _int128(sha1(self._new_nonce)[4:20])
            return raw.types.ServerDHParamsFail(
                nonce=self._nonce, server_nonce=query.server_nonce, new_nonce_hash=failed
            )
        return raw.types.ServerDHParamsOk(
            nonce=self._nonce, server_nonce=query.server_nonce, encrypted_answer=self._dh_answer()
        )

    def _inner(self, encrypted: bytes) -> Any:
        """p_q_inner_data in one of its four forms, decrypted with either RSA scheme."""
        try:
            block = self._setting.rsa.decrypt(encrypted)
            data = unpad(block)
            digest = None
            if data is None:
                digest, data = unhash(block) or (b"", b"")
            inner, size = tl.read(data, trailing=True)
        except (ValueError, tl.TlError) as error:
            raise TransportError(_BAD) from error
        _refuse_unless(("pad" if digest is None else "sha1") in self._setting.schemes)
        _refuse_unless(digest is None or hmac.compare_digest(digest, sha1(data[:size])))
        types = raw.types
        _refuse_unless(
            isinstance(inner, types.PQInnerData | types.PQInnerDataDc | types.PQInnerDataTemp | types.PQInnerDataTempDc)
        )
        return inner

    def _check_dc(self, inner: Any) -> None:
        """TransportError -444 for another DC. Test servers add 10000 to `dc`, media connections negate it."""
        dc = getattr(inner, "dc", None)
        if dc is not None and abs(dc) % _TEST_DC_SHIFT != self._setting.dc_id:
            raise TransportError(_WRONG_DC)

    def _inner_matches(self, inner: Any) -> bool:
        p, q = self._primes
        numbers = tuple(int.from_bytes(part, "big") for part in (inner.p, inner.q, inner.pq))
        nonces = (inner.nonce, inner.server_nonce)
        return numbers == (p, q, p * q) and nonces == (self._nonce, _int128(self._server_nonce))

    def _temporary(self) -> tuple[bytes, bytes]:
        new, server = self._new_nonce, self._server_nonce
        middle = sha1(server, new)
        return sha1(new, server) + middle[:12], middle[12:] + sha1(new, new) + new[:4]

    def _dh_answer(self) -> bytes:
        random = self._setting.random
        g_a = 0
        while not in_range(g_a):
            self._a = int.from_bytes(random(_EXPONENT_BYTES), "big")
            g_a = pow(G, self._a, DH_PRIME)
        answer = raw.types.ServerDHInnerData(
            nonce=self._nonce,
            server_nonce=_int128(self._server_nonce),
            g=G,
            dh_prime=DH_PRIME.to_bytes(256, "big"),
            g_a=g_a.to_bytes(256, "big"),
            server_time=int(self._setting.clock()),
        ).write()
        hashed = sha1(answer) + answer
        aes_key, aes_iv = self._temporary()
        return ige_encrypt(hashed + random(-len(hashed) % 16), aes_key, iv=aes_iv)

    def _dh_gen(self, query: Any) -> Any:
        self._expect(query)
        _refuse_unless(self._a != 0)
        inner = self._client_inner(query.encrypted_data)
        g_b = int.from_bytes(inner.g_b, "big")
        key = pow(g_b, self._a, DH_PRIME).to_bytes(256, "big")
        nonces = (inner.nonce, inner.server_nonce) == (self._nonce, query.server_nonce)
        if not nonces or not in_range(g_b):
            return self._verdict(3, key)
        if self._setting.exists(key_id(key)):
            return self._verdict(2, key)
        salt = bytes(a ^ b for a, b in zip(self._new_nonce[:8], self._server_nonce[:8], strict=True))
        self.made = NewKey(key, int.from_bytes(salt, "little", signed=True), self._expires_in)
        return self._verdict(1, key)

    def _client_inner(self, encrypted: bytes) -> Any:
        _refuse_unless(len(encrypted) >= 32 and len(encrypted) % 16 == 0)
        aes_key, aes_iv = self._temporary()
        hashed = ige_decrypt(encrypted, aes_key, iv=aes_iv)
        try:
            inner, size = tl.read(hashed[20:], trailing=True)
        except tl.TlError as error:
            raise TransportError(_BAD) from error
        _refuse_unless(hmac.compare_digest(hashed[:20], sha1(hashed[20 : 20 + size])))
        _refuse_unless(isinstance(inner, raw.types.ClientDHInnerData))
        return inner

    def _verdict(self, number: int, key: bytes) -> Any:
        """dh_gen_ok, dh_gen_retry or dh_gen_fail (1, 2, 3); only a retry leaves the exchange open."""
        digest = _int128(sha1(self._new_nonce, bytes([number]), sha1(key)[:8])[4:20])
        nonces = {"nonce": self._nonce, "server_nonce": _int128(self._server_nonce)}
        if number == 2:
            return raw.types.DhGenRetry(**nonces, new_nonce_hash2=digest)
        self._server_nonce, self._a = b"", 0
        if number == 1:
            return raw.types.DhGenOk(**nonces, new_nonce_hash1=digest)
        return raw.types.DhGenFail(**nonces, new_nonce_hash3=digest)
