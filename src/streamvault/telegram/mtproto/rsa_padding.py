"""Encrypts the inner data of a key exchange for the server's RSA key, by either of two schemes.

RSA_PAD is what core.telegram.org/mtproto/auth_key specifies today. Kurigram and other clients still use the scheme
before it, with SHA-1, which may be the only one that another server than Telegram's supports.
"""

import os
from hashlib import sha1, sha256
from typing import Any

from pyrogram.crypto import aes

BLOCK = 256
_DATA, _PADDED = 144, 192


def sha1_encrypt(data: bytes, key: Any) -> bytes:
    """SHA-1, `data` (at most 235 bytes) and random bytes, encrypted for Kurigram's public `key` (m, e)."""
    hashed = sha1(data).digest() + data
    return _encrypted(int.from_bytes(hashed + os.urandom(BLOCK - 1 - len(hashed)), "big"), key)


def rsa_pad(data: bytes, key: Any) -> bytes:
    """RSA_PAD (core.telegram.org/mtproto/auth_key, step 4.1) of at most 144 bytes."""
    if len(data) > _DATA:
        raise ValueError(f"{len(data)} bytes are more than RSA_PAD takes")
    padded = data + os.urandom(_PADDED - len(data))
    while True:
        secret = os.urandom(32)
        encrypted = aes.ige256_encrypt(padded[::-1] + sha256(secret + padded).digest(), secret, bytes(32))
        mask = bytes(a ^ b for a, b in zip(secret, sha256(encrypted).digest(), strict=True))
        number = int.from_bytes(mask + encrypted, "big")
        if number < int(key.m):
            return _encrypted(number, key)


def _encrypted(number: int, key: Any) -> bytes:
    return pow(number, int(key.e), int(key.m)).to_bytes(BLOCK, "big")
