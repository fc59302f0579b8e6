"""The clock of the tests' loop: a machine that stands still moves it by next to nothing, waiting moves it as usual."""

import asyncio
import time

import pytest

from streamvault.reading.retry import LoopClock
from tests.support.steady_loop import SLICE, STEP, SteadyLoop, wait_faster, waited_and_computed
from tests.support.waiting import until

STANDSTILL = 0.3


def stand_still() -> None:
    """As if the kernel ran other processes."""
    time.sleep(STANDSTILL)


async def test_no_deadline_passes_while_the_machine_stands_still() -> None:
    arrived = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(stand_still)
    asyncio.get_running_loop().call_soon(arrived.set_result, "in time")
    async with asyncio.timeout(STANDSTILL / 3):
        assert await arrived == "in time"


async def test_a_standstill_counts_as_one_step() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    stand_still()
    await asyncio.sleep(0)
    assert loop.time() - began <= 2 * STEP


async def test_waiting_takes_as_long_as_was_asked_for() -> None:
    loop = asyncio.get_running_loop()
    machine, began = time.perf_counter(), loop.time()
    await asyncio.sleep(2.5 * SLICE)
    assert 2.5 * SLICE <= loop.time() - began <= 2.5 * SLICE + 2 * STEP
    assert time.perf_counter() - machine >= 2 * SLICE


async def test_waiting_can_be_shortened() -> None:
    loop = asyncio.get_running_loop()
    wait_faster(50.0)
    machine, began = time.perf_counter(), loop.time()
    await asyncio.sleep(50.0)
    assert 50.0 <= loop.time() - began <= 50.0 + 2 * STEP
    assert time.perf_counter() - machine >= 0.9


async def test_a_deadline_passes_when_nothing_comes() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SLICE):
            await asyncio.Event().wait()


async def test_a_deadline_passes_while_a_task_looks_again_and_again() -> None:
    with pytest.raises(TimeoutError):
        await until(lambda: False, timeout=SLICE)


async def test_another_thread_wakes_the_loop() -> None:
    assert await asyncio.to_thread(lambda: "done") == "done"


async def test_the_product_keeps_the_same_time() -> None:
    assert isinstance(asyncio.get_running_loop(), SteadyLoop)
    stand_still()
    began = asyncio.get_running_loop().time()
    assert began <= time.monotonic() <= LoopClock().time() <= began + STEP


async def test_computing_is_measured_apart_from_standing_still() -> None:
    began = waited_and_computed()
    stand_still()
    await asyncio.sleep(0)
    assert waited_and_computed() - began < STANDSTILL / 2


def test_outside_a_loop_the_machines_time_holds() -> None:
    began = time.monotonic()
    time.sleep(STEP)
    assert time.monotonic() - began >= STEP
