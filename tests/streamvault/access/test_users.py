"""The cookies that identify users."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.access.users import YEAR, NewUserLimit, UserSigner


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_cookie_is_valid_for_a_year() -> None:
    clock = Clock()
    signer = UserSigner(b"secret", clock)
    user = signer.new_user()
    cookie = signer.sign(user)
    clock.now += YEAR - 1
    assert signer.user(cookie) == user
    clock.now += 1
    assert signer.user(cookie) is None


def test_users_differ() -> None:
    signer = UserSigner(b"secret")
    assert len({signer.new_user() for _ in range(100)}) == 100


def test_a_cookie_with_a_flipped_bit_has_no_user() -> None:
    signer = UserSigner(b"secret")
    raw = bytearray(base64.urlsafe_b64decode(signer.sign(signer.new_user())))
    for place in range(len(raw) * 8):
        raw[place // 8] ^= 1 << place % 8
        assert signer.user(base64.urlsafe_b64encode(raw).decode()) is None
        raw[place // 8] ^= 1 << place % 8


def test_a_cookie_of_another_secret_has_no_user() -> None:
    user = UserSigner(b"secret").new_user()
    assert UserSigner(b"other").user(UserSigner(b"secret").sign(user)) is None


@given(st.text(max_size=60))
def test_malformed_cookies_have_no_user(cookie: str) -> None:
    assert UserSigner(b"secret").user(cookie) is None


def test_no_cookie_has_no_user() -> None:
    assert UserSigner(b"secret").user(None) is None


def test_an_empty_secret_raises_value_error() -> None:
    with pytest.raises(ValueError, match="secret"):
        UserSigner(b"")


def test_new_users_are_limited_per_hour() -> None:
    clock = Clock()
    door = NewUserLimit(60, clock)
    assert [door.admit() for _ in range(60)] == [0.0] * 60
    assert door.admit() == pytest.approx(60)
    clock.now += 60
    assert door.admit() == 0.0
    assert door.admit() > 0
    clock.now += 1e6
    assert [door.admit() for _ in range(60)] == [0.0] * 60
    assert door.admit() > 0
