"""Slots: so many works at once, and none that waits behind one whose answer never comes."""

import asyncio

from streamvault.telegram.updates.slots import Slots
from tests.support.waiting import until


async def _work(slots: Slots, done: asyncio.Event, running: list[int]) -> None:
    async with slots.turn():
        running.append(1)
        await done.wait()


async def test_no_more_than_so_many_work_at_once() -> None:
    slots, running, done = Slots(2, seconds=3600), list[int](), asyncio.Event()
    tasks = [asyncio.create_task(_work(slots, done, running)) for _ in range(5)]
    await until(lambda: len(running) == 2)
    await asyncio.wait(tasks, timeout=0)
    assert len(running) == 2
    done.set()
    await asyncio.gather(*tasks)
    assert len(running) == 5


async def test_work_that_takes_long_leaves_its_slot_to_others_once() -> None:
    slots, running, never = Slots(1, seconds=0.01), list[int](), asyncio.Event()
    stuck = [asyncio.create_task(_work(slots, never, running)) for _ in range(3)]
    await until(lambda: len(running) == 3)
    never.set()
    await asyncio.gather(*stuck)
    slots._seconds = 3600
    holding = [asyncio.create_task(_work(slots, asyncio.Event(), running)) for _ in range(2)]
    await until(lambda: len(running) == 4)
    await asyncio.wait(holding, timeout=0)
    assert len(running) == 4  # what was given back early is not given back again
    for task in holding:
        task.cancel()
    await asyncio.gather(*holding, return_exceptions=True)
