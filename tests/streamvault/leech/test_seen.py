"""The beginning and the end of what passes by are kept, within bounds; the rest is asked for where that is possible."""

import random

import pytest

from streamvault.errors import SourceFailed
from streamvault.leech.appearance import is_looked_into
from streamvault.leech.seen import KEPT, REREAD, SeenSource
from streamvault.leech.sources.base import Checkpoint
from streamvault.leech.sources.magic import LOOKED_AT
from tests.support.ranged_source import RangedSource

MIB = 1 << 20
WEBM = b"\x1a\x45\xdf\xa3" + bytes(20) + b"webm"


def film(size: int) -> bytes:
    return WEBM + random.Random(size).randbytes(size - len(WEBM))


async def passed(seen: SeenSource, checkpoint: Checkpoint | None = None) -> bytes:
    async with seen.open(checkpoint) as opened:
        return b"".join([block async for block in opened.blocks])


@pytest.mark.parametrize("size", [500, LOOKED_AT, KEPT, 2 * KEPT, 2 * KEPT + 77, 20 * MIB])
async def test_both_ends_of_a_film_can_be_read_without_its_source(size: int) -> None:
    old = RangedSource(film(size), resumable=False, block=70_001)
    seen = SeenSource(old, is_looked_into)
    assert await passed(seen) == old.data
    for start, end in seen.spans():
        assert await seen.read(start, end) == old.data[start:end]
        assert end - start <= KEPT + old.block
    assert (await seen.read_head(size))[:LOOKED_AT] == old.data[:LOOKED_AT]
    assert seen.spans()[0] == (0, min(size, KEPT))
    assert seen.spans()[-1][1] == size
    assert old.asked == [0]
    if size > 2 * KEPT + old.block:
        with pytest.raises(SourceFailed):
            await seen.read(size // 2, size // 2 + 10)


async def test_what_is_missing_is_asked_for_by_a_range() -> None:
    old = RangedSource(film(20 * MIB))
    seen = SeenSource(old, is_looked_into)
    await passed(seen)
    assert await seen.read(9 * MIB, 10 * MIB) == old.data[9 * MIB : 10 * MIB]
    assert old.asked == [0, 9 * MIB]


async def test_of_other_files_hardly_anything_is_kept_and_their_source_is_not_asked_again() -> None:
    old = RangedSource(random.Random(3).randbytes(5 * MIB))
    seen = SeenSource(old, is_looked_into)
    await passed(seen)
    assert await seen.read_head(5 * MIB) == old.data[:LOOKED_AT]
    assert sum(end - start for start, end in seen.spans()) == LOOKED_AT
    assert old.asked == [0]


@pytest.mark.parametrize("resumable", [True, False])
async def test_the_beginning_that_another_worker_transferred_is_read_again(resumable: bool) -> None:
    old = RangedSource(film(20 * MIB), resumable=resumable)
    seen = SeenSource(old, is_looked_into)
    checkpoint = Checkpoint(old.described, 4 * MIB)
    assert await passed(seen, checkpoint) == old.data[4 * MIB :]
    assert [end for _, end in seen.spans()] == [20 * MIB]
    wanted = REREAD if resumable else KEPT
    assert await seen.read_head(20 * MIB) == old.data[:wanted]
    assert seen.spans()[0] == (0, wanted)
    assert old.asked == [4 * MIB, 0]


async def test_a_transfer_that_begins_anew_forgets_what_was_seen() -> None:
    old = RangedSource(film(3 * MIB))
    seen = SeenSource(old, is_looked_into)
    await passed(seen)
    old.data = film(2 * MIB)
    await passed(seen)
    assert seen.head == old.data
    assert seen.spans() == [(0, 2 * MIB), (0, 2 * MIB)]
