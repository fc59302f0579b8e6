"""The head of a segment survives the disk, and damage to any byte is detected."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.cells import PER_WINDOW
from streamvault.media.model import FileKey
from streamvault.reading.cache.policy import Queue
from streamvault.reading.cache.segment import HEAD, VERSION, Head, Name, digest_of, identity_of, offset_of, read_name

KEYS = st.builds(FileKey, st.text(max_size=100), st.text(max_size=3))
WINDOWS = st.integers(0, 1 << 40)


def head_of(key: FileKey, window: int = 3) -> Head:
    identity = identity_of(key, window)
    assert identity is not None
    return Head(identity)


FULL = head_of(FileKey("AgADBgADqacxG"))
for _slot in range(PER_WINDOW):
    FULL = FULL.having(_slot, bytes([_slot]) * 100)


@given(KEYS, WINDOWS, st.dictionaries(st.integers(0, PER_WINDOW - 1), st.binary(min_size=1, max_size=50)))
def test_a_head_survives_the_disk(key: FileKey, window: int, cells: dict[int, bytes]) -> None:
    head = head_of(key, window)
    for slot, data in cells.items():
        head = head.having(slot, data)
    raw = head.pack()
    assert len(raw) == HEAD
    assert Head.unpack(raw, head.identity) == head
    for slot in range(PER_WINDOW):
        assert head.holds(slot) == (slot in cells)
        assert head.matches(slot, cells.get(slot, b"?")) == (slot in cells)


@given(KEYS, WINDOWS, KEYS, WINDOWS)
def test_identities_of_two_segments_differ(one: FileKey, here: int, other: FileKey, there: int) -> None:
    first, second = head_of(one, here), head_of(other, there)
    same = (one, here) == (other, there)
    assert (first.identity == second.identity) is same
    assert (digest_of(first.identity) == digest_of(second.identity)) is same
    assert (Head.unpack(first.pack(), second.identity) is not None) is same


def test_any_damaged_byte_of_a_head_is_detected() -> None:
    raw = FULL.pack()
    for index in range(HEAD):
        for bit in (0x01, 0x80):
            damaged = raw[:index] + bytes([raw[index] ^ bit]) + raw[index + 1 :]
            assert Head.unpack(damaged, FULL.identity) is None


def test_a_head_cut_off_anywhere_is_none() -> None:
    raw = FULL.pack()
    for length in range(HEAD):
        assert Head.unpack(raw[:length], FULL.identity) is None
        assert Head.unpack(raw[:length].ljust(HEAD, b"\0"), FULL.identity) in (None, FULL)


def test_a_head_half_written_over_an_older_one_is_none_or_one_of_both() -> None:
    old, new = head_of(FileKey("film")).having(0, b"0"), head_of(FileKey("film")).having(0, b"0").having(1, b"1")
    for length in range(HEAD + 1):
        assert Head.unpack(new.pack()[:length] + old.pack()[length:], old.identity) in (None, old, new)


def test_the_bytes_of_another_slot_do_not_match() -> None:
    head = head_of(FileKey("film"), 1).having(0, b"data").having(1, b"other")
    assert not head.matches(1, b"data")
    swapped = Head(head.identity, (head.cells[1], head.cells[0], *head.cells[2:]))
    assert not swapped.matches(0, b"other")
    elsewhere = Head(head_of(FileKey("film"), 2).identity, head.cells)
    assert not elsewhere.matches(0, b"data")


def test_a_key_that_is_too_long_for_a_head_has_none() -> None:
    assert identity_of(FileKey("x" * 4000), 0) is not None
    assert identity_of(FileKey("x" * 4096), 0) is None


def test_slots_do_not_overlap_and_are_aligned() -> None:
    assert [offset_of(slot) % 4096 for slot in range(PER_WINDOW)] == [0] * PER_WINDOW
    assert offset_of(0) == HEAD


def test_names_are_read_as_they_were_written() -> None:
    for queue in Queue:
        name = Name(digest_of(FULL.identity), queue)
        folder, _, file = name.path.partition("/")
        assert read_name(folder, file) == name


@pytest.mark.parametrize("suffix", [".s0", ".s1", ".m9999", f".x{VERSION}"])
def test_segments_of_other_versions_are_recognised(suffix: str) -> None:
    assert read_name("ab", "ab" + "0" * 30 + suffix) is None


OTHERS = tuple(
    name.replace("s1", f"s{VERSION}")
    for name in ("ab", "ab.s1", "notes.txt", "ab{}", "ab{}.s1.bak", "cd{}.s1", "AB{}.s1", "../{}.s1", "ab{}.s1\n")
)


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_raise(name: str) -> None:
    name = name.format("0" * 30)
    with pytest.raises(ValueError, match=re.escape(name)):
        read_name("ab", name)
