"""Encrypts records for stores that others can read: AES-256-GCM under a key derived from SECRET_KEY."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streamvault.errors import ConfigError

_INFO = b"streamvault stored session v1"
_NONCE = 12  # bytes; random, as NIST SP 800-38D allows for fewer than 2^32 records under one key


class Seal:
    """Seals records. What a record is called, and whose it is, is authenticated with it."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=_INFO).derive(secret))

    def close(self, session: str, record: str, *, value: bytes) -> bytes:
        """nonce (12 bytes), ciphertext, tag (16 bytes)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value, _name(session, record))

    def open(self, session: str, record: str, *, sealed: bytes) -> bytes:
        """What `close` was given. ConfigError for another SECRET_KEY or altered bytes."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _name(session, record))
        except (InvalidTag, ValueError) as error:
            raise ConfigError(
                f"the session {session} in the database was encrypted with another SECRET_KEY, or is damaged: set the "
                f"SECRET_KEY that it was made with, or begin anew with `streamvault session set-aside {session}`"
            ) from error


def _name(session: str, record: str) -> bytes:
    return f"{session}\0{record}".encode()
