"""Digests are fetched once, cached within bounds, and dropped when they may be wrong."""

import asyncio
from collections.abc import Sequence

import pytest
from pyrogram import raw

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.media.digests import HASHED, Digest
from streamvault.telegram.files.hashes import DigestCache, digests_of
from tests.support.waiting import until

MIB = 1 << 20


class FakeTelegram:
    """Returns `count` digests of a file of `size` bytes at a time."""

    def __init__(self, size: int, *, count: int) -> None:
        self.size, self.count = size, count
        self.offsets: list[int] = []
        self.answering = asyncio.Event()
        self.answering.set()
        self.error: SourceError | None = None

    async def fetch(self, offset: int) -> Sequence[Digest]:
        self.offsets.append(offset)
        await self.answering.wait()
        if self.error is not None:
            raise self.error
        first = offset - offset % HASHED
        starts = range(first, self.size, HASHED)[: self.count]
        return [Digest(start, min(start + HASHED, self.size), start.to_bytes(32, "big")) for start in starts]


async def covering(
    hashes: DigestCache, telegram: FakeTelegram, start: int, stop: int, *, account: str = "bot"
) -> list[int]:
    """The starts of the digests that are returned."""
    found = await hashes.covering("file", start, stop, account=account, fetch=telegram.fetch)
    return sorted(digest.start for digest in found)


async def test_concurrent_chunks_of_a_window_share_one_call() -> None:
    hashes, telegram = DigestCache(), FakeTelegram(3 * MIB, count=8)
    telegram.answering.clear()
    waiting = asyncio.gather(*(covering(hashes, telegram, 0, MIB) for _ in range(5)))
    await until(lambda: telegram.offsets)
    telegram.answering.set()
    assert await waiting == [list(range(0, MIB, HASHED))] * 5
    assert await covering(hashes, telegram, HASHED, 3 * HASHED) == [HASHED, 2 * HASHED]
    assert telegram.offsets == [0]
    assert await covering(hashes, telegram, MIB, 2 * MIB) == list(range(MIB, 2 * MIB, HASHED))
    assert telegram.offsets == [0, MIB]


@pytest.mark.parametrize("count", [1, 3, 100])
async def test_all_digests_are_found_however_many_one_answer_holds(count: int) -> None:
    hashes, telegram = DigestCache(), FakeTelegram(2 * MIB + 5, count=count)
    for start, stop in ((0, MIB), (MIB, 2 * MIB), (2 * MIB, 2 * MIB + 5)):
        assert await covering(hashes, telegram, start, stop) == list(range(start, stop, HASHED))
    assert len(telegram.offsets) <= -(-17 // count) + 2


async def test_a_range_without_digests_is_requested_once() -> None:
    hashes, telegram = DigestCache(), FakeTelegram(0, count=8)
    for _ in range(3):
        assert await covering(hashes, telegram, 0, MIB) == []
    assert telegram.offsets == [0]


async def test_the_failure_of_one_account_does_not_fail_another() -> None:
    hashes, telegram, other = DigestCache(), FakeTelegram(MIB, count=8), FakeTelegram(MIB, count=8)
    telegram.error = SourceUnavailable("lost")
    results = await asyncio.gather(
        covering(hashes, telegram, 0, MIB), covering(hashes, other, 0, MIB, account="worker"), return_exceptions=True
    )
    assert isinstance(results[0], SourceUnavailable)
    assert results[1] == list(range(0, MIB, HASHED))


async def test_the_least_recently_used_windows_are_evicted_and_wrong_ones_forgotten() -> None:
    hashes, telegram = DigestCache(capacity=2), FakeTelegram(4 * MIB, count=8)
    for start in (0, MIB, 0, 2 * MIB, 0, MIB):
        await covering(hashes, telegram, start, start + MIB)
    assert telegram.offsets == [0, MIB, 2 * MIB, MIB]
    hashes.forget("file", MIB + HASHED)
    await covering(hashes, telegram, MIB, 2 * MIB)
    assert telegram.offsets[4:] == [MIB]


async def test_a_digest_that_spans_windows_is_ignored() -> None:
    async def fetch(offset: int) -> Sequence[Digest]:
        return [Digest(offset, offset + 2 * MIB, b"x")]

    assert await DigestCache().covering("file", 0, MIB, account="bot", fetch=fetch) == ()


def test_a_vector_of_file_hashes_is_parsed_and_cut_at_the_files_end() -> None:
    answer = [raw.types.FileHash(offset=start, limit=HASHED, hash=b"h") for start in (0, HASHED, 2 * HASHED)]
    assert digests_of(answer, size=HASHED + 7) == (Digest(0, HASHED, b"h"), Digest(HASHED, HASHED + 7, b"h"))
    for wrong in (None, True, [raw.types.Pong(msg_id=1, ping_id=1)]):
        with pytest.raises(SourceError):
            digests_of(wrong, size=5)
