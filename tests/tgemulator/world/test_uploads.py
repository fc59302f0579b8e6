"""Telegram's rules for the parts of an upload."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrogram import raw

from tests.support.offline import SetClock
from tgemulator.errors import RpcError
from tgemulator.world.uploads import MAX_PART, UploadStore

KIB = 1024
ACCOUNT = 77
DATA = random.Random(1).randbytes(5 * 64 * KIB + 100)


@pytest.fixture
def store(clock: SetClock) -> Iterator[UploadStore]:
    store = UploadStore(clock)
    yield store
    store.close()


def save(
    store: UploadStore, part: int, *, data: bytes, total: int | None = None, big: bool = False, most: int = 4000
) -> None:
    store.save((ACCOUNT, 5, big), part, data=data, total=total, most=most)


def error(call: pytest.ExceptionInfo[RpcError]) -> tuple[int, str]:
    return call.value.code, call.value.text


@pytest.mark.parametrize("order", [range(6), range(5, -1, -1), [3, 5, 0, 2, 4, 1]])
def test_parts_come_in_any_order(store: UploadStore, order: list[int]) -> None:
    size = 64 * KIB
    for part in order:
        save(store, part, data=DATA[part * size : (part + 1) * size], total=6, big=True)
    content = store.finish(ACCOUNT, raw.types.InputFileBig(id=5, parts=6, name="x"), big=True, most=4000)
    assert content.size == len(DATA)
    assert content.read(0, len(DATA) + 9) == DATA
    assert content.read(size - 3, size + 6) == DATA[size - 3 : 2 * size + 3]
    assert content.read(len(DATA), 4) == b""


@settings(deadline=None)  # it writes files, at the pace of a shared disk
@given(size=st.sampled_from([1024, 4096, 65536]), length=st.integers(1, 90_000), order=st.randoms())
def test_any_file_comes_back_as_it_was_sent(size: int, length: int, order: random.Random) -> None:
    store = UploadStore(lambda: 0.0)
    data = DATA[:length]
    parts = [data[at : at + size] for at in range(0, length, size)]
    numbers = list(range(len(parts)))
    order.shuffle(numbers)
    for number in numbers:
        save(store, number, data=parts[number], total=len(parts), big=True)
    file = raw.types.InputFileBig(id=5, parts=len(parts), name="x")
    assert store.finish(ACCOUNT, file, big=True, most=4000).read(0, length) == data
    store.close()


@pytest.mark.parametrize(
    ("part", "length", "total", "most", "text"),
    [
        (0, 0, 3, 4000, "FILE_PART_EMPTY"),
        (0, MAX_PART + 1024, 3, 4000, "FILE_PART_TOO_BIG"),
        (-1, 1024, 3, 4000, "FILE_PART_INVALID"),
        (3, 1024, 3, 4000, "FILE_PART_INVALID"),
        (4000, 1024, None, 4000, "FILE_PART_INVALID"),
        (0, 1024, 0, 4000, "FILE_PARTS_INVALID"),
        (0, 1024, 4001, 4000, "FILE_PARTS_INVALID"),
        (0, 1024, 8001, 8000, "FILE_PARTS_INVALID"),
        (0, 1500, 3, 4000, "FILE_PART_SIZE_INVALID"),
        (0, 3 * 1024, 3, 4000, "FILE_PART_SIZE_INVALID"),
        (0, 512, 3, 4000, "FILE_PART_TOO_SMALL"),
    ],
)
def test_a_part_that_breaks_a_rule_is_refused(
    store: UploadStore, part: int, length: int, total: int | None, most: int, text: str
) -> None:
    with pytest.raises(RpcError) as refused:
        save(store, part, data=bytes(length), total=total, big=True, most=most)
    assert error(refused) == (400, text)


def test_8000_parts_are_for_premium_accounts(store: UploadStore) -> None:
    save(store, 7999, data=b"x", total=8000, big=True, most=8000)


@pytest.mark.parametrize(("part", "length"), [(1, 2048), (2, 2048)])
def test_all_parts_but_the_last_are_equal_and_the_last_is_not_larger(
    store: UploadStore, part: int, length: int
) -> None:
    save(store, 0, data=bytes(1024), total=3, big=True)
    with pytest.raises(RpcError) as refused:
        save(store, part, data=bytes(length), total=3, big=True)
    assert error(refused) == (400, "FILE_PART_SIZE_CHANGED")


def test_while_the_total_is_unknown_an_odd_part_must_be_the_last(store: UploadStore) -> None:
    save(store, 0, data=bytes(1024), big=True)
    save(store, 1, data=bytes(100), big=True)
    with pytest.raises(RpcError) as refused:
        save(store, 2, data=bytes(1024), big=True)
    assert error(refused) == (400, "FILE_PART_SIZE_CHANGED")
    content = store.finish(ACCOUNT, raw.types.InputFileBig(id=5, parts=2, name="x"), big=True, most=4000)
    assert content.size == 1124


def test_the_total_cannot_change_once_known(store: UploadStore) -> None:
    save(store, 0, data=bytes(1024), big=True)
    save(store, 1, data=bytes(1024), total=3, big=True)
    with pytest.raises(RpcError) as refused:
        save(store, 2, data=bytes(1024), total=4, big=True)
    assert error(refused) == (400, "FILE_PARTS_INVALID")


def test_a_part_may_be_sent_again(store: UploadStore) -> None:
    save(store, 0, data=b"a" * 1024, total=1, big=True)
    save(store, 0, data=b"b" * 1000, total=1, big=True)
    content = store.finish(ACCOUNT, raw.types.InputFileBig(id=5, parts=1, name="x"), big=True, most=4000)
    assert content.read(0, 4096) == b"b" * 1000


def test_a_missing_part_is_named(store: UploadStore) -> None:
    for part in (0, 1, 3):
        save(store, part, data=bytes(1024), total=4, big=True)
    file = raw.types.InputFileBig(id=5, parts=4, name="x")
    with pytest.raises(RpcError) as refused:
        store.finish(ACCOUNT, file, big=True, most=4000)
    assert error(refused) == (400, "FILE_PART_2_MISSING")
    save(store, 2, data=bytes(1024), total=4, big=True)
    assert store.finish(ACCOUNT, file, big=True, most=4000).size == 4096


@pytest.mark.parametrize("parts", [0, 4001, 1])
def test_the_number_of_parts_must_be_right(store: UploadStore, parts: int) -> None:
    save(store, 0, data=bytes(1024))
    save(store, 1, data=bytes(1024))
    file = raw.types.InputFile(id=5, parts=parts, name="x", md5_checksum="")
    with pytest.raises(RpcError) as refused:
        store.finish(ACCOUNT, file, big=False, most=4000)
    assert error(refused) == (400, "FILE_PARTS_INVALID")


def test_a_small_file_must_match_its_md5(store: UploadStore) -> None:
    save(store, 0, data=b"hello")
    wrong = raw.types.InputFile(id=5, parts=1, name="x", md5_checksum=hashlib.md5(b"hullo").hexdigest())
    with pytest.raises(RpcError) as refused:
        store.finish(ACCOUNT, wrong, big=False, most=4000)
    assert error(refused) == (400, "MD5_CHECKSUM_INVALID")
    right = raw.types.InputFile(id=5, parts=1, name="x", md5_checksum=hashlib.md5(b"hello").hexdigest())
    assert store.finish(ACCOUNT, right, big=False, most=4000).read(0, 9) == b"hello"


def test_a_file_above_10_mb_needs_save_big_file_part(store: UploadStore) -> None:
    for part in range(20):
        save(store, part, data=bytes(MAX_PART))
    with pytest.raises(RpcError) as refused:
        save(store, 20, data=b"x")
    assert error(refused) == (400, "FILE_PARTS_INVALID")


def test_uploads_belong_to_an_account(store: UploadStore) -> None:
    save(store, 0, data=b"mine")
    file = raw.types.InputFile(id=5, parts=1, name="x", md5_checksum="")
    with pytest.raises(RpcError) as refused:
        store.finish(ACCOUNT + 1, file, big=False, most=4000)
    assert error(refused) == (400, "FILE_PART_0_MISSING")


def test_parts_expire(store: UploadStore, clock: SetClock) -> None:
    save(store, 0, data=bytes(1024), total=2, big=True)
    clock.now += store.lifetime - 1
    save(store, 1, data=bytes(1024), total=2, big=True)
    clock.now += store.lifetime + 1
    with pytest.raises(RpcError) as refused:
        store.finish(ACCOUNT, raw.types.InputFileBig(id=5, parts=2, name="x"), big=True, most=4000)
    assert error(refused) == (400, "FILE_PART_0_MISSING")


def test_a_used_upload_does_not_change_and_closing_removes_files(clock: SetClock, tmp_path: Path) -> None:
    store = UploadStore(clock, folder=tmp_path / "uploads")
    data = bytes(MAX_PART)
    save(store, 0, data=data, total=1, big=True)
    file = raw.types.InputFileBig(id=5, parts=1, name="x")
    content = store.finish(ACCOUNT, file, big=True, most=4000)
    save(store, 0, data=b"\1" * MAX_PART, total=1, big=True)
    assert content.read(0, MAX_PART) == data
    assert len(list((tmp_path / "uploads").iterdir())) == 2
    store.close()
    assert not (tmp_path / "uploads").exists()
