"""The server's RSA key, and the two schemes by which clients encrypt with it."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyrogram.raw.core.primitives import Bytes

from tgemulator.wire.crypto import ige_decrypt, sha1, sha256

KEY_BYTES = 256
_PADDED = 192  # RSA_PAD: data and its random padding
_HASHED = 224  # the same, followed by its SHA-256


class RsaKey:
    """A 2048-bit private key; `fingerprint` as in resPQ, a signed 64-bit number."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        numbers = private.private_numbers()
        self._private = private
        self._n = numbers.public_numbers.n
        self._numbers = numbers
        self.fingerprint = fingerprint(self._n, numbers.public_numbers.e)

    @classmethod
    def generate(cls) -> "RsaKey":
        """A new key; takes some tenths of a second."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=KEY_BYTES * 8))

    @classmethod
    def load(cls, pem: bytes) -> "RsaKey":
        """The key from private_pem(); ValueError if it is no 2048-bit RSA key."""
        private = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(private, rsa.RSAPrivateKey) or private.key_size != KEY_BYTES * 8:
            raise ValueError("not a 2048-bit RSA key")
        return cls(private)

    def private_pem(self) -> bytes:
        """PKCS#8, unencrypted."""
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def public_pem(self) -> str:
        """PKCS#1, "RSA PUBLIC KEY"."""
        public = self._private.public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode("ascii")

    def decrypt(self, cipher: bytes) -> bytes:
        """The 256-byte block behind `cipher`; ValueError if that has the wrong size."""
        number = int.from_bytes(cipher, "big")
        if len(cipher) != KEY_BYTES or number >= self._n:
            raise ValueError("not a block of this key")
        own = self._numbers  # by the Chinese remainder theorem (RFC 8017, 5.1.2): a quarter of the work
        by_p, by_q = pow(number, own.dmp1, own.p), pow(number, own.dmq1, own.q)
        plain = by_q + own.q * (own.iqmp * (by_p - by_q) % own.p)
        return plain.to_bytes(KEY_BYTES, "big")


def fingerprint(n: int, e: int) -> int:
    """The lower 64 bits of SHA-1 over the TL-serialised modulus and exponent, little-endian and signed."""
    parts = (number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (n, e))
    return int.from_bytes(sha1(*(bytes(Bytes(part)) for part in parts))[-8:], "little", signed=True)


def unpad(block: bytes) -> bytes | None:
    """Undo RSA_PAD (core.telegram.org/mtproto/auth_key#41-rsa-pad): 192 bytes, data first; None if the hash differs."""
    encrypted = block[32:]
    temp_key = bytes(a ^ b for a, b in zip(block[:32], sha256(encrypted), strict=True))
    with_hash = ige_decrypt(encrypted, temp_key, iv=bytes(32))
    padded = with_hash[:_PADDED][::-1]
    return padded if with_hash[_PADDED:_HASHED] == sha256(temp_key, padded) else None


def unhash(block: bytes) -> tuple[bytes, bytes] | None:
    """Undo the older scheme: (SHA-1 of the data, data with its random padding); None if the first byte is not 0."""
    return (block[1:21], block[21:]) if block[0] == 0 else None
