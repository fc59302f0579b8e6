"""Messages of opened files are read again: when, how many at once, and what becomes of failures."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from streamvault.errors import FileMissing, SourceBusy, SourceUnavailable, StreamVaultError
from streamvault.indexing import opened as opened_module
from streamvault.indexing.opened import INTERVAL, PAUSE, OpenedFiles
from streamvault.media.history import BATCH
from streamvault.media.model import Origin
from tests.support.files import CHANNEL
from tests.support.sources import ManualClock
from tests.support.waiting import until

OTHER = CHANNEL - 7


class Stage:
    """Opened files over a check that notes what it is asked, and may fail or never answer for a chat."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.asked: list[tuple[float, int, list[int]]] = []
        self.failing: dict[int, StreamVaultError] = {}
        self.silent: set[int] = set()
        self.began = self.clock.time()
        self.files = OpenedFiles(self.check, clock=self.clock)

    async def check(self, chat_id: int, numbers: Sequence[int]) -> None:
        self.asked.append((self.clock.time() - self.began, chat_id, list(numbers)))
        if chat_id in self.silent:
            await asyncio.Event().wait()
        if chat_id in self.failing:
            raise self.failing[chat_id]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.files.run())
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def open(self, *numbers: int, chat_id: int = CHANNEL) -> None:
        self.files.opened(Origin(chat_id, number) for number in numbers)

    async def pass_time(self, seconds: float, asked: int) -> None:
        """Let so much time pass, a second at a time; there must be so many requests then."""
        for _ in range(int(seconds)):
            self.clock.advance(1.0)
            for _ in range(20):
                await asyncio.sleep(0)
        await until(lambda: len(self.asked) >= asked)
        assert len(self.asked) == asked


async def test_a_message_is_read_at_once_and_at_most_once_a_minute() -> None:
    """W: an opening within the minute has it read at the end of it, an opening after that at once."""
    stage = Stage()
    async with stage.running():
        stage.open(5)
        await stage.pass_time(1, asked=1)
        for _ in range(30):
            stage.open(5)
            await stage.pass_time(1, asked=1)
        await stage.pass_time(INTERVAL, asked=2)
        await stage.pass_time(10 * INTERVAL, asked=2)  # nobody opens it
        stage.open(5)
        await stage.pass_time(1, asked=3)
    times = [at for at, _, _ in stage.asked]
    assert times[0] <= 1
    assert times[1] == pytest.approx(times[0] + INTERVAL, abs=1)


async def test_messages_of_one_chat_share_a_request_and_requests_are_spread() -> None:
    stage = Stage()
    stage.open(*range(1, BATCH + 51))
    stage.open(7, chat_id=OTHER)
    async with stage.running():
        await stage.pass_time(10, asked=3)
    assert sorted(len(numbers) for _, _, numbers in stage.asked) == [1, 50, BATCH]
    times = [at for at, _, _ in stage.asked]
    assert all(later - earlier >= PAUSE for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("error", [SourceBusy(3600), SourceUnavailable("500"), FileMissing("not in it")])
async def test_a_failure_is_tried_again_when_somebody_opens_it_later(error: StreamVaultError) -> None:
    stage = Stage()
    stage.failing[CHANNEL] = error
    async with stage.running():
        stage.open(5)
        await stage.pass_time(2, asked=1)
        stage.open(5)
        await stage.pass_time(INTERVAL, asked=2)


async def test_a_chat_that_never_answers_delays_no_other() -> None:
    """E: the same kind."""
    stage = Stage()
    stage.silent = {CHANNEL}
    async with stage.running():
        stage.open(5)
        await stage.pass_time(2, asked=1)
        stage.open(5, chat_id=OTHER)
        await stage.pass_time(2, asked=2)


async def test_the_messages_that_are_due_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_module, "MAX_MESSAGES", 10)
    stage = Stage()
    stage.open(*range(1, 1000))
    async with stage.running():
        await stage.pass_time(5, asked=1)
        assert len(stage.asked[0][2]) == 10
        assert len(stage.files._read) == 10
