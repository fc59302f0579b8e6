"""File layouts: a file cut anywhere is one sequence of cells."""

from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.byterange import ByteRange
from streamvault.media.cells import CELL
from streamvault.media.chunks import is_legal
from streamvault.media.layout import CellPosition, FileLayout
from streamvault.media.model import FileKey, MediaFile, Part
from tests.support.files import media_file
from tests.support.sources import pattern


def whole(sizes: list[int]) -> MediaFile:
    """A file that was cut into pieces of these sizes, each in a message of its own."""
    parts = tuple(
        Part(FileKey(f"piece {i}"), media_file(10 + i).origin, 2, f"film.{i:03}", size) for i, size in enumerate(sizes)
    )
    return media_file(10, size=sum(sizes), parts=parts)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[list[int], ByteRange]:
    sizes = draw(st.lists(st.integers(1, 3 * CELL) | st.just(CELL) | st.integers(1, 9), min_size=2, max_size=12))
    start = draw(st.integers(0, sum(sizes)))
    return sizes, ByteRange(start, draw(st.integers(start, sum(sizes))))


@given(cuts())
def test_any_range_is_a_slice_of_its_cells(cut: tuple[list[int], ByteRange]) -> None:
    sizes, wanted = cut
    data = pattern(0, sum(sizes))
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    pieces = [data[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    layout = FileLayout(whole(sizes))
    cells = layout.cells(wanted)
    row = b""
    for piece, run in layout.runs(cells):
        assert is_legal(run.offset, run.limit)
        assert run.offset < sizes[piece]
        row += pieces[piece][run.offset : run.offset + run.limit]
    if wanted.length:
        skipped = wanted.start - layout.start(cells.start)
        assert 0 <= skipped < CELL
        assert row[skipped : skipped + wanted.length] == data[wanted.start : wanted.stop]
        assert 0 <= len(row) - skipped - wanted.length < CELL
    else:
        assert row == b""


@given(cuts())
def test_cells_and_offsets_agree(cut: tuple[list[int], ByteRange]) -> None:
    sizes, _ = cut
    layout = FileLayout(whole(sizes))
    count = sum(-(-size // CELL) for size in sizes)
    starts = [layout.start(cell) for cell in range(count)]
    assert starts == sorted(set(starts))
    assert [layout.cell_at(start) for start in starts] == list(range(count))
    assert layout.cell_at(sum(sizes) - 1) == count - 1
    positions = [layout.position(cell) for cell in range(count)]
    assert [(position.piece, position.cell) for position in positions] == [
        (piece, cell) for piece, size in enumerate(sizes) for cell in range(-(-size // CELL))
    ]
    assert all(position.cell + position.left == -(-sizes[position.piece] // CELL) for position in positions)


def test_a_file_that_was_never_cut_is_one_piece() -> None:
    layout = FileLayout(media_file(size=3 * CELL + 1))
    assert layout.cells(ByteRange(0, 3 * CELL + 1)) == range(4)
    assert layout.position(2) == CellPosition(0, 2, 2)
    assert layout.start(3) == 3 * CELL


def test_an_empty_file_has_no_cells() -> None:
    layout = FileLayout(media_file(size=0))
    assert layout.cells(ByteRange(0, 0)) == range(0)
    assert layout.cell_at(0) == 0
    assert list(layout.runs(range(0))) == []
