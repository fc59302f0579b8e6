"""Whose account a request is on."""

import pytest

from streamvault.http.viewers import viewer_of


def scope(address: str, token: str = "") -> dict[str, object]:
    fields = [(b"authorization", f"Bearer {token}".encode())] if token else []
    return {"type": "http", "client": (address, 1), "query_string": b"", "headers": fields}


@pytest.mark.parametrize("public", [True, False])
def test_viewers_differ_by_address_and_by_a_token_that_was_checked(public: bool) -> None:
    """8: with PUBLIC_ACCESS an invented token makes nobody another viewer."""
    one = viewer_of(scope("203.0.113.9", "a"), public=public)
    assert viewer_of(scope("203.0.113.9", "a"), public=public) == one
    assert viewer_of(scope("203.0.113.10", "a"), public=public) != one
    assert (viewer_of(scope("203.0.113.9", "b"), public=public) == one) is public
    assert viewer_of(scope("2001:db8::1"), public=public) == viewer_of(scope("2001:db8::2"), public=public)
