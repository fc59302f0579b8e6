"""The tests' `pow` gives the numbers of Python's."""

import random

import pytest
from pyrogram.crypto.prime import CURRENT_DH_PRIME

from streamvault.telegram.mtproto import handshake
from tests.support import modexp, stack  # noqa: F401  stack installs it
from tests.support.proof import full
from tgemulator.wire import rsa


def test_it_is_pythons_pow_of_three_numbers() -> None:
    mod_exp = modexp.openssl()
    if mod_exp is None:
        pytest.skip("OpenSSL's library is not found: the tests use Python's `pow`, and take longer")
    draw = random.Random(1)
    for bits in (1, 8, 255, 1024, 2048, 2600):
        base, exponent = draw.getrandbits(bits), draw.getrandbits(min(bits, 300))
        for modulus in (CURRENT_DH_PRIME, draw.getrandbits(1024) | 1, 7):
            assert mod_exp(base, exponent, modulus) == pow(base, exponent, modulus)
    assert [mod_exp(*row) for row in ((0, 0, 7), (0, 5, 7), (5, 0, 7), (7, 3, 7))] == [1, 0, 1, 0]


@pytest.mark.skipif(full() or modexp.openssl() is None, reason="Python's is used")
def test_key_exchanges_of_the_tests_use_it() -> None:
    assert {vars(module)["pow"] for module in (handshake, rsa)} == {modexp.openssl()}
