"""However long the database was away, what waited for it continues within seconds of its return."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from streamvault.errors import CatalogError
from streamvault.media.events import Event, SeenChat, Standing
from streamvault.telegram.backoff import DATABASE_DELAY
from streamvault.telegram.updates.index_queue import IndexQueue, IndexWrite
from streamvault.telegram.updates.queues import Future, UpdateQueue, cancel
from streamvault.telegram.updates.receiver import ChannelQueues
from streamvault.telegram.updates.sequence import ReceivedUpdate
from tests.support.steady_loop import wait_faster

LATEST = DATABASE_DELAY * 1.25 + 0.5
"""Seconds from the database's return to the next try: the longest delay with its jitter, and what the test itself takes
on a clock that runs fast.
"""


class Database:
    """Away for some seconds of the loop's clock; everything that needs it may be done again once it is back.

    `done` is resolved with the seconds from its return to the first success.
    """

    def __init__(self, seconds: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._back = self._clock() + seconds
        self.tries = 0
        self.done: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def need(self) -> None:
        self.tries += 1
        if self._clock() < self._back:
            raise CatalogError("away")
        if not self.done.done():
            self.done.set_result(self._clock() - self._back)

    # A sequence

    async def handle(self, _: ReceivedUpdate) -> bool:
        self.need()
        return True

    async def catch_up(self, done: Future) -> None:
        self.need()
        done.set_result(None)

    # An index

    async def apply(self, *events: Event, marks: Mapping[str, str]) -> None:
        self.need()

    async def followed(self) -> frozenset[int]:
        self.need()
        return frozenset()

    async def mark(self, name: str) -> str | None:
        return None

    async def standing(self, chat: SeenChat) -> Standing:
        return "ours"

    async def missed(self, chat_id: int, *, followed: bool) -> None:
        raise AssertionError(chat_id)


@pytest.fixture(params=[10.0, 40.0])
async def away(request: pytest.FixtureRequest) -> Database:
    """A database that is away for so many seconds, on a clock that runs fifty times as fast."""
    wait_faster(50.0)
    return Database(request.param)


async def continued_soon(away: Database, *running: Any) -> None:
    """It goes on soon after the return, and was not tried all the time before."""
    tasks = [asyncio.ensure_future(one) for one in running]
    try:
        assert await away.done <= LATEST
        assert away.tries < 20
    finally:
        await cancel(*tasks)


async def test_an_update_that_waits_is_handled(away: Database) -> None:
    queue = UpdateQueue(away, name="channel")
    queue.put(ReceivedUpdate(1))
    await continued_soon(away, queue.run())


async def test_a_difference_that_waits_is_fetched(away: Database) -> None:
    queue = UpdateQueue(away, name="channel")
    queue.catch_up()
    await continued_soon(away, queue.run())


async def test_what_is_to_be_stored_is_stored(away: Database) -> None:
    queue = IndexQueue(away)
    await queue.add(IndexWrite(mark=("pts/1", "5")))
    await continued_soon(away, queue.run())


async def test_which_channels_are_followed_is_asked_again(away: Database) -> None:
    sequences: Any = None
    channels = ChannelQueues(sequences, away, IndexQueue(away), failing=lambda *_: None)
    channels.catch_up()
    try:
        await continued_soon(away)
    finally:
        await channels.close()
