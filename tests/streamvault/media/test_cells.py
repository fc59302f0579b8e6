"""Cells and runs: every run is a legal request, and together they cover exactly what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL, PER_WINDOW, Run, cells_of, runs
from streamvault.media.chunks import is_legal


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
    touched = {*range(start, start + length, CELL), start + length - 1} if length else set()
    assert list(cells) == sorted({offset // CELL for offset in touched})


def test_a_whole_window_is_one_run() -> None:
    assert list(runs(range(8, 16))) == [Run(8, 8)]


def test_a_run_ends_at_the_edge_of_its_window() -> None:
    assert list(runs(range(6, 10))) == [Run(6, 2), Run(8, 2)]
