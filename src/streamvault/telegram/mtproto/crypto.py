"""Replaces Kurigram's slow AES-IGE, AES-CTR and factoring, in the modules through which Kurigram calls them.

Decryption is the largest cost of a chunk. AES-IGE comes from cryptg (maintained by the Telethon project, about three
times as fast as TgCrypto), AES-CTR from `cryptography` (OpenSSL).
"""

import cryptg
import pyrogram.crypto.aes
import pyrogram.crypto.prime
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 16
_COUNTERS = 1 << 128


def install_crypto() -> None:
    """Make every Kurigram connection of this process use the functions below."""
    module = pyrogram.crypto.aes
    module.ige256_encrypt = ige256_encrypt
    module.ige256_decrypt = ige256_decrypt
    module.ctr256_encrypt = ctr256
    module.ctr256_decrypt = ctr256
    pyrogram.crypto.prime.decompose = factor


def factor(pq: int) -> int:
    """A prime factor of a key exchange's pq; Kurigram's function blocks the event loop for a third of a second."""
    return int(cryptg.factorize_pq_pair(pq)[0])


def ige256_encrypt(data: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-256-IGE of whole 16-byte blocks; `key` and `iv` have 32 bytes."""
    return bytes(cryptg.encrypt_ige(bytes(data), bytes(key), bytes(iv)))


def ige256_decrypt(data: bytes, key: bytes, iv: bytes) -> bytes:
    """The inverse of `ige256_encrypt`."""
    return bytes(cryptg.decrypt_ige(bytes(data), bytes(key), bytes(iv)))


def ctr256(data: bytes, key: bytes, iv: bytearray, state: bytearray | None = None) -> bytes:
    """AES-256-CTR, either direction; `iv` (16 bytes) and `state` (1 byte) hold the position in the key stream.

    `state[0]` is how many bytes of the current counter block are used up. Both are changed in place, so that the next
    call continues where this one ended, as the obfuscated transports need.
    """
    used = state[0] if state else 0
    counter = int.from_bytes(iv, "big")
    encryptor = Cipher(algorithms.AES(bytes(key)), modes.CTR(bytes(iv))).encryptor()
    encryptor.update(bytes(used))
    result = encryptor.update(data)
    blocks, used = divmod(used + len(data), _BLOCK)
    iv[:] = ((counter + blocks) % _COUNTERS).to_bytes(_BLOCK, "big")
    if state:
        state[0] = used
    return result
