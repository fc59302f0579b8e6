"""Streams at once: slots are passed on in order, and none is lost."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from streamvault.access.stream_slots import NoSlot, StreamSlots
from tests.support.waiting import until


async def test_one_more_than_there_are_slots_is_refused_and_nobody_else() -> None:
    slots = StreamSlots(2, patience=0.01)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(slots.slot("a"))
        with pytest.raises(NoSlot):
            await stack.enter_async_context(slots.slot("a"))
        await stack.enter_async_context(slots.slot("b"))
        assert (slots.taken("a"), slots.taken("b")) == (2, 1)
    assert len(slots) == 0


async def test_who_waits_gets_the_slot_of_a_stream_that_ends() -> None:
    slots = StreamSlots(1, patience=60)
    order: list[int] = []

    async def stream(number: int) -> None:
        async with slots.slot("a"):
            order.append(number)

    async with slots.slot("a"):
        first = asyncio.create_task(stream(1))
        await until(lambda: len(slots._waiting.get("a", ())) == 1)
        with pytest.raises(NoSlot):  # as many wait as there are slots
            await stream(2)
        assert order == []
    await first
    assert (order, len(slots), slots._waiting) == ([1], 0, {})


async def test_a_slot_that_is_given_to_one_that_is_cancelled_goes_on() -> None:
    slots = StreamSlots(1, patience=60)
    entered = asyncio.Event()

    async def stream() -> None:
        async with slots.slot("a"):
            entered.set()

    async with slots.slot("a"):
        waiting = asyncio.create_task(stream())
        await until(lambda: "a" in slots._waiting)
    waiting.cancel()  # the slot was given to it, and it has not run since
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not entered.is_set()
    assert (len(slots), slots._waiting) == (0, {})
    await stream()
    assert entered.is_set()


async def test_one_that_gives_up_waiting_leaves_nothing() -> None:
    slots = StreamSlots(1, patience=60)
    async with slots.slot("a"):
        waiting = asyncio.create_task(slots.slot("a").__aenter__())
        await until(lambda: "a" in slots._waiting)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert slots._waiting == {}
    assert len(slots) == 0


async def test_zero_is_no_limit() -> None:
    slots = StreamSlots(0)
    async with AsyncExitStack() as stack:
        for _ in range(100):
            await stack.enter_async_context(slots.slot("a"))
        assert slots.taken("a") == 100
