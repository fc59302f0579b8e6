"""Encrypts the records of stored sessions in a database."""

from collections.abc import Sequence

from streamvault.errors import ConfigError
from streamvault.storage.cipher import Cipher
from streamvault.storage.cipher import Decrypted as Decrypted

_PURPOSE = b"streamvault stored session v1"


class RecordCipher:
    """Encrypts and decrypts records. The names of the session and of the record are authenticated with the value."""

    def __init__(self, secret: bytes, *, old: Sequence[bytes] = ()) -> None:
        """`old`: secrets under which records may still be encrypted; new ones never are."""
        self._cipher = Cipher(secret, purpose=_PURPOSE, old=old)

    def encrypt(self, session: str, record: str, *, value: bytes) -> bytes:
        """See Cipher."""
        return self._cipher.encrypt(value, context=_context(session, record))

    def decrypt(self, session: str, record: str, *, encrypted: bytes) -> Decrypted:
        """The value that `encrypt` was given, under any of the secrets. ConfigError for others, or altered bytes."""
        found = self._cipher.decrypt(encrypted, context=_context(session, record))
        if found is not None:
            return found
        raise ConfigError(
            f"the session {session} in the database was encrypted with another SECRET_KEY, or is damaged: add the one "
            f"that it was made with to OLD_SECRET_KEYS, or begin anew with `streamvault session set-aside {session}`"
        )


def _context(session: str, record: str) -> bytes:
    return f"{session}\0{record}".encode()
