"""Which upload.getFile requests Telegram accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.chunks import is_legal

MIB = 1024 * 1024
chunk_sizes = st.sampled_from([2**power for power in range(12, 21)])
"""Every divisor of 1 MiB that is a multiple of 4096."""


def legal_by_the_book(offset: int, limit: int) -> bool:
    """upload.getFile without `precise`, rule by rule as Telegram's documentation has them."""
    return (
        limit > 0
        and offset >= 0
        and offset % 4096 == 0
        and limit % 4096 == 0
        and 1_048_576 % limit == 0
        and offset // 1_048_576 == (offset + limit - 1) // 1_048_576
    )


@given(st.integers(-5, 2**24), st.integers(-5, 2**21))
def test_is_legal_follows_the_documentation(offset: int, limit: int) -> None:
    assert is_legal(offset, limit) == legal_by_the_book(offset, limit)


@given(st.integers(0, 600), chunk_sizes)
def test_is_legal_follows_the_documentation_near_the_alignment(blocks: int, limit: int) -> None:
    assert is_legal(blocks * 4096, limit) == legal_by_the_book(blocks * 4096, limit)


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [
        (1024, 1024, True),
        (1024, 3072, True),
        (512, 1024, False),
        (0, 1000, False),
        (0, MIB, True),
        (0, MIB + 1024, False),
        (MIB - 1024, 2048, False),
        (0, 0, False),
        (-1024, 1024, False),
    ],
)
def test_precise_requests(offset: int, limit: int, *, expected: bool) -> None:
    assert is_legal(offset, limit, precise=True) is expected
