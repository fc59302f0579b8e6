"""The ciphers and hashes of MTProto; the only module that imports their libraries for it."""

import hashlib

import cryptg
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def sha1(*parts: bytes) -> bytes:
    """SHA-1 over the concatenated parts, 20 bytes; MTProto prescribes it for key ids and the key exchange."""
    return hashlib.sha1(b"".join(parts), usedforsecurity=False).digest()


def sha256(*parts: bytes) -> bytes:
    """SHA-256 over the parts as if concatenated, without joining them; 32 bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def ige_encrypt(plain: bytes, key: bytes, *, iv: bytes) -> bytes:
    """AES-256-IGE; `plain` is a multiple of 16 bytes, key and iv are 32 bytes each."""
    return bytes(cryptg.encrypt_ige(plain, key, iv))


def ige_decrypt(cipher: bytes, key: bytes, *, iv: bytes) -> bytes:
    """The inverse of ige_encrypt."""
    return bytes(cryptg.decrypt_ige(cipher, key, iv))


class CtrStream:
    """One direction of an AES-256-CTR stream, continued over the whole connection."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()

    def apply(self, data: bytes) -> bytes:
        """Encrypt or decrypt (the same operation) the next bytes of the stream."""
        return self._cipher.update(data)
