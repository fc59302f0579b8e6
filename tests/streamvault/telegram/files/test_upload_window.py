"""How many parts go at a time: more while answers are fast, fewer when they are slow or Telegram brakes."""

import asyncio

import pytest

from streamvault.telegram.files.upload_window import FAST, FIRST, SLOW, UploadWindow

MOST = 16


class Bench:
    def __init__(self) -> None:
        self.now = 100.0
        self.window = UploadWindow(MOST, clock=lambda: self.now)
        self.inside: list[int] = []
        self.leave = asyncio.Event()

    async def hold(self, number: int) -> None:
        async with self.window.slot():
            self.inside.append(number)
            await self.leave.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_fast_answers_widen_it_up_to_the_most() -> None:
    window = Bench().window
    seen = []
    for _ in range(MOST):
        window.answered(FAST / 2)
        seen.append(window.limit)
    assert seen[:3] == [FIRST + 1, FIRST + 2, FIRST + 3]
    assert seen[-1] == MOST


@pytest.mark.parametrize("brake", ["slow answer", "flood wait"])
def test_slow_answers_and_brakes_halve_it_once_for_all_that_were_on_their_way(brake: str) -> None:
    bench = Bench()
    for _ in range(MOST):
        bench.window.answered(0.1)
    limits = []
    for _ in range(8):
        for _ in range(5):
            bench.window.answered(SLOW + 1) if brake == "slow answer" else bench.window.braked()
        limits.append(bench.window.limit)
        bench.now += SLOW
    assert limits == [8, 4, 2, 1, 1, 1, 1, 1]


def test_answers_that_are_neither_change_nothing() -> None:
    window = Bench().window
    window.answered((FAST + SLOW) / 2)
    assert window.limit == FIRST


async def test_slots_are_granted_in_order_and_given_back() -> None:
    bench = Bench()
    tasks = [asyncio.create_task(bench.hold(number)) for number in range(FIRST + 3)]
    await settle()
    assert bench.inside == list(range(FIRST))
    bench.window.answered(0.1)
    await settle()
    assert bench.inside == list(range(FIRST + 1))
    bench.leave.set()
    await asyncio.gather(*tasks)
    assert bench.inside == list(range(FIRST + 3))


async def test_who_stops_waiting_takes_no_slot() -> None:
    bench = Bench()
    tasks = [asyncio.create_task(bench.hold(number)) for number in range(FIRST + 2)]
    await settle()
    tasks[FIRST].cancel()
    bench.window.answered(0.1)  # grants the next slot before the cancelled one has noticed
    await settle()
    assert bench.inside == [*range(FIRST), FIRST + 1]
    tasks[0].cancel()
    await asyncio.gather(tasks[0], tasks[FIRST], return_exceptions=True)
    bench.leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    again = [asyncio.create_task(bench.hold(number)) for number in range(100, 100 + FIRST + 1)]
    await asyncio.gather(*again)
    assert bench.inside[-1] == 100 + FIRST


async def test_a_slot_granted_to_one_who_is_cancelled_goes_to_the_next() -> None:
    bench = Bench()
    tasks = [asyncio.create_task(bench.hold(number)) for number in range(FIRST + 2)]
    await settle()
    bench.window.answered(0.1)
    tasks[FIRST].cancel()  # its slot is granted already
    await settle()
    assert bench.inside == [*range(FIRST), FIRST + 1]
    bench.leave.set()
    await asyncio.gather(*tasks, return_exceptions=True)
