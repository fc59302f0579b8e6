"""Whose requests, streams and bytes count together, and when it goes on."""

from contextlib import suppress

import pytest

from streamvault.access.identity import Identity, Person
from streamvault.access.limits import MOST_REFUSED, PICTURES, LimitReached, Limits, key_of

ADA = Person(7, "Ada")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_020.25

    def __call__(self) -> float:
        return self.now


def requests(limits: Limits, key: str, count: int, *, picture: bool = False) -> int:
    """How many of so many requests pass."""
    passed = 0
    for _ in range(count):
        with suppress(LimitReached):
            limits.request(key, picture=picture)
            passed += 1
    return passed


@pytest.mark.parametrize(
    ("who", "key"),
    [
        (None, "address:192.0.2.1"),
        (Identity("none"), "address:192.0.2.1"),
        (Identity("guest", via="public"), "address:192.0.2.1"),
        (Identity("guest", via="signed"), "address:192.0.2.1"),
        (Identity("guest", via="link", credential="L1"), "link:L1"),
        (Identity("member", via="session", person=ADA, credential="S1", payer=7), "person:7"),
        (Identity("member", via="token", person=ADA, credential="T1", payer=7), "person:7"),
        (Identity("guest", via="session", payer=7), "person:7"),
        (Identity("guest", via="token", credential="T1", payer=7), "person:7"),
        (Identity("owner", via="session", person=ADA, credential="S1", payer=7, unlimited=True), None),
        (Identity("guest", via="session", payer=7, unlimited=True), None),
        (Identity("guest", via="token", credential="T1", unlimited=True), None),
    ],
)
def test_by_whom_it_counts(who: Identity | None, key: str | None) -> None:
    assert key_of(who, "192.0.2.1") == key


def test_more_requests_than_a_minute_has_are_refused_for_who_sent_them() -> None:
    limits = Limits(rate=5, clock=Clock())
    assert requests(limits, "a", 8) == 5
    assert requests(limits, "b", 8) == 5


@pytest.mark.parametrize("now", [1_000_000_020.0, 1_000_000_020.25, 1_000_000_079.0, 1_000_000_079.75])
def test_who_waits_as_long_as_it_is_told_gets_in_and_not_much_earlier(now: float) -> None:
    clock = Clock()
    clock.now = now
    limits = Limits(rate=1, clock=clock)
    assert requests(limits, "a", 2) == 1
    with pytest.raises(LimitReached) as refused:
        limits.request("a")
    wait = refused.value.retry_after
    clock.now = now + wait - 1
    assert requests(limits, "a", 1) == 0
    clock.now = now + wait
    assert requests(limits, "a", 1) == 1


def test_pictures_have_a_count_of_their_own() -> None:
    limits = Limits(rate=2, clock=Clock())
    assert requests(limits, "a", 50, picture=True) == 2 * PICTURES
    assert requests(limits, "a", 5) == 2


async def test_the_bytes_of_a_day_end_with_it() -> None:
    clock = Clock()
    limits = Limits(day=100, clock=clock)
    assert [limits.sent("a", 60), limits.sent("a", 0), limits.sent("a", 40), limits.sent("b", 1)] == [True] * 4
    with pytest.raises(LimitReached) as refused:
        async with limits.stream("a"):
            pass
    assert refused.value.why == "day"
    assert not limits.sent("a", 1)
    clock.now += refused.value.retry_after
    async with limits.stream("a"):
        assert limits.sent("a", 1)
    assert clock.now % 86_400 < 1


async def test_zero_is_no_limit() -> None:
    limits = Limits()
    assert requests(limits, "a", 2000) == 2000
    async with limits.stream("a"):
        assert limits.sent("a", 1 << 50)
    for _ in range(2000):
        limits.check_refusals("a")
        limits.refused("a")


@pytest.mark.parametrize(("rate", "most"), [(600, MOST_REFUSED), (5, 5)])
def test_credentials_of_an_address_that_was_refused_too_often_are_not_looked_at(rate: int, most: int) -> None:
    clock = Clock()
    limits = Limits(rate=rate, clock=clock)
    for _ in range(most):
        limits.check_refusals("192.0.2.1")
        limits.refused("192.0.2.1")
    with pytest.raises(LimitReached) as refused:
        limits.check_refusals("192.0.2.1")
    assert refused.value.why == "refused"
    limits.check_refusals("192.0.2.2")
    clock.now += refused.value.retry_after
    limits.check_refusals("192.0.2.1")


def test_a_flood_of_addresses_is_remembered_within_bounds_and_frees_nobody() -> None:
    limits = Limits(rate=4, most_keys=100, clock=Clock())
    assert requests(limits, "greedy", 5) == 4
    for number in range(5000):
        assert requests(limits, f"address:{number}", 1) == 1
    assert requests(limits, "greedy", 5) == 0
    assert all(len(counters) <= 100 for counters in limits.counters.values())
