"""Digests are asked for once, remembered within bounds, and forgotten when they may be wrong."""

import asyncio
from collections.abc import Sequence

import pytest
from pyrogram import raw

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.media.digests import HASHED, Digest
from streamvault.telegram.files.hashes import Hashes, digests_of
from tests.support.waiting import until

MIB = 1 << 20


class Teller:
    """Tells `count` digests of a file of `size` bytes at a time, as Telegram might."""

    def __init__(self, size: int, *, count: int) -> None:
        self.size, self.count = size, count
        self.asked: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: SourceError | None = None

    async def ask(self, offset: int) -> Sequence[Digest]:
        self.asked.append(offset)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        first = offset - offset % HASHED
        starts = range(first, self.size, HASHED)[: self.count]
        return [Digest(start, min(start + HASHED, self.size), start.to_bytes(32, "big")) for start in starts]


async def covering(hashes: Hashes, teller: Teller, start: int, stop: int, *, asker: str = "bot") -> list[int]:
    """Where the digests begin that are known in the end."""
    found = await hashes.covering("file", start, stop, asker=asker, ask=teller.ask)
    return sorted(digest.start for digest in found)


async def test_a_window_is_asked_for_once_for_all_its_chunks() -> None:
    hashes, teller = Hashes(), Teller(3 * MIB, count=8)
    teller.gate.clear()
    waiting = asyncio.gather(*(covering(hashes, teller, 0, MIB) for _ in range(5)))
    await until(lambda: teller.asked)
    teller.gate.set()
    assert await waiting == [list(range(0, MIB, HASHED))] * 5
    assert await covering(hashes, teller, HASHED, 3 * HASHED) == [HASHED, 2 * HASHED]
    assert teller.asked == [0]
    assert await covering(hashes, teller, MIB, 2 * MIB) == list(range(MIB, 2 * MIB, HASHED))
    assert teller.asked == [0, MIB]


@pytest.mark.parametrize("count", [1, 3, 100])
async def test_however_many_come_at_a_time_all_are_found(count: int) -> None:
    hashes, teller = Hashes(), Teller(2 * MIB + 5, count=count)
    for start, stop in ((0, MIB), (MIB, 2 * MIB), (2 * MIB, 2 * MIB + 5)):
        assert await covering(hashes, teller, start, stop) == list(range(start, stop, HASHED))
    assert len(teller.asked) <= -(-17 // count) + 2


async def test_where_there_are_none_is_asked_once() -> None:
    hashes, teller = Hashes(), Teller(0, count=8)
    for _ in range(3):
        assert await covering(hashes, teller, 0, MIB) == []
    assert teller.asked == [0]


async def test_a_failure_is_told_and_asked_again_and_is_no_other_accounts() -> None:
    hashes, teller, other = Hashes(), Teller(MIB, count=8), Teller(MIB, count=8)
    teller.error = SourceUnavailable("lost")
    results = await asyncio.gather(
        covering(hashes, teller, 0, MIB), covering(hashes, other, 0, MIB, asker="worker"), return_exceptions=True
    )
    assert isinstance(results[0], SourceUnavailable)
    assert results[1] == list(range(0, MIB, HASHED))


async def test_the_oldest_windows_are_forgotten_and_those_that_may_be_wrong() -> None:
    hashes, teller = Hashes(capacity=2), Teller(4 * MIB, count=8)
    for start in (0, MIB, 0, 2 * MIB, 0, MIB):
        await covering(hashes, teller, start, start + MIB)
    assert teller.asked == [0, MIB, 2 * MIB, MIB]
    hashes.forget("file", MIB + HASHED)
    await covering(hashes, teller, MIB, 2 * MIB)
    assert teller.asked[4:] == [MIB]


async def test_a_digest_that_spans_windows_is_of_no_use() -> None:
    async def ask(offset: int) -> Sequence[Digest]:
        return [Digest(offset, offset + 2 * MIB, b"x")]

    assert await Hashes().covering("file", 0, MIB, asker="bot", ask=ask) == ()


def test_what_telegram_answers_is_read_and_ends_with_the_file() -> None:
    answer = [raw.types.FileHash(offset=start, limit=HASHED, hash=b"h") for start in (0, HASHED, 2 * HASHED)]
    assert digests_of(answer, size=HASHED + 7) == (Digest(0, HASHED, b"h"), Digest(HASHED, HASHED + 7, b"h"))
    for wrong in (None, True, [raw.types.Pong(msg_id=1, ping_id=1)]):
        with pytest.raises(SourceError):
            digests_of(wrong, size=5)
