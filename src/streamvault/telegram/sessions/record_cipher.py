"""Encrypts the records of stored sessions in a database: AES-256-GCM under a key derived from SECRET_KEY (HKDF)."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streamvault.errors import ConfigError

_INFO = b"streamvault stored session v1"
_NONCE = 12  # bytes; random, as NIST SP 800-38D allows for fewer than 2^32 records under one key


@dataclass(frozen=True, slots=True)
class Decrypted:
    """The value of a record, and whether it was encrypted under the present secret."""

    value: bytes
    present: bool


class RecordCipher:
    """Encrypts and decrypts records. The names of the session and of the record are authenticated with the value."""

    def __init__(self, secret: bytes, *, old: Sequence[bytes] = ()) -> None:
        """`old`: secrets under which records may still be encrypted; new ones never are."""
        self._ciphers = [AESGCM(HKDF(SHA256(), 32, salt=None, info=_INFO).derive(one)) for one in (secret, *old)]

    def encrypt(self, session: str, record: str, *, value: bytes) -> bytes:
        """The nonce (12 bytes), the ciphertext and the tag (16 bytes)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, value, _associated_data(session, record))

    def decrypt(self, session: str, record: str, *, encrypted: bytes) -> Decrypted:
        """The value that `encrypt` was given, under any of the secrets. ConfigError for others, or altered bytes."""
        nonce, text, data = encrypted[:_NONCE], encrypted[_NONCE:], _associated_data(session, record)
        for cipher in self._ciphers:
            with contextlib.suppress(InvalidTag, ValueError):
                return Decrypted(cipher.decrypt(nonce, text, data), present=cipher is self._ciphers[0])
        raise ConfigError(
            f"the session {session} in the database was encrypted with another SECRET_KEY, or is damaged: add the one "
            f"that it was made with to OLD_SECRET_KEYS, or begin anew with `streamvault session set-aside {session}`"
        )


def _associated_data(session: str, record: str) -> bytes:
    return f"{session}\0{record}".encode()
