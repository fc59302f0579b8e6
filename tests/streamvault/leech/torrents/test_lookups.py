"""Looks at magnet links: a few at a time, in turns, and no longer than somebody waits for them."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from streamvault.errors import NotYet, SourceFailed
from streamvault.leech.torrents.lines import Progress
from streamvault.leech.torrents.lookups import Lookups
from tests.support.waiting import until


@dataclass
class Peers:
    """Implements lookups.Looking: links that begin with "dead" are answered by nobody."""

    open: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    tick: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self, magnet: str, *, private: bool) -> AsyncGenerator[Progress | bytes, None]:
        self.open.append(magnet)
        self.seen.append(magnet)
        try:
            while magnet.startswith("dead"):
                yield Progress(0, 0, 0, 1, 3, checking=False)
                await self.tick.wait()
                self.tick.clear()
            yield b"torrent of " + magnet.encode()
        finally:
            self.open.remove(magnet)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def wanted(job: str) -> bool:
    return True


async def test_a_look_that_is_answered_is_told_at_once() -> None:
    peers = Peers()
    async with Lookups(peers, wanted).running() as lookups:
        assert await lookups.description("a", "live", private=False) == b"torrent of live"
        assert peers.open == []


async def test_dead_links_let_others_go_on() -> None:
    peers, clock = Peers(), Clock()
    lookups = Lookups(peers, wanted, most=2, patience=0.0, at_least=60.0, clock=clock)
    async with lookups.running():
        for job in ("1", "2"):
            with pytest.raises(NotYet):
                await lookups.description(job, f"dead {job}", private=False)
        await until(lambda: peers.open == ["dead 1", "dead 2"])
        with pytest.raises(NotYet, match="asks for what this magnet link describes: 1 of 3 peers are connected"):
            await lookups.description("1", "dead 1", private=False)
        with pytest.raises(NotYet, match="waits for its turn: 2 other magnet links are looked up"):
            await lookups.description("3", "live", private=False)
        clock.now = 61.0

        async def answered() -> bytes | None:
            try:
                return await lookups.description("3", "live", private=False)
            except NotYet:
                return None

        assert await until(answered) == b"torrent of live"
        assert (peers.seen, peers.open) == (["dead 1", "dead 2", "live"], ["dead 2"])
    assert peers.open == []


async def test_what_nobody_answers_fails_with_the_reason() -> None:
    peers = Peers()
    async with Lookups(peers, wanted, seconds=1.0, patience=60.0).running() as lookups:
        with pytest.raises(SourceFailed, match=r"nobody told within 0 minutes .* \(1 of 3 peers are connected\)"):
            await lookups.description("1", "dead", private=False)
        assert peers.open == []


async def test_a_look_ends_with_its_job() -> None:
    peers, ended = Peers(), asyncio.Event()

    async def is_wanted(job: str) -> bool:
        return not ended.is_set()

    async with Lookups(peers, is_wanted, patience=0.0).running() as lookups:
        with pytest.raises(NotYet):
            await lookups.description("1", "dead", private=False)
        await until(lambda: peers.open == ["dead"])
        ended.set()
        peers.tick.set()
        await until(lambda: peers.open == [])
