"""The RSA keys of servers: Telegram's, the one that TELEGRAM_SERVER_KEY names instead, and those of CDN DCs."""

from hashlib import sha1
from pathlib import Path
from typing import Any

import pyrogram.crypto.rsa
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from streamvault.errors import ConfigError

_OF_CDNS = {0x995EFFD323B5DB80, 0x254672538E935938, 0xC884B3E62D09E5C5, 0xBB27580FD5B01626}
# Kurigram's list contains the keys of four CDN DCs, whose holders could impersonate Telegram
_BUILT_IN = {n: key for n, key in pyrogram.crypto.rsa.server_public_keys.items() if n % (1 << 64) not in _OF_CDNS}


def install_server_key(path: Path | None) -> int | None:
    """Trust only the key in the PEM file `path` (PKCS#1 or SPKI); None: only Telegram's built-in ones.

    Returns the key's fingerprint. ConfigError if the file is not an RSA key of 2048 bits.
    """
    keys = pyrogram.crypto.rsa.server_public_keys
    if path is None:
        keys.clear()
        keys.update(_BUILT_IN)
        return None
    number, key = _read(path)
    keys.clear()
    keys[number] = key
    return number


def public_key(pem: bytes) -> tuple[int, Any]:
    """The fingerprint of the RSA key in `pem` (PKCS#1 or SPKI), and the key in Kurigram's form (m, e).

    ValueError if it is not an RSA key of 2048 bits.
    """
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError("an unsupported kind of key") from error
    if not isinstance(key, RSAPublicKey) or key.key_size != 2048:
        raise ValueError("not an RSA public key of 2048 bits")
    numbers = key.public_numbers()
    return fingerprint(numbers.n, numbers.e), pyrogram.crypto.rsa.PublicKey(numbers.n, numbers.e)


def fingerprint(n: int, e: int) -> int:
    """The last 8 bytes of SHA-1 over the TL strings n and e, signed (core.telegram.org/mtproto/auth_key)."""
    digest = sha1(_tl_bytes(n) + _tl_bytes(e), usedforsecurity=False).digest()
    return int.from_bytes(digest[-8:], "little", signed=True)


def _read(path: Path) -> tuple[int, Any]:
    try:
        return public_key(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"TELEGRAM_SERVER_KEY {path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"TELEGRAM_SERVER_KEY {path} is not an RSA public key of 2048 bits in PEM form") from error


def _tl_bytes(number: int) -> bytes:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    head = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return head + data + bytes(-(len(head) + len(data)) % 4)
