"""The RSA key of another MTProto server than Telegram's, as TELEGRAM_SERVER_KEY names it."""

from hashlib import sha1
from pathlib import Path

import pyrogram.crypto.rsa
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from streamvault.errors import ConfigError

_BUILT_IN = dict(pyrogram.crypto.rsa.server_public_keys)


def install_server_key(path: Path | None) -> int | None:
    """Trust only the key in the PEM file `path` (PKCS#1 or SPKI); None: only the built-in ones.

    Returns the key's fingerprint. ConfigError when the file is not an RSA key of 2048 bits.
    """
    keys = pyrogram.crypto.rsa.server_public_keys
    if path is None:
        keys.clear()
        keys.update(_BUILT_IN)
        return None
    numbers = _read(path).public_numbers()
    number = fingerprint(numbers.n, numbers.e)
    keys.clear()
    keys[number] = pyrogram.crypto.rsa.PublicKey(numbers.n, numbers.e)
    return number


def fingerprint(n: int, e: int) -> int:
    """The last 8 bytes of SHA-1 over the TL strings n and e, signed (core.telegram.org/mtproto/auth_key)."""
    digest = sha1(_tl_bytes(n) + _tl_bytes(e), usedforsecurity=False).digest()
    return int.from_bytes(digest[-8:], "little", signed=True)


def _read(path: Path) -> RSAPublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"TELEGRAM_SERVER_KEY {path} cannot be read ({error.strerror})") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"TELEGRAM_SERVER_KEY {path} is not an RSA public key in PEM form") from error
    if not isinstance(key, RSAPublicKey) or key.key_size != 2048:
        raise ConfigError(f"TELEGRAM_SERVER_KEY {path} is not an RSA public key of 2048 bits")
    return key


def _tl_bytes(number: int) -> bytes:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    head = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return head + data + bytes(-(len(head) + len(data)) % 4)
