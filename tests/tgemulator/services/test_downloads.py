"""The checks of upload.getFile against the published rules, written as one predicate."""

import hashlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrogram import raw
from pyrogram.raw.core import TLObject

from tgemulator.errors import RpcError
from tgemulator.services.downloads import HASHED_PIECE, WINDOW, check_window, file_hashes, serialised_file
from tgemulator.world.content import SyntheticContent

MIB = 1 << 20
offsets = st.integers(0, 64 * MIB) | st.builds(int.__mul__, st.integers(0, 16_384), st.sampled_from([1024, 4096]))
limits = st.integers(-5, 2 * MIB) | st.builds(int.__mul__, st.integers(0, 1030), st.sampled_from([1024, 4096, MIB]))


@given(offset=offsets, limit=limits, precise=st.booleans())
def test_a_request_is_accepted_exactly_when_the_rules_allow_it(offset: int, limit: int, precise: bool) -> None:
    if precise:
        legal = offset % 1024 == 0 and limit % 1024 == 0 and 0 < limit <= 1_048_576
    else:
        legal = offset % 4096 == 0 and limit > 0 and limit % 4096 == 0 and 1_048_576 % limit == 0
    legal = legal and offset // MIB == (offset + limit - 1) // MIB
    if legal:
        check_window(offset, limit, precise=precise)
    else:
        with pytest.raises(RpcError, match=r"400 (OFFSET|LIMIT)_INVALID"):
            check_window(offset, limit, precise=precise)


@pytest.mark.parametrize(
    ("offset", "limit", "precise", "text"),
    [
        (2048, 4096, False, "OFFSET_INVALID"),
        (512, 1024, True, "OFFSET_INVALID"),
        (-4096, 4096, False, "OFFSET_INVALID"),
        (0, 0, False, "LIMIT_INVALID"),
        (0, 0, True, "LIMIT_INVALID"),
        (0, 12_288, False, "LIMIT_INVALID"),
        (0, 2 * MIB, False, "LIMIT_INVALID"),
        (0, MIB + 1024, True, "LIMIT_INVALID"),
        (4096, MIB, False, "LIMIT_INVALID"),
        (MIB - 1024, 2048, True, "LIMIT_INVALID"),
    ],
)
def test_the_error_names_the_wrong_argument(offset: int, limit: int, precise: bool, text: str) -> None:
    with pytest.raises(RpcError) as refused:
        check_window(offset, limit, precise=precise)
    assert (refused.value.code, refused.value.text) == (400, text)


@pytest.mark.parametrize("length", [0, 1, 2, 3, 252, 253, 254, 255, 256, 257, 4096, MIB])
def test_the_fast_path_writes_what_the_library_writes(length: int) -> None:
    data = SyntheticContent(length, 4).read(0, length)
    fast = serialised_file(raw.types.storage.FileMp4.ID, 1_700_000_000, data=data)
    slow = raw.types.upload.File(type=raw.types.storage.FileMp4(), mtime=1_700_000_000, bytes=data)
    assert fast == slow.write()
    assert TLObject.read(BytesIO(fast)).bytes == data


def test_hashes_cover_the_rest_of_one_window_in_128_kib_pieces() -> None:
    content = SyntheticContent(2 * WINDOW + 1000, 6)
    hashes = file_hashes(content, WINDOW + HASHED_PIECE + 5)
    assert [item.offset for item in hashes] == [WINDOW + n * HASHED_PIECE for n in range(1, 8)]
    for item in hashes:
        assert item.limit == HASHED_PIECE
        assert item.hash == hashlib.sha256(content.read(item.offset, item.limit)).digest()
    [last] = file_hashes(content, 2 * WINDOW)
    assert (last.offset, last.limit) == (2 * WINDOW, 1000)
    assert file_hashes(content, 3 * WINDOW) == []
    with pytest.raises(RpcError, match="OFFSET_INVALID"):
        file_hashes(content, -1)
