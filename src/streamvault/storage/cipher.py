"""Encrypts values that are stored: AES-256-GCM under a key that is derived (HKDF) from SECRET_KEY for one purpose."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12  # bytes; random, as NIST SP 800-38D allows for fewer than 2^32 values under one key


@dataclass(frozen=True, slots=True)
class Decrypted:
    """A value, and whether it was encrypted under the present secret."""

    value: bytes
    present: bool


def derived_key(secret: bytes, purpose: bytes) -> bytes:
    """32 bytes that tell nothing of the secret, and differ by purpose."""
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret)


class Cipher:
    """Encrypts and decrypts values for one purpose. `old`: secrets under which values may still be encrypted; new ones
    never are.
    """

    def __init__(self, secret: bytes, *, purpose: bytes, old: Sequence[bytes] = ()) -> None:
        self._ciphers = [AESGCM(derived_key(one, purpose)) for one in (secret, *old)]

    def encrypt(self, value: bytes, *, context: bytes) -> bytes:
        """The nonce (12 bytes), the ciphertext and the tag (16 bytes), which authenticates `context` too."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, value, context)

    def decrypt(self, encrypted: bytes, *, context: bytes) -> Decrypted | None:
        """What was encrypted in this context under any of the secrets; None for others, or altered bytes."""
        nonce, text = encrypted[:_NONCE], encrypted[_NONCE:]
        for cipher in self._ciphers:
            with contextlib.suppress(InvalidTag, ValueError):
                return Decrypted(cipher.decrypt(nonce, text, context), present=cipher is self._ciphers[0])
        return None
