"""Encrypts the records of stored sessions in a database: AES-256-GCM under a key derived from SECRET_KEY (HKDF)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streamvault.errors import ConfigError

_INFO = b"streamvault stored session v1"
_NONCE = 12  # bytes; random, as NIST SP 800-38D allows for fewer than 2^32 records under one key


class RecordCipher:
    """Encrypts and decrypts records. The names of the session and of the record are authenticated with the value."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=_INFO).derive(secret))

    def encrypt(self, session: str, record: str, *, value: bytes) -> bytes:
        """The nonce (12 bytes), the ciphertext and the tag (16 bytes)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value, _associated_data(session, record))

    def decrypt(self, session: str, record: str, *, encrypted: bytes) -> bytes:
        """The value that `encrypt` was given. ConfigError for another SECRET_KEY or altered bytes."""
        try:
            return self._cipher.decrypt(encrypted[:_NONCE], encrypted[_NONCE:], _associated_data(session, record))
        except (InvalidTag, ValueError) as error:
            raise ConfigError(
                f"the session {session} in the database was encrypted with another SECRET_KEY, or is damaged: set the "
                f"SECRET_KEY that it was made with, or begin anew with `streamvault session set-aside {session}`"
            ) from error


def _associated_data(session: str, record: str) -> bytes:
    return f"{session}\0{record}".encode()
