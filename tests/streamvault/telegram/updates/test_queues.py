"""A sequence of updates that fails delays no other, and itself no longer than it has to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from streamvault.errors import CatalogError, SourceBusy, SourceUnavailable
from streamvault.telegram.updates import queues
from streamvault.telegram.updates.queues import Future, UpdateQueue, cancel
from streamvault.telegram.updates.sequence import ReceivedUpdate
from tests.support.waiting import until


class Numbers:
    """A sequence of whole numbers: each update follows on the one before. `missed` is what the difference holds."""

    def __init__(self) -> None:
        self.applied: list[int] = []
        self.missed: list[int] = []
        self.fetch_error: Callable[[], Exception] | None = None
        self.handle_error: Exception | None = None
        self.fetches = 0

    async def handle(self, received: ReceivedUpdate) -> bool:
        if self.handle_error is not None:
            error, self.handle_error = self.handle_error, None
            raise error
        follows = not self.applied or received.update == self.applied[-1] + 1
        if follows:
            self.applied.append(received.update)
        return follows or received.update <= self.applied[-1]

    async def catch_up(self, done: Future) -> None:
        self.fetches += 1
        if self.fetch_error is not None:
            raise self.fetch_error()
        for number in self.missed:
            if not self.applied or number > self.applied[-1]:
                self.applied.append(number)
        done.set_result(None)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "RETRY_FIRST", 0.005)
    monkeypatch.setattr(queues, "RETRY_MOST", 0.01)


@asynccontextmanager
async def running(sequence: Numbers) -> AsyncIterator[tuple[UpdateQueue, list[tuple[str, bool]]]]:
    told: list[tuple[str, bool]] = []
    queue = UpdateQueue(sequence, name="numbers", failing=lambda *state: told.append(state))
    task = asyncio.create_task(queue.run())
    try:
        yield queue, told
    finally:
        await cancel(task)


def push(queue: UpdateQueue, *numbers: int) -> None:
    for number in numbers:
        queue.put(ReceivedUpdate(number))


async def test_updates_in_step_are_applied_while_the_difference_cannot_be_fetched() -> None:
    numbers = Numbers()
    numbers.fetch_error = lambda: SourceUnavailable("500")
    async with running(numbers) as (queue, told):
        caught_up = queue.catch_up()
        await until(lambda: numbers.fetches >= 3)
        push(queue, 1, 2, 3)
        await until(lambda: numbers.applied == [1, 2, 3])
        assert not caught_up.done()
        assert told == [("numbers", True)]
        numbers.fetch_error = None
        await asyncio.wait_for(caught_up, 30)
        assert told == [("numbers", True), ("numbers", False)]


async def test_a_gap_waits_for_the_difference_and_is_filled_by_it() -> None:
    numbers = Numbers()
    numbers.fetch_error = lambda: SourceUnavailable("500")
    async with running(numbers) as (queue, _):
        push(queue, 1, 3)
        await until(lambda: numbers.fetches >= 2)
        assert numbers.applied == [1]
        numbers.missed, numbers.fetch_error = [2, 3], None
        await until(lambda: numbers.applied == [1, 2, 3])
        push(queue, 4)
        await until(lambda: numbers.applied == [1, 2, 3, 4])


async def test_a_flood_wait_is_waited_for_and_updates_go_on() -> None:
    numbers = Numbers()
    numbers.fetch_error = lambda: SourceBusy(3600)
    async with running(numbers) as (queue, _):
        queue.catch_up()
        await until(lambda: numbers.fetches == 1)
        push(queue, 1, 2)
        await until(lambda: numbers.applied == [1, 2])
        queue.catch_up()
        push(queue, 3)
        await until(lambda: numbers.applied == [1, 2, 3])
        assert numbers.fetches == 1


async def test_an_update_that_cannot_be_handled_is_handled_again() -> None:
    numbers = Numbers()
    numbers.handle_error = CatalogError("away")
    async with running(numbers) as (queue, told):
        push(queue, 1, 2)
        await until(lambda: numbers.applied == [1, 2])
        assert told == []


async def test_an_update_that_cannot_be_read_is_skipped_and_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """E: one update, of a form that nobody thought of, does not end those that follow."""
    numbers = Numbers()
    numbers.handle_error = AttributeError("no such field")
    async with running(numbers) as (queue, _):
        push(queue, 0, 1, 2)
        await until(lambda: numbers.applied == [1, 2])
    assert "an update (int) could not be read and is skipped" in caplog.text


async def test_a_difference_that_cannot_be_read_is_fetched_again() -> None:
    numbers = Numbers()
    numbers.fetch_error = lambda: AttributeError("no such field")
    async with running(numbers) as (queue, told):
        caught_up = queue.catch_up()
        await until(lambda: numbers.fetches >= 3)
        push(queue, 1)
        await until(lambda: numbers.applied == [1])
        assert told == [("numbers", True)]
        numbers.fetch_error = None
        await asyncio.wait_for(caught_up, 30)


async def test_all_who_wait_are_told_at_the_first_success() -> None:
    numbers = Numbers()
    numbers.fetch_error = lambda: SourceUnavailable("500")
    async with running(numbers) as (queue, _):
        first = queue.catch_up()
        await until(lambda: numbers.fetches >= 2)
        second = queue.catch_up()
        numbers.fetch_error = None
        await asyncio.wait_for(asyncio.gather(first, second), 30)


async def test_an_update_that_fails_while_catching_up_is_not_lost() -> None:
    numbers = Numbers()
    async with running(numbers) as (queue, _):
        numbers.handle_error = CatalogError("away")
        push(queue, 1, 2)
        await asyncio.wait_for(queue.catch_up(), 30)
        await until(lambda: numbers.applied == [1, 2])


@pytest.mark.parametrize("failing", [False, True])
async def test_an_update_that_comes_just_as_the_queue_is_closed_does_not_keep_it_running(failing: bool) -> None:
    numbers = Numbers()
    numbers.fetch_error = (lambda: SourceBusy(3600)) if failing else None
    queue = UpdateQueue(numbers, name="numbers")
    task = asyncio.create_task(queue.run())
    queue.catch_up()
    await until(lambda: numbers.fetches == 1)
    push(queue, 1)
    await asyncio.wait_for(cancel(task), 30)
    assert task.cancelled()
