"""The installed ciphers give the same results as the slow ones that Kurigram falls back to."""

import importlib.util
from types import ModuleType

import pyrogram.crypto.aes
import pyrogram.crypto.prime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.telegram.mtproto import crypto

KEYS = st.binary(min_size=32, max_size=32)


@pytest.fixture(scope="module")
def fallback() -> ModuleType:
    """A second copy of Kurigram's module, without the installed functions."""
    spec = importlib.util.find_spec("pyrogram.crypto.aes")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.pyaes.__name__ == "pyaes"
    return module


def test_kurigram_uses_the_installed_functions() -> None:
    module = pyrogram.crypto.aes
    assert module.ige256_decrypt is crypto.ige256_decrypt
    assert module.ige256_encrypt is crypto.ige256_encrypt
    assert module.ctr256_encrypt is crypto.ctr256
    assert module.ctr256_decrypt is crypto.ctr256


@pytest.mark.parametrize(("p", "q"), [(1229739323, 1402015859), (2147483629, 2147483647), (65537, 4294967291)])
def test_pq_is_factored(p: int, q: int) -> None:
    assert pyrogram.crypto.prime.decompose is crypto.factor
    assert crypto.factor(p * q) in (p, q)


@settings(max_examples=30, deadline=None)
@given(key=KEYS, iv=KEYS, blocks=st.integers(1, 20), data=st.data())
def test_ige_gives_the_same_as_the_fallback(
    fallback: ModuleType, key: bytes, iv: bytes, blocks: int, data: st.DataObject
) -> None:
    plain = data.draw(st.binary(min_size=16 * blocks, max_size=16 * blocks))
    encrypted = crypto.ige256_encrypt(plain, key, iv)
    assert encrypted == fallback.ige256_encrypt(plain, key, iv)
    assert crypto.ige256_decrypt(encrypted, key, iv) == plain


@settings(max_examples=60, deadline=None)
@given(
    key=KEYS,
    iv=st.one_of(st.binary(min_size=16, max_size=16), st.just(b"\xff" * 16), st.just(b"\xff" * 15 + b"\xfd")),
    pieces=st.lists(st.binary(max_size=70), max_size=6),
)
def test_ctr_continues_the_key_stream_as_the_fallback_does(
    fallback: ModuleType, key: bytes, iv: bytes, pieces: list[bytes]
) -> None:
    ours, our_state = bytearray(iv), bytearray(1)
    theirs, their_state = bytearray(iv), bytearray(1)
    for piece in pieces:
        assert crypto.ctr256(piece, key, ours, our_state) == bytes(
            fallback.ctr256_encrypt(piece, key, theirs, their_state)
        )
        assert (ours, our_state) == (theirs, their_state)


def test_ctr_in_several_calls_gives_the_same_as_in_one() -> None:
    key, data = bytes(range(32)), bytes(range(256)) * 5
    iv, state = bytearray(16), bytearray(1)
    pieces = b"".join(crypto.ctr256(data[i : i + 7], key, iv, state) for i in range(0, len(data), 7))
    assert pieces == crypto.ctr256(data, key, bytearray(16))
