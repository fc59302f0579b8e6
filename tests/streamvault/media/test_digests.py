"""Checking chunks against digests, and widening requests for it."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.chunks import ALIGNMENT, WINDOW, is_legal
from streamvault.media.digests import HASHED, Digest, differs, reach, widened

DATA = bytes(range(256)) * 4


def digest(start: int, stop: int, *, of: bytes = DATA) -> Digest:
    return Digest(start, stop, hashlib.sha256(of[start:stop]).digest())


@given(st.integers(0, 2**14), st.sampled_from([2**power for power in range(12, 21)]))
def test_a_request_is_widened_to_whole_ranges_and_stays_legal(place: int, limit: int) -> None:
    offset = place * ALIGNMENT
    if not is_legal(offset, limit):
        return
    start, size = widened(offset, limit)
    assert is_legal(start, size)
    assert start <= offset
    assert offset + limit <= start + size
    assert start % HASHED == size % HASHED == 0
    assert start // WINDOW == offset // WINDOW


@given(st.integers(0, 50), st.integers(0, 3))
def test_a_request_for_whole_ranges_is_left_as_it_is(place: int, power: int) -> None:
    offset, limit = place * HASHED, HASHED << power
    if is_legal(offset, limit):
        assert widened(offset, limit) == (offset, limit)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12))), st.integers(0, 40), st.integers(0, 20))
def test_reach_is_where_the_first_uncovered_byte_is(ranges: list[tuple[int, int]], start: int, length: int) -> None:
    stop = start + length
    covered = {byte for first, size in ranges for byte in range(first, first + size)}
    by_the_book = next((byte for byte in range(start, stop) if byte not in covered), stop)
    assert reach([Digest(first, first + size, b"") for first, size in ranges], start, stop) == by_the_book


@pytest.mark.parametrize("at", [0, 255, 256, 511], ids=lambda at: f"byte-{at}")
def test_one_wrong_byte_is_detected(at: int) -> None:
    data = bytearray(DATA[256:768])
    digests = [digest(256, 512), digest(512, 768)]
    assert not differs(bytes(data), 256, digests)
    data[at] ^= 1
    assert differs(bytes(data), 256, digests)


def test_a_digest_of_more_than_the_data_is_skipped() -> None:
    wrong = bytes(256)
    for said in (digest(0, 300), digest(500, 600), digest(0, 1024)):
        assert not differs(wrong, 256, [said])
    assert not differs(wrong, 256, [])
    assert differs(wrong, 256, [digest(256, 512)])
