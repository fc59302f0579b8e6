"""Work that several callers want at once is done once, and cancelled with the last of them."""

import asyncio

import pytest

from streamvault.reading.shared_work import SharedWork
from tests.support.waiting import until


class Work:
    """Work that ends when its gate opens; counts starts and ends."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error:
            raise self.error
        return self.begun


async def waiting(shared: SharedWork[str, int], work: Work, count: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(shared.get("key", work)) for _ in range(count)]
    await until(lambda: work.begun)
    return tasks


async def test_all_get_the_result_of_one_piece_of_work() -> None:
    shared, work = SharedWork[str, int](), Work()
    tasks = await waiting(shared, work, 5)
    tasks[0].cancel()
    await asyncio.wait([tasks[0]])
    work.gate.set()
    assert await asyncio.gather(*tasks[1:]) == [1] * 4
    assert await shared.get("key", work) == 2


async def test_the_work_is_cancelled_with_its_last_waiter() -> None:
    shared, work = SharedWork[str, int](), Work()
    tasks = await waiting(shared, work, 2)
    for task in tasks:
        task.cancel()
        await asyncio.wait([task])
    await until(lambda: work.cancelled == 1)
    work.gate.set()
    assert await shared.get("key", work) == 2


async def test_all_get_its_error_and_the_next_one_tries_again() -> None:
    shared, work = SharedWork[str, int](), Work()
    tasks = await waiting(shared, work, 3)
    work.error = ValueError("no")
    work.gate.set()
    assert [type(end) for end in await asyncio.gather(*tasks, return_exceptions=True)] == [ValueError] * 3
    with pytest.raises(ValueError, match="no"):
        await shared.get("key", work)
    assert work.begun == 2
