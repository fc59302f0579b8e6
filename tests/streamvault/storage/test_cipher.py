"""The encryption of stored values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.storage.cipher import Cipher, Decrypted

SECRET, OLDER = b"a secret of many bytes", b"an older one, also long"


def cipher(secret: bytes = SECRET, *, purpose: bytes = b"test v1", old: tuple[bytes, ...] = ()) -> Cipher:
    return Cipher(secret, purpose=purpose, old=old)


@given(value=st.binary(max_size=200), context=st.binary(max_size=50))
def test_what_was_encrypted_comes_back_in_its_context_alone(value: bytes, context: bytes) -> None:
    encrypted = cipher().encrypt(value, context=context)
    assert cipher().decrypt(encrypted, context=context) == Decrypted(value, present=True)
    assert cipher().decrypt(encrypted, context=context + b"x") is None
    assert cipher(purpose=b"other v1").decrypt(encrypted, context=context) is None
    assert cipher(OLDER).decrypt(encrypted, context=context) is None


def test_under_an_older_secret() -> None:
    encrypted = cipher(OLDER).encrypt(b"value", context=b"")
    assert cipher(old=(OLDER,)).decrypt(encrypted, context=b"") == Decrypted(b"value", present=False)


@pytest.mark.parametrize("cut", [0, 5, 12, 20])
def test_altered_or_cut(cut: int) -> None:
    encrypted = cipher().encrypt(b"value", context=b"")
    assert cipher().decrypt(encrypted[:cut], context=b"") is None
    assert cipher().decrypt(encrypted[:-1] + bytes([encrypted[-1] ^ 1]), context=b"") is None


def test_equal_values_differ() -> None:
    assert cipher().encrypt(b"value", context=b"") != cipher().encrypt(b"value", context=b"")
