"""How the inner data of a key exchange is encrypted for the server's RSA key: in two ways, one of which a server takes.

RSA_PAD is what core.telegram.org/mtproto/auth_key demands today; the scheme before it, with SHA-1, is what Kurigram and
other clients use, so that a server which knows one client may know this alone.
"""

import os
from hashlib import sha1, sha256
from typing import Any

from pyrogram.crypto import aes

BLOCK = 256
_DATA, _PADDED = 144, 192


def sha1_encrypt(data: bytes, key: Any) -> bytes:
    """`data` (at most 235 bytes) with its SHA-1 and random bytes; `key` is a public key of Kurigram's, `m` and `e`."""
    sealed = sha1(data).digest() + data
    return _encrypted(int.from_bytes(sealed + os.urandom(BLOCK - 1 - len(sealed)), "big"), key)


def rsa_pad(data: bytes, key: Any) -> bytes:
    """RSA_PAD (core.telegram.org/mtproto/auth_key, step 4.1) of at most 144 bytes."""
    if len(data) > _DATA:
        raise ValueError(f"{len(data)} bytes are more than RSA_PAD takes")
    padded = data + os.urandom(_PADDED - len(data))
    while True:
        secret = os.urandom(32)
        covered = aes.ige256_encrypt(padded[::-1] + sha256(secret + padded).digest(), secret, bytes(32))
        mask = bytes(a ^ b for a, b in zip(secret, sha256(covered).digest(), strict=True))
        number = int.from_bytes(mask + covered, "big")
        if number < int(key.m):
            return _encrypted(number, key)


def _encrypted(number: int, key: Any) -> bytes:
    return pow(number, int(key.e), int(key.m)).to_bytes(BLOCK, "big")
