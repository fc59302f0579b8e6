"""Requests for upload.getFile: they tile any range exactly, and Telegram takes every one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.byterange import ByteRange
from streamvault.media.chunks import WINDOW, Chunk, is_legal, plan

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


@st.composite
def ranges(draw: st.DrawFn) -> ByteRange:
    near_edges = st.builds(lambda n, d: max(0, n * MIB + d), st.integers(0, 4096), st.integers(-2, 2))
    start = draw(st.one_of(st.integers(0, 2**42), near_edges))
    length = draw(st.one_of(st.integers(0, 40 * MIB), st.sampled_from([0, 1, MIB - 1, MIB, MIB + 1])))
    return ByteRange(start, start + length)


@given(ranges(), chunk_sizes)
def test_chunks_tile_the_range(byte_range: ByteRange, chunk_size: int) -> None:
    position = byte_range.start
    for chunk in plan(byte_range, chunk_size=max(chunk_size, 2**16)):
        assert chunk.offset + chunk.skip == position
        assert 0 <= chunk.skip < chunk.limit
        assert 0 < chunk.take <= chunk.limit - chunk.skip
        position += chunk.take
    assert position == byte_range.stop


@given(ranges(), chunk_sizes)
def test_every_request_is_legal(byte_range: ByteRange, chunk_size: int) -> None:
    for chunk in plan(byte_range, chunk_size=max(chunk_size, 2**16)):
        assert legal_by_the_book(chunk.offset, chunk.limit)


@given(st.integers(-5, 2**24), st.integers(-5, 2**21))
def test_is_legal_follows_the_book(offset: int, limit: int) -> None:
    assert is_legal(offset, limit) == legal_by_the_book(offset, limit)


@given(st.integers(0, 600), chunk_sizes)
def test_is_legal_follows_the_book_near_the_grid(blocks: int, limit: int) -> None:
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


def test_bytes_0_0_is_one_chunk() -> None:
    """`ceil(end / C) - floor(offset / C)` makes it none."""
    assert list(plan(ByteRange(0, 1))) == [Chunk(0, MIB, skip=0, take=1)]


@pytest.mark.parametrize("mebibytes", [1, 2, 3])
def test_an_end_on_a_multiple_of_1_mib_needs_no_chunk_beyond(mebibytes: int) -> None:
    chunks = list(plan(ByteRange(0, mebibytes * MIB)))
    assert [chunk.offset for chunk in chunks] == [n * MIB for n in range(mebibytes)]
    assert all(chunk.take == MIB for chunk in chunks)


def test_the_first_byte_of_a_window_is_one_whole_other_chunk() -> None:
    """`bytes=1048576-1048576`, where peers ask for the window before it, too."""
    assert list(plan(ByteRange(MIB, MIB + 1))) == [Chunk(MIB, MIB, skip=0, take=1)]


def test_both_sides_of_an_edge_are_two_chunks() -> None:
    chunks = list(plan(ByteRange(MIB - 1, MIB + 1)))
    assert chunks == [Chunk(0, MIB, skip=MIB - 1, take=1), Chunk(MIB, MIB, skip=0, take=1)]


def test_a_suffix_of_one_byte_takes_the_last_of_the_last_chunk() -> None:
    size = 3_000_000_000
    (chunk,) = plan(ByteRange(size - 1, size))
    assert chunk.offset + chunk.skip == size - 1
    assert chunk.expected(size) == size - chunk.offset == chunk.skip + 1


def test_the_last_limit_stays_legal_beyond_the_end() -> None:
    size = MIB + 1
    *_, last = plan(ByteRange(0, size))
    assert is_legal(last.offset, last.limit)
    assert (last.limit, last.expected(size)) == (WINDOW, 1)


def test_an_empty_range_needs_nothing() -> None:
    assert list(plan(ByteRange(5, 5))) == []
    assert list(plan(ByteRange(MIB, MIB))) == []


@pytest.mark.parametrize("chunk_size", [0, -4096, 1000, 3 * 4096, 2 * MIB])
def test_an_illegal_chunk_size_is_refused_at_once(chunk_size: int) -> None:
    with pytest.raises(ValueError, match="not a legal limit"):
        plan(ByteRange(0, 1), chunk_size=chunk_size)


def test_a_plan_costs_nothing_before_it_is_used() -> None:
    assert next(plan(ByteRange(0, 2**62))) == Chunk(0, MIB, skip=0, take=MIB)
