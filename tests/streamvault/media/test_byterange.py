"""Range headers against an oracle of plain slices, and malformed input."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamvault.errors import RangeNotSatisfiable
from streamvault.media.byterange import (
    MAX_RANGES,
    ByteRange,
    content_range,
    parse_range,
    unsatisfied_content_range,
)

sizes = st.one_of(st.integers(0, 40), st.integers(0, 2**42))
positions = st.one_of(st.integers(0, 50), st.integers(0, 2**43))


def outcome(header: str | None, size: int) -> tuple[ByteRange, ...] | int:
    """The ranges, 200 if the header is ignored, or 416."""
    try:
        ranges = parse_range(header, size)
    except RangeNotSatisfiable:
        return 416
    return 200 if ranges is None else ranges


def sliced(start: int | None, stop: int | None, size: int) -> tuple[ByteRange, ...] | int:
    """What Python's slices make of it; an empty slice is not satisfiable."""
    begin, end, _ = slice(start, stop).indices(size)
    return (ByteRange(begin, end),) if begin < end else 416


@given(positions, positions, sizes)
def test_int_range_is_a_slice(first: int, last: int, size: int) -> None:
    expected = sliced(first, last + 1, size) if first <= last else 200
    assert outcome(f"bytes={first}-{last}", size) == expected


@given(positions, sizes)
def test_open_range_is_a_slice(first: int, size: int) -> None:
    assert outcome(f"bytes={first}-", size) == sliced(first, None, size)


@given(positions, sizes)
def test_suffix_is_a_slice(length: int, size: int) -> None:
    expected = 416 if length == 0 else 200 if size == 0 else sliced(-length, None, size)
    assert outcome(f"bytes=-{length}", size) == expected


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 20)), min_size=1, max_size=MAX_RANGES + 3))
def test_sets_keep_their_order_and_stay_bounded(wanted: list[tuple[int, int]]) -> None:
    size = 100
    found = outcome("bytes=" + ", ".join(f"{first}-{first + more}" for first, more in wanted), size)
    inside = [ByteRange(first, min(first + more + 1, size)) for first, more in wanted if first < size]
    clashing = [one for one in inside if sum(one.start < two.stop and two.start < one.stop for two in inside) > 1]
    if len(wanted) > MAX_RANGES or (inside and len(clashing) > 2):
        assert found == 200
    else:
        assert found == (tuple(inside) or 416)


@given(st.text(st.characters(codec="latin-1")), sizes)
@example("bytes=" + "," * 10_000, 5)
@example("bytes=٣-٤", 5)
def test_any_text_gives_ranges_or_nothing_or_416(header: str, size: int) -> None:
    found = outcome(header, size)
    assert found in (200, 416) or all(0 <= one.start < one.stop <= size for one in found)  # type: ignore[union-attr]


@given(st.text("0123456789-, \t+x=", max_size=20), sizes)
def test_any_set_gives_ranges_or_nothing_or_416(text: str, size: int) -> None:
    found = outcome(f"bytes={text}", size)
    element = r"(?:[0-9]+-[0-9]*|-[0-9]+)"
    grammar = rf"(?:{element})?(?:[ \t]*,[ \t]*(?:{element})?)*[ \t]*"
    if not re.fullmatch(grammar, text) or not re.search("[0-9]", text):
        assert found == 200
    elif found not in (200, 416):
        assert all(0 <= one.start < one.stop <= size for one in found)  # type: ignore[union-attr]


def test_no_header_asks_for_the_whole() -> None:
    assert outcome(None, 10) == 200


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"bytes={'9' * 100_000}-", 416),
        (f"bytes=0-{'9' * 100_000}", (ByteRange(0, 10),)),
        (f"bytes=-{'9' * 100_000}", (ByteRange(0, 10),)),
        (f"bytes={'0' * 100_000}3-", (ByteRange(3, 10),)),
        (f"bytes={'9' * 100_000}-{'8' * 100_000}", 200),
        (f"bytes=0-0{' ' * 100_000}x", 200),
        (f"bytes={'1-2,' * 100_000}", 200),
    ],
)
def test_long_headers_cost_little(header: str, expected: object) -> None:
    began = time.process_time()
    assert outcome(header, 10) == expected
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("size", [1, 1_048_576, 1_048_577, 3_000_000_000])
def test_suffix_longer_than_the_file_is_the_whole_file(size: int) -> None:
    assert outcome(f"bytes=-{size + 1}", size) == (ByteRange(0, size),)


def test_a_sign_is_no_digit() -> None:
    assert outcome("bytes=+1-2", 10) == 200


def test_a_nested_range_counts_as_overlapping() -> None:
    assert outcome("bytes=0-50,10-12,40-41", 100) == 200
    assert outcome("bytes=0-50,10-12,60-61", 100) == (ByteRange(0, 51), ByteRange(10, 13), ByteRange(60, 62))


def test_the_error_carries_the_size() -> None:
    with pytest.raises(RangeNotSatisfiable) as caught:
        parse_range("bytes=10-", 10)
    assert caught.value.size == 10


def test_empty_file() -> None:
    assert outcome("bytes=0-", 0) == 416
    assert outcome("bytes=-5", 0) == 200
    assert outcome("bytes=-0", 0) == 416
    assert outcome("bytes=0-,-5", 0) == 200


@given(st.integers(0, 2**42), st.integers(1, 2**42))
def test_content_range_is_inclusive(start: int, length: int) -> None:
    shown = content_range(ByteRange(start, start + length), start + length + 1)
    first, last, size = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", shown).groups())  # type: ignore[union-attr]
    assert (first, last - first + 1, size) == (start, length, start + length + 1)


def test_unsatisfied_content_range() -> None:
    assert unsatisfied_content_range(1234) == "bytes */1234"


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (4, 3)])
def test_an_invalid_range_is_refused(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="not a byte range"):
        ByteRange(start, stop)


def test_length() -> None:
    assert ByteRange(3, 10).length == len(range(3, 10))
