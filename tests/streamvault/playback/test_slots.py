"""Slots for repackaging: how many jobs at once, in which order, for how many viewers."""

import asyncio
from collections import Counter
from collections.abc import Hashable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import NotPlayable, TooBusy
from streamvault.playback.slots import HOLD, VIEWERS, WAITING, Slots
from tests.support.sources import ManualClock
from tests.support.waiting import until


class Jobs:
    """Jobs that run until they are told to end; `order` are those that got a slot."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.order: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    async def start(self, name: str, viewer: Hashable) -> None:
        self._ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._run(name, viewer))
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        """End one that runs; the next has its slot then."""
        self._ends[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def cancel(self, name: str) -> None:
        self.tasks[name].cancel()
        await asyncio.wait([self.tasks[name]])
        await asyncio.sleep(0)

    async def _run(self, name: str, viewer: Hashable) -> None:
        async with self.slots.turn(viewer):
            self.order.append(name)
            await self._ends[name].wait()


async def test_no_more_jobs_run_at_once_than_there_are_slots() -> None:
    slots = Slots(2)
    jobs = Jobs(slots)
    for number in range(4):
        await jobs.start(f"{number}", number)
    assert (slots.used, slots.waiting, jobs.order) == (2, 2, ["0", "1"])
    await jobs.end("1")
    assert (slots.used, slots.waiting, jobs.order) == (2, 1, ["0", "1", "2"])
    for name in ("0", "2", "3"):
        await jobs.end(name)
    assert (slots.used, slots.waiting) == (0, 0)


async def test_viewers_take_turns_whoever_asks_most() -> None:
    jobs = Jobs(Slots(1))
    await jobs.start("first", "greedy")
    for number in range(4):
        await jobs.start(f"greedy{number}", "greedy")
    for number in range(2):
        await jobs.start(f"a{number}", "a")
        await jobs.start(f"b{number}", "b")
    for _ in range(8):
        await jobs.end(jobs.order[-1])
    assert jobs.order == ["first", "greedy0", "a0", "b0", "greedy1", "a1", "b1", "greedy2", "greedy3"]
    await jobs.end("greedy3")


async def test_queues_are_bounded() -> None:
    slots = Slots(1)
    jobs = Jobs(slots)
    await jobs.start("running", "a")
    for number in range(WAITING):
        await jobs.start(f"{number}", "a")
    with pytest.raises(TooBusy) as caught:
        async with slots.turn("a"):
            pytest.fail("one more than may wait had a slot")
    assert caught.value.retry_after >= 1
    await jobs.start("other", "b")
    assert slots.waiting == WAITING + 1
    await jobs.cancel("3")
    await jobs.start("again", "a")
    assert slots.waiting == WAITING + 1
    for task in jobs.tasks.values():
        task.cancel()
    await asyncio.wait(jobs.tasks.values())
    assert (slots.used, slots.waiting) == (0, 0)


async def test_a_job_cancelled_as_its_turn_comes_hands_its_slot_on() -> None:
    slots = Slots(1)
    jobs = Jobs(slots)
    for name in ("a", "b", "c"):
        await jobs.start(name, name)
    jobs._ends["a"].set()
    asyncio.get_running_loop().call_soon(jobs.tasks["b"].cancel)  # a has handed its slot on, b has not run since
    await until(lambda: jobs.order == ["a", "c"])
    await jobs.end("c")
    assert slots.used == 0


async def test_one_viewer_too_many_waits_until_a_place_is_free() -> None:
    """Point 7: the 11th of 2 slots gets 503, and gets in later."""
    clock = ManualClock()
    slots = Slots(2, clock=clock)
    for viewer in range(2 * VIEWERS):
        async with slots.turn(viewer):
            clock.advance(0.5)
    with pytest.raises(TooBusy) as caught:
        async with slots.turn("late"):
            pytest.fail("there is no place")
    assert caught.value.retry_after == pytest.approx(HOLD - 2 * VIEWERS * 0.5 + 0.5, abs=1)
    clock.advance(5)
    for viewer in range(1, 2 * VIEWERS):
        slots.admit(viewer)
    with pytest.raises(TooBusy):
        slots.admit("late")
    clock.advance(caught.value.retry_after - 5)
    async with slots.turn("late"):
        assert slots.viewers == 2 * VIEWERS
    with pytest.raises(TooBusy):
        slots.admit(0)


async def test_a_viewer_whose_job_is_long_keeps_its_place() -> None:
    clock = ManualClock()
    slots = Slots(1, clock=clock)
    jobs = Jobs(slots)
    for viewer in range(VIEWERS):
        await jobs.start(f"{viewer}", viewer)
    clock.advance(10 * HOLD)
    with pytest.raises(TooBusy) as caught:
        slots.admit("late")
    assert 1 <= caught.value.retry_after <= HOLD
    for viewer in range(VIEWERS):
        await jobs.end(f"{viewer}")
    clock.advance(HOLD)
    slots.admit("late")
    assert slots.viewers == 1


async def test_without_slots_nothing_is_repackaged() -> None:
    slots = Slots(0)
    with pytest.raises(NotPlayable, match="PLAYBACK_SLOTS=0"):
        async with slots.turn("a"):
            pytest.fail("there is no slot")
    with pytest.raises(NotPlayable, match="VLC"):
        slots.admit("a")


async def test_an_exception_frees_the_slot() -> None:
    slots = Slots(1)
    with pytest.raises(ZeroDivisionError):
        async with slots.turn("a"):
            raise ZeroDivisionError
    assert slots.used == 0


async def test_seconds_are_told_by_stage() -> None:
    clock, told = ManualClock(), Counter[str]()

    def observe(stage: str, seconds: float) -> None:
        told[stage] += round(seconds)

    jobs = Jobs(Slots(1, clock=clock, observe=observe))
    await jobs.start("a", "a")
    await jobs.start("b", "b")
    clock.advance(3)
    await jobs.end("a")
    clock.advance(4)
    await jobs.end("b")
    assert told == {"queue": 3, "job": 7}


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from(["start", "end", "cancel"]), st.integers(0, 5), st.integers(0, 9)), max_size=60),
)
async def test_slots_are_neither_lost_nor_doubled(count: int, steps: list[tuple[str, int, int]]) -> None:
    slots = Slots(count)
    jobs = Jobs(slots)
    for step, viewer, which in steps:
        live = [name for name, task in jobs.tasks.items() if not task.done()]
        running = [name for name in jobs.order if name in live]
        if step == "start":
            await jobs.start(f"{len(jobs.tasks)}", viewer)
        elif step == "end" and running:
            await jobs.end(running[which % len(running)])
        elif step == "cancel" and live:
            await jobs.cancel(live[which % len(live)])
        live = [name for name, task in jobs.tasks.items() if not task.done()]
        running = [name for name in jobs.order if name in live]
        assert len(running) == slots.used == min(count, len(live))
        assert slots.waiting == len(live) - len(running)
    for task in jobs.tasks.values():
        task.cancel()
    if jobs.tasks:
        await asyncio.wait(jobs.tasks.values())
    for task in jobs.tasks.values():
        if not task.cancelled() and (error := task.exception()) is not None:
            assert isinstance(error, TooBusy)
    assert (slots.used, slots.waiting) == (0, 0)
