"""The worker over a store and a player in memory: what people wish is played, and what happens is stored."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from streamvault.errors import CallInterrupted, CallRefused
from streamvault.voice import following, transitions
from streamvault.voice.calls import Calls
from streamvault.voice.command import Picture
from streamvault.voice.model import Call, Status
from streamvault.voice.ports import Audience
from streamvault.voice.store.sqlite import SqliteCalls
from streamvault.voice.worker import Worker
from tests.contracts.voice_calls import GROUP, item
from tests.support.waiting import until


@dataclass
class MemoryPlayer:
    """A player whose faults a test decides. `plays` are (stream, position, with a picture); `silent`: it is paused;
    `joined`: it is in the call.
    """

    generation: int = 0
    plays: list[tuple[int, float, bool]] = field(default_factory=list)
    silent: bool = False
    joined: bool = False
    lost: bool = False
    refusal: CallRefused | CallInterrupted | None = None
    audience: Audience = field(default_factory=lambda: Audience(1, muted=False))

    async def play(self, chat_id: int, stream: int, sound: str, picture: tuple[str, Picture] | None) -> None:
        if self.refusal is not None:
            raise self.refusal
        position = re.search(r"-ss ([0-9.]+)", sound)
        self.plays.append((stream, float(position[1]) if position else 0.0, picture is not None))
        self.silent, self.joined, self.lost = False, True, False

    async def pause(self, chat_id: int) -> None:
        self.silent = True

    async def leave(self, chat_id: int) -> None:
        self.joined = False

    async def check(self, chat_id: int) -> None:
        if self.lost:
            raise CallInterrupted("It was lost.")

    async def heard(self, chat_id: int) -> Audience:
        return self.audience


class MemoryLinks:
    """Names files; `open` are those that are good."""

    def __init__(self) -> None:
        self.open: list[str] = []

    @contextmanager
    def link(self, chat_id: int, message_id: int) -> Iterator[str]:
        address = f"http://127.0.0.1/{chat_id}/{message_id}"
        self.open.append(address)
        try:
            yield address
        finally:
            self.open.remove(address)


@dataclass
class Stage:
    """A worker that follows the calls of a store. `hold` begins it."""

    calls: Calls
    player: MemoryPlayer = field(default_factory=MemoryPlayer)
    links: MemoryLinks = field(default_factory=MemoryLinks)
    worker: Worker = field(init=False)
    task: "asyncio.Task[None] | None" = None

    def start(self, name: str = "1/w") -> None:
        self.worker = Worker(self.calls, self.player, self.links, name=name, node="n")
        self.task = asyncio.create_task(self.worker.run())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def change(self, change: Callable[[Call, float], Call]) -> Call:
        return await self.calls.change(GROUP, change)

    async def becomes(self, wanted: Callable[[Call], bool]) -> Call:
        async def there() -> Call | None:
            call = await self.calls.get(GROUP)
            return call if wanted(call) else None

        return await until(there, timeout=20, pause=0.02)

    async def plays(self, *names: str) -> Call:
        """The call, when these are queued and the first one plays."""
        await self.change(lambda call, now: transitions.added(call, [item(name) for name in names], now=now))
        return await self.becomes(lambda call: call.status is Status.PLAYING)


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    async with SqliteCalls(folder / "calls.db") as store:
        made = Stage(Calls(store))
        made.start()
        try:
            yield made
        finally:
            await made.stop()


async def test_what_people_wish_is_played(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        call = await at.plays("a", "b")
        assert at.player.plays == [(call.stream, 0.0, False)]
        assert call.node == "n"
        await at.change(lambda call, now: transitions.paused(call, now=now))
        await until(lambda: at.player.silent)
        await at.change(lambda call, now: transitions.sought(call, 50.0, now=now))
        await at.change(lambda call, now: transitions.resumed(call, now=now))
        call = await at.becomes(lambda call: call.status is Status.PLAYING)
        assert at.player.plays[1:] == [(call.stream, 50.0, False)]
        await at.change(lambda call, now: transitions.skipped(call, now=now))
        await until(lambda: len(at.player.plays) == 3)
        await until(lambda: len(at.links.open) == 1)  # what was played before has no address any more
        await at.change(lambda call, now: transitions.stopped(call, now=now))
        await until(lambda: not at.player.joined and not at.links.open)
        await at.becomes(lambda call: call.lease is None)


async def test_the_end_of_an_item_begins_the_next_and_an_old_end_does_not(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        first = await at.plays("a", "b")
        await at.change(lambda call, now: transitions.sought(call, 119.0, now=now))
        second = await at.becomes(lambda call: call.status is Status.PLAYING and call.stream > first.stream)
        at.worker.ended(GROUP, first.stream)
        await at.change(lambda call, now: transitions.with_volume(call, 50, now=now))
        third = await at.becomes(lambda call: call.status is Status.PLAYING and call.stream > second.stream)
        assert third.item is not None
        assert third.item.id == "a"
        at.worker.ended(GROUP, third.stream)
        call = await at.becomes(lambda call: call.item is not None and call.item.id == "b")
        at.worker.ended(-1, call.stream)


async def test_a_call_that_is_lost_is_left_and_joined_again_where_it_was(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.plays("a")
        await at.change(lambda call, now: transitions.sought(call, 60.0, now=now))
        await until(lambda: len(at.player.plays) == 2)
        at.player.lost = True
        await until(lambda: len(at.player.plays) == 3, timeout=30, pause=0.02)
        assert 60.0 <= at.player.plays[-1][1] <= 60.0 + 2 * following.CHECK + transitions.MAX_GAP


async def test_the_end_of_the_process_that_plays_costs_a_moment(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.plays("a")
        at.player.generation += 1
        await until(lambda: len(at.player.plays) == 2, timeout=20)
        assert (await at.becomes(lambda call: call.status is Status.PLAYING)).item == item("a")


async def test_a_refusal_is_told_and_resumed_by_a_person(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.player.refusal = CallRefused("The account is not in this chat: add it.")
        await at.change(lambda call, now: transitions.added(call, [item("a")], now=now))
        failed = await at.becomes(lambda call: call.status is Status.FAILED)
        assert failed.reason == "The account is not in this chat: add it."
        await at.becomes(lambda call: call.lease is None)
        at.player.refusal = None
        await at.change(lambda call, now: transitions.resumed(call, now=now))
        await at.becomes(lambda call: call.status is Status.PLAYING)


async def test_a_worker_that_ends_lets_the_next_one_go_on(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        await at.plays("a")
        await at.change(lambda call, now: transitions.sought(call, 30.0, now=now))
        await until(lambda: len(at.player.plays) == 2)
        await at.becomes(lambda call: call.status is Status.PLAYING)
        await at.stop()
        assert (await at.calls.get(GROUP)).lease is None
        assert not at.player.joined
        at.start("1/other")
        await until(lambda: len(at.player.plays) == 3, timeout=20)
        assert 30.0 <= at.player.plays[-1][1] <= 30.0 + transitions.MAX_GAP


async def test_a_muted_account_and_an_empty_call_are_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.player.audience = Audience(0, muted=True)
        await at.plays("a")
        call = await at.becomes(lambda call: call.alone_since is not None)
        assert (call.reason, call.listeners) == (following.MUTED, 0)


async def test_calls_of_a_worker_that_was_killed_are_taken_over(tmp_path: Path) -> None:
    async with SqliteCalls(tmp_path / "calls.db") as store:
        calls = Calls(store)
        await calls.change(GROUP, lambda call, now: transitions.added(call, [item("a")], now=now))
        assert await calls.claim("7/dead", node="n") is not None
        assert await calls.claim("7/new", node="n") is None
        assert await calls.take_over("70") == 0
        assert await calls.take_over("7") == 1
        taken = await calls.claim("7/new", node="n")
        assert taken is not None
        assert taken.fence == 2
