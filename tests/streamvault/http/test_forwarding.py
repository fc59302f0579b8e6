"""What reverse proxies may say of a request, and what its client may not."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.http.forwarding import Forwarded, forwarded

TRUSTED = tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "2001:db8:f::/48")))
CLIENT = "203.0.113.9"


def told(peer: str, **fields: str | list[str]) -> Forwarded:
    """`fields`: for, proto and host; a list is a repeated field."""
    headers = [
        (f"x-forwarded-{name}".encode(), one.encode("latin-1"))
        for name, value in fields.items()
        for one in ([value] if isinstance(value, str) else value)
    ]
    return forwarded(peer, headers, TRUSTED)


@pytest.mark.parametrize("peer", [CLIENT, "11.0.0.1", "::1", "2001:db8:e::1", "unix", "::ffff:203.0.113.9"])
def test_of_a_peer_that_is_not_trusted_nothing_counts(peer: str) -> None:
    fields = {"for": "192.0.2.1", "proto": "https", "host": "evil.example"}
    assert told(peer, **fields) == Forwarded(peer)


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (CLIENT, CLIENT),
        (f"192.0.2.1, {CLIENT}", CLIENT),
        (f"127.0.0.1, {CLIENT}", CLIENT),
        (f"{CLIENT}, 10.1.2.3", CLIENT),
        (f"192.0.2.1,{CLIENT},10.1.2.3,10.9.9.9", CLIENT),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3, 10.4.5.6", "10.1.2.3"),
        (f"{CLIENT}:4711", CLIENT),
        ("[2001:db8::9]:4711", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"),
        ("fe80::1%eth0", "fe80::1"),
        (f"::ffff:{CLIENT}", CLIENT),
        ('"[2001:db8::9]:4711"', "2001:db8::9"),
        (["192.0.2.1", CLIENT], CLIENT),
        (["192.0.2.1", f"{CLIENT}, 10.1.2.3"], CLIENT),
    ],
)  # fmt: skip
def test_the_client_is_the_rightmost_address_that_is_no_proxy(chain: str | list[str], client: str) -> None:
    assert told("127.0.0.1", **{"for": chain}).client == client
    assert told("::ffff:127.0.0.1", **{"for": chain}).client == client


@pytest.mark.parametrize(
    "nothing",
    ["", "unknown", "_hidden", "_secret-1", "a.b.c.d", "203.0.113", "203.0.113.9:port", "203.0.113.9:1:2:x",
     "[2001:db8::9", "[2001:db8::9]x", "203.0.113.999", "1" * 5000, "203.0.113.9;", "\x00", "for=203.0.113.9",
     "203.0.113.9 203.0.113.8"],
)  # fmt: skip
def test_where_a_proxy_names_no_address_it_counts_itself(nothing: str) -> None:
    """Whatever stands left of it was not written by a proxy that is trusted."""
    assert told("127.0.0.1", **{"for": nothing}).client == "127.0.0.1"
    assert told("127.0.0.1", **{"for": f"192.0.2.1, {nothing}"}).client == "127.0.0.1"
    assert told("127.0.0.1", **{"for": f"192.0.2.1, {nothing}, 10.1.2.3"}).client == "10.1.2.3"


def test_a_long_chain_of_proxies_ends_somewhere() -> None:
    chain = ", ".join(["192.0.2.1", *["10.0.0.1"] * 5000])
    assert told("127.0.0.1", **{"for": chain}).client == "10.0.0.1"


@pytest.mark.parametrize(
    ("chain", "proto", "scheme"),
    [
        (CLIENT, "https", "https"),
        (CLIENT, "HTTPS", "https"),
        (CLIENT, "http", "http"),
        (CLIENT, "https, http", "http"),
        (f"{CLIENT}, 10.1.2.3", "https, http", "https"),
        (f"192.0.2.1, {CLIENT}, 10.1.2.3", "http, https, http", "https"),
        (f"{CLIENT}, 10.1.2.3", "https", "https"),
        (CLIENT, ["https", "http"], "http"),
        (CLIENT, "javascript", None),
        (CLIENT, "", None),
        (CLIENT, "wss", None),
        ("", "https", "https"),
        ([], "https", "https"),
    ],
)
def test_the_scheme_is_what_the_proxy_says_that_names_the_client(
    chain: str | list[str], proto: str | list[str], scheme: str | None
) -> None:
    assert told("127.0.0.1", **{"for": chain, "proto": proto}).scheme == scheme


@pytest.mark.parametrize(
    ("host", "counts"),
    [
        ("tv.example.org", "tv.example.org"),
        ("tv.example.org:8443", "tv.example.org:8443"),
        ("[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("evil.example, tv.example.org", "tv.example.org"),
        (["evil.example", "tv.example.org"], "tv.example.org"),
        ("", None),
        ("tv.example.org/path", None),
        ("user@tv.example.org", None),
        ("tv.example.org\r\nX: y", None),
        ("tv.example.org:80x", None),
        ("a" * 300, None),
        ("t\xe4st", None),
    ],
)
def test_the_host_is_what_the_proxy_says_if_it_is_one(host: str | list[str], counts: str | None) -> None:
    assert told("127.0.0.1", **{"for": CLIENT, "host": host}).host == counts


@given(
    st.lists(st.text(st.characters(max_codepoint=255), max_size=60), max_size=5),
    st.sampled_from(["for", "proto", "host"]),
)
def test_what_a_client_sends_never_replaces_what_its_proxy_appends(sent: list[str], name: str) -> None:
    """The client's own fields, as a proxy passes them on, and then the proxy's own."""
    own = {"for": CLIENT, "proto": "http", "host": "tv.example.org"}
    fields = {field: [*sent, value] if field == name else value for field, value in own.items()}
    assert told("10.0.0.1", **fields) == Forwarded(CLIENT, "http", "tv.example.org")
