"""Creates one auth key (core.telegram.org/mtproto/auth_key), so that a crash at any moment loses none.

The key is computed before the server is asked to keep it, and `commit` is awaited in between: a caller that stores it
there finds after a crash either no key, or one that the server may or may not know. Kurigram's own exchange returns
the key only when it is complete.
"""

import logging
import os
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha1
from io import BytesIO
from typing import Any

from pyrogram import raw
from pyrogram.crypto import aes, prime, rsa
from pyrogram.raw.core import TLObject

from streamvault.errors import ConfigError
from streamvault.telegram.mtproto import rsa_padding
from streamvault.telegram.mtproto.clock import ServerClock

log = logging.getLogger(__name__)

_MARGIN = 1 << (
    2048 - 64
)  # core.telegram.org/mtproto/security_guidelines: distance of g_a and g_b from 0 and from the prime
_HEADER = struct.Struct("<qqi")
_SMALLEST_PACKET = 24
EXPONENT_BYTES = 256
"""Random bytes of the client's secret exponent, as core.telegram.org/mtproto/auth_key asks for."""


class HandshakeFailed(ConnectionError):
    """The server refused the key exchange, or its answer failed a check."""


class PaddingRefused(HandshakeFailed):
    """The server refused the data encrypted for its RSA key, or closed the connection instead of answering."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new auth key (256 bytes) and its first server salt."""

    key: bytes
    salt: int


@dataclass(frozen=True, slots=True)
class _Nonces:
    client: int
    server: int
    new: int

    def cipher(self) -> tuple[bytes, bytes]:
        """The temporary AES key and IV of steps 5 and 6."""
        new, server = _to_bytes(self.new, 32), _to_bytes(self.server, 16)
        mixed = sha1(server + new).digest()
        return sha1(new + server).digest() + mixed[:12], mixed[12:] + sha1(new + new).digest() + new[:4]


class Handshake:
    """One key exchange over one of Kurigram's connections. Every answer corrects `clock`, except those of a CDN DC."""

    def __init__(
        self,
        connection: Any,
        clock: ServerClock,
        *,
        where: str,
        cdn_keys: Mapping[int, Any] | None = None,
        rsa_pad_dc: int | None = None,
    ) -> None:
        """`where` names the server in error texts. `cdn_keys`: the server is a CDN DC with these RSA keys.

        `rsa_pad_dc`: encrypt with RSA_PAD for the data centre with this id; None: with the older scheme (rsa_padding).
        """
        self._connection = connection
        self._clock = clock
        self._where = where
        self._cdn_keys = cdn_keys
        self._rsa_pad_dc = rsa_pad_dc

    async def request_pq(self) -> Any:
        """The server's resPQ: shows that a data centre answers and corrects the clock, but creates no key."""
        nonce = _random_int(16)
        answer = await self._request(raw.functions.ReqPqMulti(nonce=nonce), raw.types.ResPQ)
        _require(answer.nonce == nonce, "the nonces differ")
        return answer

    async def run(self, commit: Callable[[NewKey], Awaitable[None]]) -> NewKey:
        """A new key that the server has accepted.

        Raises HandshakeFailed; PaddingRefused, after which another `rsa_pad_dc` may work; OSError; ConfigError if the
        server has another RSA key than the configured one.
        """
        res_pq = await self.request_pq()
        trusted = rsa.server_public_keys if self._cdn_keys is None else self._cdn_keys
        fingerprint = next((f for f in res_pq.server_public_key_fingerprints if f in trusted), None)
        _require(fingerprint is not None or self._cdn_keys is None, "the CDN has none of the keys that Telegram lists")
        if fingerprint is None:
            raise ConfigError(
                f"the Telegram server at {self._where} has another RSA key than TELEGRAM_SERVER_KEY says: "
                "give the PEM file that belongs to it"
            )
        nonces = _Nonces(res_pq.nonce, res_pq.server_nonce, _random_int(32))
        inner = await self._exchange_parameters(res_pq, nonces, fingerprint=fingerprint, key=trusted[fingerprint])
        return await self._agree_on_key(inner, nonces, commit=commit)

    async def _exchange_parameters(self, res_pq: Any, nonces: _Nonces, *, fingerprint: int, key: Any) -> Any:
        number = int.from_bytes(res_pq.pq, "big")
        factor = prime.decompose(number)
        p, q = (f.to_bytes(4, "big") for f in sorted((factor, number // factor)))
        numbers: dict[str, Any] = {"pq": res_pq.pq, "p": p, "q": q}
        numbers |= {"nonce": nonces.client, "server_nonce": nonces.server, "new_nonce": nonces.new}
        if self._rsa_pad_dc is None:
            encrypted = rsa_padding.sha1_encrypt(raw.types.PQInnerData(**numbers).write(), key)
        else:
            encrypted = rsa_padding.rsa_pad(raw.types.PQInnerDataDc(**numbers, dc=self._rsa_pad_dc).write(), key)
        query = raw.functions.ReqDHParams(
            nonce=nonces.client,
            server_nonce=nonces.server,
            p=p,
            q=q,
            public_key_fingerprint=fingerprint,
            encrypted_data=encrypted,
        )
        try:
            answer = await self._request(query, raw.types.ServerDHParamsOk)
        except ConnectionError as error:
            raise PaddingRefused(str(error)) from error
        _check_nonces(answer, nonces)
        return _decrypted_parameters(answer.encrypted_answer, nonces)

    async def _agree_on_key(
        self, inner: Any, nonces: _Nonces, *, commit: Callable[[NewKey], Awaitable[None]]
    ) -> NewKey:
        modulus, g_a = int.from_bytes(inner.dh_prime, "big"), int.from_bytes(inner.g_a, "big")
        _require(modulus == prime.CURRENT_DH_PRIME and 2 <= inner.g <= 7, "unknown Diffie-Hellman parameters")
        _require(_MARGIN < g_a < modulus - _MARGIN, "g_a is out of range")
        retry_id = 0
        while True:
            exponent = int.from_bytes(os.urandom(EXPONENT_BYTES), "big")
            g_b = pow(inner.g, exponent, modulus)
            if not _MARGIN < g_b < modulus - _MARGIN:
                continue
            key = pow(g_a, exponent, modulus).to_bytes(256, "big")
            new, server = _to_bytes(nonces.new, 32), _to_bytes(nonces.server, 16)
            salt = bytes(a ^ b for a, b in zip(new[:8], server[:8], strict=True))
            new_key = NewKey(key, int.from_bytes(salt, "little", signed=True))
            await commit(new_key)
            answer = await self._request(_client_parameters(g_b, nonces, retry_id=retry_id), _DH_GEN_ANSWERS)
            _check_nonces(answer, nonces)
            if _is_accepted(answer, new_key, nonces):
                return new_key
            retry_id = int.from_bytes(sha1(key).digest()[:8], "little", signed=True)

    async def _request(self, query: Any, expected: Any) -> Any:
        data = query.write()
        msg_id = int(self._clock.now() * (1 << 32)) & ~0b11
        await self._connection.send(_HEADER.pack(0, msg_id, len(data)) + data)
        packet = await self._connection.recv()
        if packet is None:
            raise ConnectionError(f"{self._where} closed the connection during the key exchange")
        if len(packet) < _SMALLEST_PACKET:
            code = int.from_bytes(packet[:4], "little", signed=True)
            raise HandshakeFailed(f"{self._where} refused the key exchange (transport error {code})")
        if self._cdn_keys is None:
            self._clock.learn(_HEADER.unpack_from(packet)[1])
        try:
            answer = TLObject.read(BytesIO(packet[_HEADER.size :]))
        except (KeyError, ValueError, struct.error) as error:
            raise HandshakeFailed(f"{self._where} answered the key exchange with something unknown") from error
        _require(isinstance(answer, expected), f"the key exchange failed with {type(answer).__name__}")
        return answer


_DH_GEN_ANSWERS = (raw.types.DhGenOk, raw.types.DhGenRetry, raw.types.DhGenFail)


def _client_parameters(g_b: int, nonces: _Nonces, *, retry_id: int) -> Any:
    data = raw.types.ClientDHInnerData(
        nonce=nonces.client, server_nonce=nonces.server, retry_id=retry_id, g_b=g_b.to_bytes(256, "big")
    ).write()
    encrypted = sha1(data).digest() + data
    return raw.functions.SetClientDHParams(
        nonce=nonces.client,
        server_nonce=nonces.server,
        encrypted_data=aes.ige256_encrypt(encrypted + os.urandom(-len(encrypted) % 16), *nonces.cipher()),
    )


def _is_accepted(answer: Any, new_key: NewKey, nonces: _Nonces) -> bool:
    """True for dh_gen_ok, False for dh_gen_retry; HandshakeFailed otherwise."""
    auxiliary = sha1(new_key.key).digest()[:8]
    for number, (kind, field) in enumerate(
        ((raw.types.DhGenOk, "new_nonce_hash1"), (raw.types.DhGenRetry, "new_nonce_hash2")), start=1
    ):
        if isinstance(answer, kind):
            expected = sha1(_to_bytes(nonces.new, 32) + bytes([number]) + auxiliary).digest()[-16:]
            _require(_to_bytes(getattr(answer, field), 16) == expected, "the server's proof of the key is wrong")
            return number == 1
    raise HandshakeFailed("the server could not agree on a key")


def _decrypted_parameters(encrypted: bytes, nonces: _Nonces) -> Any:
    _require(len(encrypted) % 16 == 0 and len(encrypted) > 20, "the server's parameters have a wrong length")
    plain = aes.ige256_decrypt(encrypted, *nonces.cipher())
    try:
        inner = TLObject.read(BytesIO(plain[20:]))
    except (KeyError, ValueError, struct.error) as error:
        raise HandshakeFailed("the server's parameters cannot be read") from error
    _require(isinstance(inner, raw.types.ServerDHInnerData), "the server's parameters are of another kind")
    _require(sha1(inner.write()).digest() == plain[:20], "the server's parameters were altered")
    _check_nonces(inner, nonces)
    return inner


def _check_nonces(answer: Any, nonces: _Nonces) -> None:
    _require(answer.nonce == nonces.client and answer.server_nonce == nonces.server, "the nonces differ")


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise HandshakeFailed(otherwise)


def _random_int(size: int) -> int:
    return int.from_bytes(os.urandom(size), "little", signed=True)


def _to_bytes(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=True)
