"""What is computed from a message: the natural order of names, and which message stands in front."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.derived import LONGEST_KEY, name_key

PIECES = ("0", "00", "1", "2", "9", "10", "99", "1" * 9, "2" * 12, "a", "b", " ", ".", "~", "٣", "é")
NAMES = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


def place(name: str) -> list[tuple[int, int]]:
    """Where a name belongs: each character by its code, each number by its value where the digits are."""
    parts = re.findall(r"\d+|\D", name.replace("é", "e"))
    return [(ord("0"), int(part)) if part.isdecimal() else (ord(part), 0) for part in parts]


@given(one=NAMES, other=NAMES)
def test_keys_order_names_by_the_values_of_their_numbers(one: str, other: str) -> None:
    assert (name_key(one) < name_key(other)) == (place(one) < place(other))


def test_a_key_is_bounded() -> None:
    for name in ("7" * 5_000, "é" * 5_000, "ﷺ" * 500, "1 " * 5_000):
        assert len(name_key(name)) == LONGEST_KEY


@pytest.mark.parametrize("digits", [8, 9, 99, 100, 150])
def test_a_number_with_more_digits_is_larger(digits: int) -> None:
    assert name_key("9" * digits) < name_key("1" + "0" * digits)
