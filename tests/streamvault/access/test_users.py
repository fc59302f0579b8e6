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


def test_a_cookie_of_an_old_secret_is_read_and_renewed_with_the_present_one() -> None:
    before, now = UserSigner(b"older"), UserSigner(b"secret", old=(b"another", b"older"))
    user = before.new_user()
    assert now.user(before.sign(user)) == user
    renewed = now.sign(user)
    assert before.user(renewed) is None
    assert UserSigner(b"secret").user(renewed) == user


@given(st.text(max_size=60))
def test_malformed_cookies_have_no_user(cookie: str) -> None:
    assert UserSigner(b"secret").user(cookie) is None


def test_no_cookie_has_no_user() -> None:
    assert UserSigner(b"secret").user(None) is None


def test_an_empty_secret_raises_value_error() -> None:
    with pytest.raises(ValueError, match="secret"):
        UserSigner(b"")


def admitted(limit: NewUserLimit, address: str, tries: int) -> int:
    return sum(not limit.admit(address) for _ in range(tries))


def test_new_users_of_an_address_are_limited_per_hour() -> None:
    clock = Clock()
    limit = NewUserLimit(60, clock=clock)
    assert admitted(limit, "192.0.2.1", 60) == 60
    assert limit.admit("192.0.2.1") == pytest.approx(60)
    clock.now += 60
    assert limit.admit("192.0.2.1") == 0.0
    assert limit.admit("192.0.2.1") > 0
    clock.now += 1e6
    assert admitted(limit, "192.0.2.1", 100) == 60


@pytest.mark.parametrize("floods", [["a"], ["a", "b", "c"], [str(number) for number in range(40)]], ids=len)
def test_whoever_makes_many_users_does_not_keep_the_others_out(floods: list[str]) -> None:
    """17: 600 cookie-less writes, from one address and from many."""
    limit = NewUserLimit(120, total=600, clock=Clock())
    assert sum(admitted(limit, address, 1000) for address in floods) <= 600 + len(floods)
    assert [limit.admit(f"new {number}") for number in range(100)] == [0.0] * 100


def test_all_further_users_together_are_limited() -> None:
    clock = Clock()
    limit = NewUserLimit(50, total=100, clock=clock)
    assert sum(admitted(limit, str(number), 50) for number in range(20)) == 100 + 20
    clock.now += 36
    assert limit.admit("3") == 0.0
    assert limit.admit("4") == pytest.approx(36)


def test_the_addresses_that_are_remembered_are_bounded() -> None:
    clock = Clock()
    limit = NewUserLimit(50, total=10, addresses=100, clock=clock)
    assert sum(not limit.admit(str(number)) for number in range(500)) == 110
    assert len(limit) == 100
    clock.now += 3600
    assert limit.admit("another") == 0.0
    assert len(limit) == 1, "addresses without a new user for an hour are forgotten"


def test_an_address_that_goes_on_stays_remembered() -> None:
    clock = Clock()
    limit = NewUserLimit(2, clock=clock)
    assert admitted(limit, "a", 5) == 2
    for _ in range(4):
        clock.now += 1800
        assert admitted(limit, "a", 5) == 1
