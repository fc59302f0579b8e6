"""Results of threads apply only to the segment they were made for, and only if nothing was written meanwhile."""

from pathlib import Path

import pytest

from streamvault.media.model import FileKey
from streamvault.reading.cache.folder import Folder
from streamvault.reading.cache.index import Index, JobTarget, LossCounts
from streamvault.reading.cache.segment import identity_of
from streamvault.reading.cache.transfer import ReadJob, ReadResult, WriteResult, read_cells, write_cells

IDENTITY = identity_of(FileKey("film"), 0) or b""
BROKEN = ReadResult([None], broken=True)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def losses() -> LossCounts:
    return LossCounts()


@pytest.fixture
def index(losses: LossCounts) -> Index:
    return Index(10 * 1024 * 1024, losses=losses)


def write(index: Index, folder: Folder, *slots: int) -> None:
    wanted = index.write(IDENTITY, dict.fromkeys(slots, b"data"), edge=False)
    assert wanted is not None
    target, job = wanted
    index.apply_write(target, write_cells(folder, job))


def reading(index: Index, slots: range = range(1)) -> tuple[JobTarget, ReadJob]:
    wanted = index.read(IDENTITY, slots)
    assert wanted is not None
    return wanted


def test_nothing_is_read_before_it_is_written(index: Index, folder: Folder) -> None:
    assert index.read(IDENTITY, range(1)) is None
    wanted = index.write(IDENTITY, {0: b"data"}, edge=False)
    assert wanted is not None
    assert index.read(IDENTITY, range(1)) is None
    index.apply_write(wanted[0], write_cells(folder, wanted[1]))
    assert index.read(IDENTITY, range(1)) is not None
    assert index.read(IDENTITY, range(1, 8)) is None


def test_a_broken_segment_is_dropped_once(index: Index, folder: Folder, losses: LossCounts) -> None:
    write(index, folder, 0)
    first, second = reading(index), reading(index)
    for target, job in (first, second):
        index.apply_read(target, job, BROKEN)
    assert (len(index), losses.broken, index.weight) == (0, 1, 0)
    assert [name.path for name in index.clear().removals] == [first[1].name.path]


def test_a_result_for_a_dropped_segment_does_not_affect_its_successor(index: Index, folder: Folder) -> None:
    write(index, folder, 0)
    early, late = reading(index), reading(index)
    right = read_cells(folder, late[1])
    index.apply_read(*early, BROKEN)
    write(index, folder, 0)
    index.apply_read(*late, BROKEN)
    index.apply_read(*late, right)
    assert len(index) == 1
    assert reading(index)[1].verified == 0


def test_a_read_that_overlaps_a_write_does_not_count_as_damage(index: Index, folder: Folder) -> None:
    write(index, folder, 0)
    before = reading(index)
    wanted = index.write(IDENTITY, {1: b"data"}, edge=False)
    assert wanted is not None
    during = reading(index)
    index.apply_read(*before, BROKEN)
    index.apply_read(*during, BROKEN)
    index.apply_write(wanted[0], write_cells(folder, wanted[1]))
    index.apply_read(*during, BROKEN)
    assert len(index) == 1
    target, job = reading(index, range(3))
    assert read_cells(folder, job).cells == [b"data", b"data", None]
    index.apply_read(target, job, BROKEN)
    assert len(index) == 0


def test_cells_that_cannot_fit_make_no_job(losses: LossCounts) -> None:
    index = Index(100_000, losses=losses)
    assert index.write(IDENTITY, {0: bytes(100_000)}, edge=True) is None
    assert (len(index), index.weight) == (0, 0)


def test_a_segment_that_could_not_be_created_is_dropped(index: Index) -> None:
    wanted = index.write(IDENTITY, {0: b"data"}, edge=False)
    assert wanted is not None
    index.apply_write(wanted[0], WriteResult(error=OSError(5, "no")))
    assert (len(index), index.weight, index.has_removals) == (0, 0, True)
