"""Chunk offsets lead to the same bytes when the index has moved, with 32 or 64 bits, what is in doubt is refused."""

import itertools
import re
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.leech.mp4.atoms import BadAtoms, is_told, late_after
from streamvault.leech.mp4.layout import Layout
from streamvault.leech.mp4.moov import moved
from tests.support.boxes import box, chunk_offsets, track

MOST_32 = 0xFFFF_FFFF
FTYP = box("ftyp", b"isom\0\0\2\0isommp41")


def offsets(moov: bytes) -> list[list[int]]:
    """Of each table, in order."""
    found = []
    for hit in re.finditer(rb"stco|co64", moov):
        count, code = int.from_bytes(moov[hit.end() + 4 : hit.end() + 8], "big"), "I" if hit[0] == b"stco" else "Q"
        found.append(list(struct.unpack_from(f">{count}{code}", moov, hit.end() + 8)))
    return found


def test_every_offset_moves_by_the_size_of_the_index_and_nothing_else_changes() -> None:
    front, start = len(FTYP), 5000
    moov = box("moov", box("mvhd", b"x" * 100), track(chunk_offsets([40, 900])), track(chunk_offsets([70], wide=True)))
    size = len(moov)
    new = moved(moov, front=front, start=start)
    assert len(new) == size
    assert offsets(new) == [[40 + size, 900 + size], [70 + size]]
    assert re.sub(rb"(?s)(stco|co64).{16}", b"", new) == re.sub(rb"(?s)(stco|co64).{16}", b"", moov)


def test_media_behind_the_old_index_move_by_the_growth_alone() -> None:
    moov = box("moov", track(chunk_offsets([100, 10_000])))
    new = moved(moov, front=32, start=5000)
    assert offsets(new) == [[100 + len(moov), 10_000]]


def test_offsets_that_become_too_large_get_64_bits_by_which_others_may_become_so() -> None:
    """The second table fits until the first one has grown."""
    start = MOST_32 + 10**6
    size = len(box("moov", track(chunk_offsets([0, 0])), track(chunk_offsets([0]))))
    near = box("moov", track(chunk_offsets([40, MOST_32 - 10])), track(chunk_offsets([MOST_32 - size])))
    grown = moved(near, front=32, start=start)
    assert len(grown) == size + 8 + 4
    assert offsets(grown) == [[40 + len(grown), MOST_32 - 10 + len(grown)], [MOST_32 - size + len(grown)]]
    assert [hit[0] for hit in re.finditer(rb"stco|co64", grown)] == [b"co64", b"co64"]
    just = box("moov", track(chunk_offsets([40, MOST_32 - size])))
    assert offsets(moved(just, front=32, start=start)) == [[40 + len(just), MOST_32 - size + len(just)]]


def test_sizes_of_64_bits_in_the_index_stay_so() -> None:
    inner = track(chunk_offsets([100]))
    moov = box("moov", inner, large=True)
    new = moved(moov, front=0, start=900)
    assert len(new) == len(moov)
    assert new[:16] == moov[:16]
    assert offsets(new) == [[100 + len(moov)]]


@given(
    st.integers(0, 64), st.lists(st.lists(st.integers(0, 2**33), max_size=5), min_size=1, max_size=4), st.integers(0, 3)
)
def test_each_offset_leads_to_the_byte_that_it_led_to(front: int, tables: list[list[int]], behind: int) -> None:
    tables = [[front + offset for offset in table] for table in tables]
    start = max([front + 1, *(offset + 1 for table in tables for offset in table)])
    moov = box("moov", *(track(chunk_offsets(one, wide=any(o > MOST_32 for o in one))) for one in tables))
    end = start + len(moov)
    new = moved(moov, front=front, start=start)
    layout = Layout(front, start, len(moov), end + behind, new)
    assert layout.size == end + behind - len(moov) + len(new)
    for before, after in zip(itertools.chain(*tables), itertools.chain(*offsets(new)), strict=True):
        [there] = [one for one in layout.stretches() if one.start <= after < one.end]
        assert there.data is None
        assert there.source + after - there.start == before


def hostile() -> Iterator[tuple[str, bytes]]:
    good = track(chunk_offsets([40]))
    yield "no size in a box of its own", box("moov", good, b"\0\0\0\0free")
    yield "size below its header", box("moov", good, b"\0\0\0\4free")
    yield "box larger than what it is in", box("moov", struct.pack(">I4s", 500, b"trak"))
    yield "cut off in a header", box("moov", good, b"\0\0\0")
    yield "cut off in a header of 64 bits", box("moov", good, struct.pack(">I4s", 1, b"free"))
    yield "size of 64 bits beyond all", box("moov", struct.pack(">I4sQ", 1, b"trak", 2**64 - 1))
    yield "more offsets than there are", box("moov", track(box("stco", struct.pack(">III", 0, 2**32 - 1, 40))))
    yield "a table without a count", box("moov", track(box("stco", b"\0\0")))
    yield "offsets into the index", box("moov", track(chunk_offsets([5001])))
    yield "compressed", box("moov", box("cmov", b"x"))
    yield "in fragments", box("moov", good, box("mvex", b""))
    yield "encrypted", box("moov", track(chunk_offsets([40]), extra=box("saio", b"x")))
    yield "items", box("moov", good, box("meta", b"\0\0\0\0", box("iloc", b"x")))
    yield "media elsewhere", box("moov", track(chunk_offsets([40]), own=False))
    yield "too many boxes", box("moov", good, box("free") * 30_000)


@pytest.mark.parametrize("moov", [pytest.param(moov, id=name) for name, moov in hostile()])
def test_an_index_in_doubt_is_refused(moov: bytes) -> None:
    with pytest.raises(BadAtoms):
        moved(moov, front=32, start=5000)


def test_boxes_in_boxes_in_boxes_end_nothing() -> None:
    deep = b""
    for _ in range(5000):
        deep = box("trak", box("moov", deep))
    moov = box("moov", track(chunk_offsets([40])), deep)
    assert offsets(moved(moov, front=32, start=10**6)) == [[40 + len(moov)]]


@given(st.binary(max_size=300), st.integers(0, 40))
def test_no_bytes_break_it(data: bytes, at: int) -> None:
    whole = box("moov", track(chunk_offsets([40, 50])), data)
    broken = whole[: at * 4] + data + whole[at * 4 :]
    for moov in (whole, broken, data):
        try:
            new = moved(moov, front=32, start=5000)
        except BadAtoms:
            continue
        assert len(new) == len(moov)


MDAT = box("mdat", bytes(1000))
LARGE = struct.pack(">I4sQ", 1, b"mdat", 2**40)


@pytest.mark.parametrize(
    ("head", "size", "late"),
    [
        (FTYP + MDAT, 5000, (len(FTYP), len(FTYP) + 1008)),
        (FTYP + box("free", b"x" * 50) + MDAT, 5000, (len(FTYP), len(FTYP) + 58 + 1008)),
        (box("wide") + MDAT, 5000, (0, 1016)),
        (FTYP + LARGE, 2**41, (len(FTYP), len(FTYP) + 2**40)),
        (FTYP + box("moov", b"x") + MDAT, 5000, None),
        (FTYP + box("sidx", b"x") + MDAT, 5000, None),
        (FTYP + MDAT, len(FTYP) + 1008, None),
        (FTYP + b"\0\0\0\0mdat", 5000, None),
        (FTYP, len(FTYP), None),
    ],
)
def test_an_index_that_comes_late_is_told_by_the_first_boxes(
    head: bytes, size: int, late: tuple[int, int] | None
) -> None:
    assert is_told(head, size)
    assert late_after(head, size) == late


def test_more_of_the_beginning_is_wanted_until_it_tells() -> None:
    assert not is_told(FTYP, 5000)
    assert not is_told(FTYP + MDAT[:7], 5000)
    assert not is_told(FTYP + LARGE[:15], 2**41)
    for bad in (b"\0\0\0\3ftyp", FTYP + struct.pack(">I4s", 6000, b"mdat")):
        with pytest.raises(BadAtoms):
            late_after(bad, 5000)
