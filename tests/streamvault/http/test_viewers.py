"""Whose account a request is on."""

import pytest

from streamvault.access.identity import NOBODY, PUBLIC, Identity
from streamvault.http.viewers import viewer_of


def scope(address: str, token: str = "", *, identity: Identity = NOBODY) -> dict[str, object]:
    fields = [(b"authorization", f"Bearer {token}".encode())] if token else []
    state = {"identity": identity}
    return {"type": "http", "client": (address, 1), "query_string": b"", "headers": fields, "state": state}


@pytest.mark.parametrize("public", [True, False])
def test_viewers_differ_by_address_and_by_a_token_that_was_checked(public: bool) -> None:
    """8: with PUBLIC_ACCESS an invented token makes nobody another viewer."""
    who = PUBLIC if public else Identity("guest", via="signed")
    one = viewer_of(scope("203.0.113.9", "a", identity=who))
    assert viewer_of(scope("203.0.113.9", "a", identity=who)) == one
    assert viewer_of(scope("203.0.113.10", "a", identity=who)) != one
    assert (viewer_of(scope("203.0.113.9", "b", identity=who)) == one) is public
    assert viewer_of(scope("2001:db8::1", identity=who)) == viewer_of(scope("2001:db8::2", identity=who))


def test_the_tokens_of_one_link_are_one_viewer() -> None:
    """Each list gives other tokens for the same file."""
    who = Identity("guest", via="link", credential="00ab")
    assert viewer_of(scope("203.0.113.9", "a", identity=who)) == viewer_of(scope("203.0.113.9", "b", identity=who))
