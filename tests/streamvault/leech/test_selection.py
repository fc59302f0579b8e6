"""The numbers of entries that people write."""

import pytest

from streamvault.leech.selection import MOST, read_numbers


def test_numbers_are_read() -> None:
    for text, numbers in {
        "1": (1,),
        "3,1-2": (1, 2, 3),
        " 2 , 2-2 ": (2,),
        f"1-{MOST}": tuple(range(1, MOST + 1)),
    }.items():
        assert read_numbers(text) == numbers


def test_other_texts_are_refused() -> None:
    for text in ("", "0", "0-3", "3-1", "a", "1,", "-1", "1-2-3", "1:3", "١", "99999999", f"1-{MOST + 1}", "1-9999999"):
        with pytest.raises(ValueError, match=r"write the numbers|at most"):
            read_numbers(text)
