"""Addresses with credentials as they are stored: encrypted, and recognised again without being readable."""

import base64
import binascii
import hmac
from collections.abc import Sequence

from streamvault.errors import SourceRefused
from streamvault.leech.model import Job
from streamvault.storage.cipher import Cipher, derived_key

_ADDRESSES = b"streamvault leech address v1"
_MARKS = b"streamvault leech fingerprint v1"


class Sealing:
    """Encrypts addresses under a key made of SECRET_KEY; `old`: secrets under which they may still be encrypted. The
    job's id is authenticated with the address.
    """

    def __init__(self, secret: bytes, *, old: Sequence[bytes] = ()) -> None:
        self._cipher = Cipher(secret, purpose=_ADDRESSES, old=old)
        self._marks = derived_key(secret, _MARKS)

    def seal(self, id: str, address: str) -> str:
        """The address of the job with this id, encrypted."""
        return base64.urlsafe_b64encode(self._cipher.encrypt(address.encode(), context=id.encode())).decode()

    def address(self, job: Job) -> str:
        """The address as it was given. Raises SourceRefused where it cannot be decrypted."""
        return job.source if job.sealed is None else self.opened(job.id, job.sealed)

    def opened(self, id: str, sealed: str) -> str:
        """The address that `seal` encrypted under this id. Raises SourceRefused where it cannot be decrypted."""
        try:
            encrypted = base64.urlsafe_b64decode(sealed)
        except (ValueError, binascii.Error):
            encrypted = b""
        found = self._cipher.decrypt(encrypted, context=id.encode())
        if found is None:
            raise SourceRefused(
                "The address was encrypted with another SECRET_KEY: add the source again, or that key to "
                "OLD_SECRET_KEYS."
            )
        return found.value.decode()

    def mark(self, text: str) -> str:
        """Equal for equal texts; without the secret nobody can find out of which text it is."""
        return hmac.digest(self._marks, text.encode(), "sha256").hex()
