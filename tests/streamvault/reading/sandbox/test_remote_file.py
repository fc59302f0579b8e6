"""The file as a job sees it: one that is fetched in few requests, within limits."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.reading.sandbox import remote_file
from streamvault.reading.sandbox.model import ReadLimit
from streamvault.reading.sandbox.protocol import CellRequest
from streamvault.reading.sandbox.remote_file import RemoteFile
from tests.support.sources import pattern

MOST = 64


class Parent:
    """Answers as exchange.py does, and records the requests."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked: list[CellRequest] = []

    def __call__(self, asking: CellRequest) -> bytes:
        assert 0 < asking.count <= PER_WINDOW
        assert asking.first % PER_WINDOW + asking.count <= PER_WINDOW
        assert (asking.first + asking.count - 1) * CELL < self.size
        self.asked.append(asking)
        return pattern(asking.first * CELL, min(self.size, (asking.first + asking.count) * CELL))

    @property
    def cells(self) -> list[int]:
        return [cell for one in self.asked for cell in range(one.first, one.first + one.count)]


@given(
    size=st.integers(0, 40 * CELL),
    steps=st.lists(st.tuples(st.sampled_from([None, 0, 1, 2]), st.integers(-3 * CELL, 42 * CELL)), max_size=30),
)
def test_it_reads_like_a_regular_file(size: int, steps: list[tuple[int | None, int]]) -> None:
    parent, model = Parent(size), io.BytesIO(pattern(0, size))
    file = RemoteFile(parent, size, most=MOST)
    for whence, number in steps:
        if whence is None:
            piece = file.read(abs(number))
            assert model.read(len(piece)) == piece
            assert piece or not model.read(abs(number))
        else:
            offset = number if whence else abs(number)
            base = {0: 0, 1: model.tell(), 2: size}[whence]
            assert file.seek(offset, whence) == model.seek(max(0, base + offset))
        assert file.tell() == model.tell()
    assert len(parent.cells) == len(set(parent.cells))


def test_sequential_reads_request_more_at_a_time() -> None:
    parent = Parent(40 * CELL)
    file = RemoteFile(parent, parent.size, most=MOST)
    while file.tell() < 24 * CELL:
        file.read(32_768)
    assert len(parent.asked) <= 6
    assert sorted(parent.cells) == list(range(24))


def test_beyond_the_cell_limit_it_does_not_look_like_the_end_of_the_file() -> None:
    parent = Parent(1000 * CELL)
    file = RemoteFile(parent, parent.size, most=10)
    for _ in range(10):
        assert len(file.read(CELL)) == CELL
    for position in (10 * CELL, 500 * CELL, 999 * CELL + 1):
        file.seek(position)
        with pytest.raises(ReadLimit):
            file.read(1)
    file.seek(0)
    assert file.read(10) == pattern(0, 10)
    file.seek(parent.size)
    assert file.read(10) == b""
    assert len(parent.cells) == 10


def test_it_may_behave_as_at_the_end_beyond_the_cell_limit() -> None:
    parent = Parent(1000 * CELL)
    file = RemoteFile(parent, parent.size, most=10, ends=True)
    read = 0
    while piece := file.read(CELL):
        read += len(piece)
    assert read == 10 * CELL
    assert file.seek(500 * CELL) == 500 * CELL
    assert file.read(10) == b""
    assert file.seek(0) == 0
    assert file.read(10) == pattern(0, 10)
    file.most = 11
    file.seek(500 * CELL)
    assert file.read(10) == pattern(500 * CELL, 500 * CELL + 10)
    assert len(parent.cells) == 11


def test_few_cells_are_kept_and_the_others_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_file, "KEPT", 10)
    parent = Parent(40 * CELL)
    file = RemoteFile(parent, parent.size, most=60, ends=True)
    while file.tell() < parent.size:
        file.seek(CELL // 2)
        assert file.read(10) == pattern(CELL // 2, CELL // 2 + 10)
        at = max(parent.cells) * CELL + CELL
        file.seek(at)
        assert file.read(2 * CELL) == pattern(at, min(at + CELL, parent.size))
        assert len(file._cells) <= 10
    assert parent.cells.count(0) == 1  # it is read all the time
    before = len(parent.cells)
    file.seek(2 * CELL)
    assert file.read(5) == pattern(2 * CELL, 2 * CELL + 5)
    assert parent.cells[before:] == [2]
    while file.tell() < parent.size and file.read(CELL):
        pass
    assert len(parent.cells) == 60  # what was fetched again counts


def test_a_read_of_everything_and_of_nothing() -> None:
    file = RemoteFile(Parent(10), 10, most=MOST)
    assert file.read() == pattern(0, 10)
    assert file.read() == b""
    assert file.seek(-4, os.SEEK_END) == 6
    assert file.read(0) == b""
    with pytest.raises(KeyError):
        file.seek(0, 9)
