"""What tests of the emulator with real clients share: trust in its RSA key, and fast ciphers for both."""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pyrogram.crypto import rsa
from telethon.crypto import rsa as telethon_rsa
from telethon.network.connection import tcpobfuscated

from streamvault.telegram.mtproto.crypto import install_crypto
from tgemulator.emulator import Emulator
from tgemulator.wire.crypto import CtrStream


class FastCtr(CtrStream):
    """Telethon's AESModeCTR on OpenSSL; its own is in Python and takes most of a minute for a few MiB."""

    encrypt = CtrStream.apply
    decrypt = CtrStream.apply


@contextmanager
def trusted(emulator: Emulator) -> Iterator[None]:
    """Kurigram and Telethon accept the emulator's key inside this block; both use fast ciphers from then on."""
    install_crypto()
    tcpobfuscated.AESModeCTR = FastCtr
    public = load_pem_public_key(emulator.public_key_pem.encode())
    assert isinstance(public, RSAPublicKey)
    numbers = public.public_numbers()
    number = emulator.public_key_fingerprint
    rsa.server_public_keys[number] = rsa.PublicKey(numbers.n, numbers.e)
    telethon_rsa.add_key(emulator.public_key_pem, old=False)
    try:
        yield
    finally:
        del rsa.server_public_keys[number]
        del telethon_rsa._server_keys[number]
