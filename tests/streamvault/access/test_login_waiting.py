"""Waiting for a log-in: within one process, for another one, and for how long."""

import asyncio

import pytest

from streamvault.access.login import Logins, Outcome
from tests.support.login_bench import ADA, LoginBench
from tests.support.waiting import until


@pytest.fixture
def bench() -> LoginBench:
    return LoginBench()


async def test_waiting_ends_with_the_answer_of_the_same_process(bench: LoginBench) -> None:
    bench.logins = Logins(bench.records, lambda: bench.now, poll=600)
    started = await bench.start()
    pending = await bench.asked(started)
    waiting = asyncio.create_task(bench.logins.wait(started.code, started.secret, seconds=600))
    await until(lambda: bench.logins._waiters)
    await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number)
    assert await waiting == Outcome("confirmed", ADA)
    assert bench.logins._waiters == {}


async def test_waiting_ends_with_the_answer_of_another_process(bench: LoginBench) -> None:
    started = await bench.start()
    waiting = asyncio.create_task(bench.logins.wait(started.code, started.secret, seconds=600))
    await until(lambda: bench.logins._waiters)
    node = bench.node()
    pending = await node.asked(started.code, ADA)
    assert pending is not None
    assert await node.answer(started.code, ADA, key=pending.key, number=started.number) == "confirmed"
    assert await waiting == Outcome("confirmed", ADA)


async def test_two_waits_of_one_browser_get_one_confirmation(bench: LoginBench) -> None:
    started = await bench.start()
    pending = await bench.asked(started)
    waits = [asyncio.create_task(one.wait(started.code, started.secret)) for one in (bench.logins, bench.node())]
    await until(lambda: bench.logins._waiters)
    await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number)
    outcomes = await asyncio.gather(*waits)
    assert sorted(one.state for one in outcomes) == ["confirmed", "expired"]


async def test_waiting_is_over_after_a_while_and_at_once_with_a_wrong_secret(bench: LoginBench) -> None:
    started = await bench.start()
    assert await bench.logins.wait(started.code, started.secret, seconds=0.05) == Outcome("waiting")
    assert await bench.logins.wait(started.code, "guess", seconds=600) == Outcome("expired")
    assert bench.logins._waiters == {}


async def test_a_wait_that_is_given_up_takes_no_confirmation(bench: LoginBench) -> None:
    started, given_up = await bench.start(), asyncio.Event()
    pending = await bench.asked(started)
    waiting = asyncio.create_task(bench.logins.wait(started.code, started.secret, seconds=600, given_up=given_up))
    await until(lambda: bench.logins._waiters)
    given_up.set()
    await bench.logins.answer(started.code, ADA, key=pending.key, number=started.number)
    assert await waiting == Outcome("waiting")
    assert await bench.logins.wait(started.code, started.secret) == Outcome("confirmed", ADA)


async def test_all_waits_return_when_the_server_shuts_down(bench: LoginBench) -> None:
    bench.logins = Logins(bench.records, lambda: bench.now, poll=600)
    started = [await bench.start() for _ in range(3)]
    waits = [asyncio.create_task(bench.logins.wait(one.code, one.secret, seconds=600)) for one in started]
    await until(lambda: len(bench.logins._waiters) == 3)
    bench.logins.end_waits()
    assert await asyncio.gather(*waits) == [Outcome("waiting")] * 3
