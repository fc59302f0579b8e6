"""DiskCells with damaged segments: only bytes that were put are served, and the space is reused."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from streamvault.media.cells import CELL
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.segment import HEAD
from tests.contracts.cell_store import CAPACITY, share_of
from tests.support.cells import FILM, OnDisk, content, segments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cells"


async def fill(cells: DiskCells, numbers: range) -> None:
    for cell in numbers:
        cells.put(FILM, cell, content(FILM, cell), edge=False)
    await cells.settled()


async def test_the_first_read_verifies_and_later_ones_do_not(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, range(2))
        assert await share_of(OnDisk(cells), FILM, range(1)) == 1
        (segment,) = segments(folder)
        with segment.open("r+b") as file:
            file.seek(HEAD)
            file.write(bytes(2 * CELL))
        assert await cells.get(FILM, 0, 1) == [bytes(CELL)]
        assert await cells.get(FILM, 1, 1) == [None]
        assert cells.broken == 1
        assert await cells.get(FILM, 0, 2) == [None, None]


async def test_a_segment_cut_off_after_it_was_verified_is_not_served_short(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, range(2))
        assert await share_of(OnDisk(cells), FILM, range(2)) == 1
        os.truncate(segments(folder)[0], HEAD + CELL + 100)
        assert await cells.get(FILM, 0, 1) == [content(FILM, 0)]
        assert await cells.get(FILM, 1, 1) == [None]


Change = Callable[[bytes], bytes]


@pytest.mark.parametrize("cell", range(3))
@pytest.mark.parametrize("index", [0, 1, 4095, CELL // 2, CELL - 1])
async def test_a_flipped_bit_is_never_served(folder: Path, cell: int, index: int) -> None:
    await expect_recovery(folder, lambda raw: flip(raw, HEAD + cell * CELL + index), {cell})


@pytest.mark.parametrize("page", range(1 + 3 * CELL // 4096))
async def test_a_page_that_never_reached_the_disk_is_never_served(folder: Path, page: int) -> None:
    damaged = set(range(3)) if page == 0 else {(page - 1) * 4096 // CELL}
    await expect_recovery(folder, lambda raw: raw[: page * 4096] + bytes(4096) + raw[(page + 1) * 4096 :], damaged)


@pytest.mark.parametrize("length", [0, 1, 100, HEAD - 1, HEAD, HEAD + 1, HEAD + CELL - 1, HEAD + CELL,
                                    HEAD + CELL + 1, HEAD + 2 * CELL, HEAD + 3 * CELL - 1])  # fmt: skip
async def test_a_segment_cut_off_is_never_served_beyond_its_end(folder: Path, length: int) -> None:
    whole = (length - HEAD) // CELL
    await expect_recovery(folder, lambda raw: raw[:length], set(range(max(0, whole), 3)))


async def test_a_segment_under_the_name_of_another_is_never_served(folder: Path) -> None:
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, range(16))
    first, second = segments(folder)
    shutil.copy(first, second)
    async with DiskCells(folder, CAPACITY) as cells:
        assert await share_of(OnDisk(cells), FILM, range(16)) == 0.5


def flip(raw: bytes, index: int) -> bytes:
    return raw[:index] + bytes([raw[index] ^ 0x10]) + raw[index + 1 :]


async def expect_recovery(folder: Path, damage: Change, damaged: set[int]) -> None:
    """Of cells 0 to 2, the `damaged` are not served once the segment has been changed; and can be put again."""
    async with DiskCells(folder, CAPACITY) as cells:
        await fill(cells, range(3))
    (segment,) = segments(folder)
    segment.write_bytes(damage(segment.read_bytes()))
    async with DiskCells(folder, CAPACITY) as cells:
        for cell in sorted(range(3), key=lambda cell: cell in damaged):
            assert await cells.get(FILM, cell, 1) == [None if cell in damaged else content(FILM, cell)]
        await fill(cells, range(3))
        assert await cells.get(FILM, 0, 3) == [content(FILM, cell) for cell in range(3)]
    assert len(segments(folder)) == 1
