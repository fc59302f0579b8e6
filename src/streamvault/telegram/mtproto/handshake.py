"""Makes one auth key (core.telegram.org/mtproto/auth_key), so that a crash at any moment loses none.

The key is known before the server is asked to keep it, and `commit` is awaited in between: whoever stores it there
finds after a crash either no key, or one that the server may or may not know. Kurigram's own exchange hands the key
out at its end only.
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

_MARGIN = 1 << (2048 - 64)  # security_guidelines: g_a and g_b keep this distance from 0 and from the prime
_HEADER = struct.Struct("<qqi")
_SMALLEST_PACKET = 24


class HandshakeFailed(ConnectionError):
    """The server refused, or answered what it must not."""


class PaddingRefused(HandshakeFailed):
    """The server did not take what was encrypted for its RSA key, or the connection ended just then."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """An auth key (256 bytes) and its first server salt."""

    key: bytes
    salt: int


@dataclass(frozen=True, slots=True)
class _Nonces:
    client: int
    server: int
    new: int

    def cipher(self) -> tuple[bytes, bytes]:
        """The temporary AES key and IV of steps 5 and 6."""
        new, server = _wide(self.new, 32), _wide(self.server, 16)
        mixed = sha1(server + new).digest()
        return sha1(new + server).digest() + mixed[:12], mixed[12:] + sha1(new + new).digest() + new[:4]


class Handshake:
    """One exchange over one connection (`send`, `recv`). Every answer corrects `clock`, but those of a CDN."""

    def __init__(
        self,
        connection: Any,
        clock: ServerClock,
        *,
        where: str,
        cdn_keys: Mapping[int, Any] | None = None,
        rsa_pad_dc: int | None = None,
    ) -> None:
        """`where` names the server in sentences for people. `cdn_keys`: it is a CDN DC, and these are its RSA keys.

        `rsa_pad_dc`: encrypt by RSA_PAD, for the data centre of this number, rather than as it was done before.
        """
        self._connection = connection
        self._clock = clock
        self._where = where
        self._cdn_keys = cdn_keys
        self._rsa_pad_dc = rsa_pad_dc

    async def request_pq(self) -> Any:
        """The server's resPQ. It proves that a data centre answers, makes no key, and corrects the clock."""
        nonce = _random(16)
        answer = await self._ask(raw.functions.ReqPqMulti(nonce=nonce), raw.types.ResPQ)
        _require(answer.nonce == nonce, "the nonces differ")
        return answer

    async def run(self, commit: Callable[[NewKey], Awaitable[None]]) -> NewKey:
        """A new key, which the server knows.

        HandshakeFailed, or PaddingRefused, for which another `rsa_pad_dc` may help; OSError; ConfigError for another
        server's RSA key.
        """
        hello = await self.request_pq()
        trusted = rsa.server_public_keys if self._cdn_keys is None else self._cdn_keys
        fingerprint = next((f for f in hello.server_public_key_fingerprints if f in trusted), None)
        _require(fingerprint is not None or self._cdn_keys is None, "the CDN has none of the keys that Telegram tells")
        if fingerprint is None:
            raise ConfigError(
                f"the Telegram server at {self._where} has another RSA key than TELEGRAM_SERVER_KEY says: "
                "give the PEM file that belongs to it"
            )
        nonces = _Nonces(hello.nonce, hello.server_nonce, _random(32))
        inner = await self._exchange_parameters(hello, nonces, fingerprint=fingerprint, key=trusted[fingerprint])
        return await self._agree(inner, nonces, commit=commit)

    async def _exchange_parameters(self, hello: Any, nonces: _Nonces, *, fingerprint: int, key: Any) -> Any:
        number = int.from_bytes(hello.pq, "big")
        factor = prime.decompose(number)
        p, q = (f.to_bytes(4, "big") for f in sorted((factor, number // factor)))
        numbers: dict[str, Any] = {"pq": hello.pq, "p": p, "q": q}
        numbers |= {"nonce": nonces.client, "server_nonce": nonces.server, "new_nonce": nonces.new}
        if self._rsa_pad_dc is None:
            sealed = rsa_padding.sha1_encrypt(raw.types.PQInnerData(**numbers).write(), key)
        else:
            sealed = rsa_padding.rsa_pad(raw.types.PQInnerDataDc(**numbers, dc=self._rsa_pad_dc).write(), key)
        query = raw.functions.ReqDHParams(
            nonce=nonces.client,
            server_nonce=nonces.server,
            p=p,
            q=q,
            public_key_fingerprint=fingerprint,
            encrypted_data=sealed,
        )
        try:
            answer = await self._ask(query, raw.types.ServerDHParamsOk)
        except ConnectionError as error:
            raise PaddingRefused(str(error)) from error
        _same(answer, nonces)
        return _opened(answer.encrypted_answer, nonces)

    async def _agree(self, inner: Any, nonces: _Nonces, *, commit: Callable[[NewKey], Awaitable[None]]) -> NewKey:
        modulus, base = int.from_bytes(inner.dh_prime, "big"), int.from_bytes(inner.g_a, "big")
        _require(modulus == prime.CURRENT_DH_PRIME and 2 <= inner.g <= 7, "unknown Diffie-Hellman parameters")
        _require(_MARGIN < base < modulus - _MARGIN, "g_a is out of range")
        retry_id = 0
        while True:
            exponent = int.from_bytes(os.urandom(256), "big")
            own = pow(inner.g, exponent, modulus)
            if not _MARGIN < own < modulus - _MARGIN:
                continue
            key = pow(base, exponent, modulus).to_bytes(256, "big")
            salt = bytes(a ^ b for a, b in zip(_wide(nonces.new, 32)[:8], _wide(nonces.server, 16)[:8], strict=True))
            made = NewKey(key, int.from_bytes(salt, "little", signed=True))
            await commit(made)
            answer = await self._ask(_client_parameters(own, nonces, retry_id=retry_id), _Agreement)
            _same(answer, nonces)
            if _checked(answer, made, nonces):
                return made
            retry_id = int.from_bytes(sha1(key).digest()[:8], "little", signed=True)

    async def _ask(self, query: Any, expected: Any) -> Any:
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


_Agreement = (raw.types.DhGenOk, raw.types.DhGenRetry, raw.types.DhGenFail)


def _client_parameters(own: int, nonces: _Nonces, *, retry_id: int) -> Any:
    data = raw.types.ClientDHInnerData(
        nonce=nonces.client, server_nonce=nonces.server, retry_id=retry_id, g_b=own.to_bytes(256, "big")
    ).write()
    sealed = sha1(data).digest() + data
    return raw.functions.SetClientDHParams(
        nonce=nonces.client,
        server_nonce=nonces.server,
        encrypted_data=aes.ige256_encrypt(sealed + os.urandom(-len(sealed) % 16), *nonces.cipher()),
    )


def _checked(answer: Any, made: NewKey, nonces: _Nonces) -> bool:
    """True for dh_gen_ok, False for dh_gen_retry; HandshakeFailed otherwise."""
    auxiliary = sha1(made.key).digest()[:8]
    for number, (kind, field) in enumerate(
        ((raw.types.DhGenOk, "new_nonce_hash1"), (raw.types.DhGenRetry, "new_nonce_hash2")), start=1
    ):
        if isinstance(answer, kind):
            wanted = sha1(_wide(nonces.new, 32) + bytes([number]) + auxiliary).digest()[-16:]
            _require(_wide(getattr(answer, field), 16) == wanted, "the server's proof of the key is wrong")
            return number == 1
    raise HandshakeFailed("the server could not agree on a key")


def _opened(sealed: bytes, nonces: _Nonces) -> Any:
    _require(len(sealed) % 16 == 0 and len(sealed) > 20, "the server's parameters have a wrong length")
    plain = aes.ige256_decrypt(sealed, *nonces.cipher())
    try:
        inner = TLObject.read(BytesIO(plain[20:]))
    except (KeyError, ValueError, struct.error) as error:
        raise HandshakeFailed("the server's parameters cannot be read") from error
    _require(isinstance(inner, raw.types.ServerDHInnerData), "the server's parameters are of another kind")
    _require(sha1(inner.write()).digest() == plain[:20], "the server's parameters were altered")
    _same(inner, nonces)
    return inner


def _same(answer: Any, nonces: _Nonces) -> None:
    _require(answer.nonce == nonces.client and answer.server_nonce == nonces.server, "the nonces differ")


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise HandshakeFailed(otherwise)


def _random(size: int) -> int:
    return int.from_bytes(os.urandom(size), "little", signed=True)


def _wide(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little", signed=True)
