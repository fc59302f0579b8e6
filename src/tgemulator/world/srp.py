"""The server's side of two-step verification (core.telegram.org/api/srp): checks a password without receiving it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from pyrogram import raw
from pyrogram.crypto.prime import CURRENT_DH_PRIME

DH_PRIME: int = CURRENT_DH_PRIME
DH_G = 3
_SIZE = 256


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a server keeps instead of a password: two salts and g^x."""

    salt1: bytes
    salt2: bytes
    value: int

    def algorithm(self) -> Any:
        """The raw.types.PasswordKdfAlgo* that clients need to compute the same x."""
        return raw.types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
            salt1=self.salt1, salt2=self.salt2, g=DH_G, p=_bytes(DH_PRIME)
        )


@dataclass(frozen=True, slots=True)
class Challenge:
    """One proof in progress: the server's secret exponent and its public value `srp_b`."""

    id: int
    verifier: Verifier
    secret: int
    srp_b: bytes


def make_verifier(password: str) -> Verifier:
    """The verifier of a password; takes 100,000 rounds of PBKDF2, so call it in a thread."""
    salt1, salt2 = secrets.token_bytes(40), secrets.token_bytes(16)
    first = _salted(_salted(password.encode(), salt1), salt2)
    x = _salted(hashlib.pbkdf2_hmac("sha512", first, salt1, 100_000), salt2)
    return Verifier(salt1, salt2, pow(DH_G, int.from_bytes(x, "big"), DH_PRIME))


def make_challenge(verifier: Verifier) -> Challenge:
    """A fresh challenge: B = k * v + g^b."""
    secret = int.from_bytes(secrets.token_bytes(_SIZE), "big")
    public = (_multiplier() * verifier.value + pow(DH_G, secret, DH_PRIME)) % DH_PRIME
    return Challenge(secrets.randbits(62) + 1, verifier, secret, _bytes(public))


def proves(challenge: Challenge, client_a: bytes, *, m1: bytes) -> bool:
    """Whether the client's A and M1 prove that it has the password."""
    a = int.from_bytes(client_a, "big")
    if not 1 < a < DH_PRIME - 1:
        return False
    u = int.from_bytes(_hash(_bytes(a), challenge.srp_b), "big")
    shared = pow(a * pow(challenge.verifier.value, u, DH_PRIME), challenge.secret, DH_PRIME)
    p_and_g = bytes(x ^ y for x, y in zip(_hash(_bytes(DH_PRIME)), _hash(_bytes(DH_G)), strict=True))
    expected = _hash(
        p_and_g,
        _hash(challenge.verifier.salt1),
        _hash(challenge.verifier.salt2),
        _bytes(a),
        challenge.srp_b,
        _hash(_bytes(shared)),
    )
    return hmac.compare_digest(expected, m1)


def _multiplier() -> int:
    """k of SRP-6a."""
    return int.from_bytes(_hash(_bytes(DH_PRIME), _bytes(DH_G)), "big")


def _salted(data: bytes, salt: bytes) -> bytes:
    return _hash(salt, data, salt)


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _bytes(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")
