"""Whose address a request counts for."""

from typing import Any

import pytest

from streamvault.http.addresses import client_of, is_by_proxy, viewer_address


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("unix", "unix", True),
    ],
)
def test_addresses_that_one_customer_has_count_as_one(one: str, other: str, same: bool) -> None:
    assert (client_of({"client": (one, 1)}) == client_of({"client": (other, 2)})) is same


@pytest.mark.parametrize(
    ("address", "state", "by_proxy"),
    [
        ("127.0.0.1", {}, True),
        ("127.8.9.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("::2", {}, False),
        ("172.17.0.1", {}, False),
        ("172.17.0.1", {"by_proxy": True}, True),
        ("203.0.113.9", {"by_proxy": False}, False),
        ("unix", {}, False),
    ],
)
def test_whose_clients_are_not_told_apart(address: str, state: dict[str, Any], by_proxy: bool) -> None:
    assert is_by_proxy({"client": (address, 1), "state": state}) is by_proxy


@pytest.mark.parametrize("scope", [{}, {"client": None}])
def test_without_an_address_all_count_as_one(scope: dict[str, Any]) -> None:
    assert client_of(scope) == ""


def test_what_is_no_address_is_cut() -> None:
    assert len(client_of({"client": ("x" * 10_000, 1)})) == 64


@pytest.mark.parametrize(("state", "address"), [({}, "127.0.0.1"), ({"viewer": "2001:db8::1"}, "2001:db8::/64")])
def test_viewers_behind_a_proxy_of_this_machine_are_told_apart(state: dict[str, str], address: str) -> None:
    scope = {"client": ("127.0.0.1", 1), "state": state}
    assert (viewer_address(scope), client_of(scope)) == (address, "127.0.0.1")
