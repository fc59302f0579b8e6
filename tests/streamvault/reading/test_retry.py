"""When a failed read is tried again."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import FileGone, ShortRead, SourceBusy, SourceError, SourceUnavailable
from streamvault.reading.retry import FIRST_DELAY, MAX_DELAY, MAX_REFUSALS, LoopClock, next_delay, with_retries
from tests.support.sources import HastyClock, ManualClock


class Script:
    """A read that fails with each of `errors`, then gives "bytes"."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "bytes"


errors = st.one_of(
    st.builds(SourceBusy, st.floats(0, 4000)),
    st.sampled_from([SourceUnavailable("lost"), ShortRead("short"), SourceError("refused")]),
)


@given(errors, st.integers(1, 10**6), st.floats(0, 4000), st.floats(0.1, 4000))
def test_a_delay_ends_within_the_bound(error: SourceError, attempt: int, waited: float, bound: float) -> None:
    delay = next_delay(error, attempt, waited=waited, bound=bound)
    if delay is not None:
        assert delay >= FIRST_DELAY
        assert waited + delay < bound


@given(st.floats(FIRST_DELAY, 4000), st.integers(1, 100))
def test_a_flood_wait_is_kept_to_the_second_or_not_at_all(seconds: float, attempt: int) -> None:
    error = SourceBusy(seconds)
    assert next_delay(error, attempt, waited=0, bound=seconds + 1) == seconds
    assert next_delay(error, attempt, waited=2, bound=seconds + 1) is None


def test_a_lost_connection_backs_off_until_the_bound() -> None:
    delays = [next_delay(SourceUnavailable("lost"), attempt, waited=0, bound=60) for attempt in range(1, 12)]
    assert delays == [min(FIRST_DELAY * 2**n, MAX_DELAY) for n in range(11)]
    assert next_delay(SourceUnavailable("lost"), 1, waited=60, bound=60) is None


@pytest.mark.parametrize("error", [ShortRead("short"), SourceError("refused")])
def test_a_refusal_is_tried_a_few_times_only(error: SourceError) -> None:
    tried = [next_delay(error, attempt, waited=0, bound=60) for attempt in range(1, MAX_REFUSALS + 2)]
    assert [delay is None for delay in tried] == [False] * (MAX_REFUSALS - 1) + [True, True]


async def test_a_read_that_succeeds_at_last_is_returned() -> None:
    read, clock = Script(SourceUnavailable("lost"), SourceBusy(3), ShortRead("short")), HastyClock()
    assert await with_retries(read, 60, clock=clock) == "bytes"
    assert read.tries == 4
    assert clock.slept == [FIRST_DELAY, 3, FIRST_DELAY]


async def test_the_last_error_is_raised_at_the_bound() -> None:
    clock = HastyClock()
    began = clock.time()
    last = SourceUnavailable("the last one")
    read = Script(*[SourceUnavailable("lost")] * 4, last, *[SourceUnavailable("never seen")] * 9)
    with pytest.raises(SourceUnavailable) as caught:
        await with_retries(read, 5, clock=clock)
    assert caught.value is last
    assert clock.time() - began < 5


async def test_three_lost_connections_do_not_end_a_read() -> None:
    """Three errors -503 on one chunk must not end a body early."""
    read = Script(*[SourceUnavailable("-503")] * 3)
    assert await with_retries(read, 60, clock=HastyClock()) == "bytes"


async def test_a_flood_wait_beyond_the_bound_is_raised_at_once() -> None:
    clock = HastyClock()
    with pytest.raises(SourceBusy) as caught:
        await with_retries(Script(SourceBusy(2838)), 15, clock=clock)
    assert caught.value.retry_after == 2838
    assert clock.slept == []


@pytest.mark.parametrize("error", [FileGone("deleted"), KeyError("a defect")])
async def test_other_errors_are_not_tried_again(error: Exception) -> None:
    read = Script(error)
    with pytest.raises(type(error)):
        await with_retries(read, 60, clock=HastyClock())
    assert read.tries == 1


async def test_a_read_without_an_answer_ends_at_the_bound() -> None:
    clock = ManualClock()
    cancelled = asyncio.Event()

    async def read() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    task = asyncio.create_task(with_retries(read, 15, clock=clock))
    await asyncio.sleep(0)
    clock.advance(14.9)
    await asyncio.sleep(0)
    assert not task.done()
    clock.advance(0.2)
    with pytest.raises(SourceUnavailable, match="no answer"):
        await task
    assert cancelled.is_set()


async def test_cancelling_during_the_back_off_ends_it() -> None:
    clock, read = ManualClock(), Script(SourceUnavailable("lost"))
    task = asyncio.create_task(with_retries(read, 60, clock=clock))
    await clock.sleeping.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert read.tries == 1


async def test_the_loop_clock_is_the_loops() -> None:
    clock, loop = LoopClock(), asyncio.get_running_loop()
    before = loop.time()
    await clock.sleep(0)
    assert before <= clock.time() <= loop.time()
    with pytest.raises(TimeoutError):
        async with clock.timeout(0):
            await asyncio.Event().wait()
