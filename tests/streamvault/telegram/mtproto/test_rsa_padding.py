"""Data encrypted by either scheme is decrypted by the emulator's RSA key."""

from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram.crypto.rsa import PublicKey

from streamvault.telegram.mtproto.rsa_padding import rsa_pad, sha1_encrypt
from tgemulator.wire.rsa import RsaKey, unhash, unpad

RSA = RsaKey.generate()
PUBLIC = PublicKey(RSA._n, 65537)


@given(st.binary(min_size=1, max_size=144))
def test_data_of_rsa_pad_is_decrypted(data: bytes) -> None:
    opened = unpad(RSA.decrypt(rsa_pad(data, PUBLIC)))
    assert opened is not None
    assert opened[: len(data)] == data


def test_data_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="145 bytes"):
        rsa_pad(bytes(145), PUBLIC)


@given(st.binary(min_size=1, max_size=235))
def test_data_of_the_scheme_with_sha1_is_decrypted(data: bytes) -> None:
    digest, opened = unhash(RSA.decrypt(sha1_encrypt(data, PUBLIC))) or (b"", b"")
    assert opened[: len(data)] == data
    assert digest == sha1(data).digest()
