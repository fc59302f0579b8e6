"""Which coding a request gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.http.encodings import PREFERRED, chosen_encoding

ALL = frozenset(PREFERRED)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, "identity"),
        ("", "identity"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("br;q=0.5, gzip;q=0.5", "br"),
        ("br;q=0, *", "gzip"),
        ("*;q=0.1, identity;q=0.9", "identity"),
        ("identity;q=0.5, gzip;q=0.4", "identity"),
        ("gzip;q=0.001", "gzip"),
        ("deflate", "identity"),
        ("br;q=0, gzip;q=0", "identity"),
        ("br;q=0, gzip;q=0, identity;q=0", None),
        ("*;q=0", None),
        ("identity;q=0", None),
        ("*;q=0, gzip", "gzip"),
        ("*;q=0, identity;q=0.1", "identity"),
        ("gzip;q=2, br;q=x", "identity"),
        ("gzip;q=1.000 , br ; q=0.9", "gzip"),
        ("gzip ;Q=0", "identity"),
        (",,gzip,,", "gzip"),
        ("br\x00, gzip", "gzip"),
    ],
)
def test_what_a_request_gets(accepted: str | None, chosen: str | None) -> None:
    assert chosen_encoding(accepted, ALL) == chosen


def test_only_what_is_there_is_chosen() -> None:
    assert chosen_encoding("br, gzip", {"gzip", "identity"}) == "gzip"
    assert chosen_encoding("br, gzip", {"identity"}) == "identity"
    assert chosen_encoding("br, gzip, identity;q=0", {"identity"}) is None


@given(st.none() | st.text(max_size=80), st.sets(st.sampled_from(PREFERRED)))
def test_any_field_gets_something_that_is_there_or_nothing(accepted: str | None, there: set[str]) -> None:
    chosen = chosen_encoding(accepted, there)
    assert chosen is None or chosen in there
