"""Cells and runs: every run is a legal request, and together they cover exactly the requested cells."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL, PER_WINDOW, Run, cells_of, runs
from streamvault.media.chunks import is_legal

MIB = 1 << 20


@given(st.sets(st.integers(0, 100)), st.integers(1, PER_WINDOW))
def test_runs_are_legal_and_cover_the_cells_exactly(cells: set[int], longest: int) -> None:
    found = list(runs(sorted(cells), longest=longest))
    assert [cell for run in found for cell in run.cells] == sorted(cells)
    for run in found:
        assert run.count <= longest
        assert is_legal(run.offset, run.limit)


@given(st.integers(0, 10 * CELL), st.integers(0, 10 * CELL))
def test_the_cells_of_a_range_hold_its_first_and_last_byte_and_no_cell_more(start: int, length: int) -> None:
    cells = cells_of(ByteRange(start, start + length))
    offsets = {*range(start, start + length, CELL), start + length - 1} if length else set()
    assert list(cells) == sorted({offset // CELL for offset in offsets})


def test_a_whole_window_is_one_run() -> None:
    assert list(runs(range(8, 16))) == [Run(8, 8)]


def test_a_run_ends_at_the_edge_of_its_window() -> None:
    assert list(runs(range(6, 10))) == [Run(6, 2), Run(8, 2)]


@st.composite
def ranges(draw: st.DrawFn) -> ByteRange:
    near_edges = st.builds(lambda n, d: max(0, n * MIB + d), st.integers(0, 4096), st.integers(-2, 2))
    start = draw(st.one_of(st.integers(0, 2**42), near_edges))
    length = draw(st.one_of(st.integers(0, 40 * MIB), st.sampled_from([0, 1, MIB - 1, MIB, MIB + 1])))
    return ByteRange(start, start + length)


@given(ranges(), st.integers(1, PER_WINDOW))
def test_the_runs_of_any_range_tile_it_with_less_than_a_cell_to_spare(byte_range: ByteRange, longest: int) -> None:
    found = list(runs(cells_of(byte_range), longest=longest))
    assert all(is_legal(run.offset, run.limit) for run in found)
    assert all(one.offset + one.limit == other.offset for one, other in pairwise(found))
    if byte_range.length:
        assert 0 <= byte_range.start - found[0].offset < CELL
        assert 0 <= found[-1].offset + found[-1].limit - byte_range.stop < CELL
    else:
        assert found == []


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 1, [Run(0, 1)]),  # `ceil(end / C) - floor(offset / C)` makes it none
        (0, MIB, [Run(0, 8)]),
        (0, 2 * MIB, [Run(0, 8), Run(8, 8)]),  # an end on a multiple of 1 MiB needs nothing beyond
        (MIB, MIB + 1, [Run(8, 1)]),  # the window before it is not needed
        (MIB - 1, MIB + 1, [Run(7, 1), Run(8, 1)]),
        (2_999_999_999, 3_000_000_000, [Run(2_999_999_999 // CELL, 1)]),
        (5, 5, []),
        (MIB, MIB, []),
    ],
)
def test_ranges_at_the_edges_of_cells_and_windows(start: int, stop: int, expected: list[Run]) -> None:
    assert list(runs(cells_of(ByteRange(start, stop)))) == expected
