"""`pow` of three numbers by OpenSSL, which takes a tenth of Python's time: key exchanges took a quarter of the
processor time of tests with an emulated Telegram.

Without the library that Python's own `ssl` uses, and in `make proof`, Python's is used.
"""

import ctypes
import ctypes.util
from collections.abc import Callable
from functools import cache
from importlib import import_module

from tests.support.proof import full

PRODUCT = ("streamvault.telegram.mtproto.handshake", "streamvault.telegram.mtproto.rsa_padding", "pyrogram.utils")
EMULATOR = ("tgemulator.wire.handshake", "tgemulator.wire.rsa", "tgemulator.world.srp")
CLIENTS = ("pyrogram.session.auth", "pyrogram.utils", "tests.support.rawclient", "telethon.network.authenticator")

_POINTER = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "BN_CTX_new": (_POINTER, ()),
    "BN_new": (_POINTER, ()),
    "BN_free": (None, (_POINTER,)),
    "BN_bin2bn": (_POINTER, (ctypes.c_char_p, ctypes.c_int, _POINTER)),
    "BN_bn2binpad": (ctypes.c_int, (_POINTER, ctypes.c_char_p, ctypes.c_int)),
    "BN_mod_exp": (ctypes.c_int, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
}


def install(modules: tuple[str, ...]) -> None:
    """Have these modules use it, except in `make proof`."""
    mod_exp = None if full() else openssl()
    for name in modules if mod_exp else ():
        vars(import_module(name))["pow"] = mod_exp


@cache
def openssl() -> Callable[[int, int, int], int] | None:
    """base ** exponent % modulus for numbers from 0 on; None without the library.

    PyDLL keeps the interpreter's lock meanwhile, so that threads can share the context.
    """
    try:
        crypto = ctypes.PyDLL(ctypes.util.find_library("crypto"))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(crypto, name)
            function.restype, function.argtypes = result, arguments
    except (AttributeError, OSError, TypeError):
        return None
    context = crypto.BN_CTX_new()

    def mod_exp(base: int, exponent: int, modulus: int) -> int:
        size = (modulus.bit_length() + 7) // 8
        numbers = [_number(crypto, one) for one in (base, exponent, modulus)]
        result, written = crypto.BN_new(), ctypes.create_string_buffer(size)
        try:
            done = crypto.BN_mod_exp(result, *numbers, context) and crypto.BN_bn2binpad(result, written, size) == size
        finally:
            for number in (result, *numbers):
                crypto.BN_free(number)
        return int.from_bytes(written.raw, "big") if done else pow(base, exponent, modulus)

    return mod_exp


def _number(crypto: ctypes.CDLL, value: int) -> int | None:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    found: int | None = crypto.BN_bin2bn(data, len(data), None)
    return found
