"""A server on a disk of 64 MiB for a long time: posts, streams, restarts, kills, and others who fill the disk.

Nothing is lost, the cache is bounded, and what /readyz and the log say is true. Each round posts, streams and checks;
between two rounds comes one of the events below. STREAMVAULT_SOAK_MINUTES says for how long, instead of 30.
"""

import asyncio
import contextlib
import logging
import os
import random
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.http_client import opened
from tests.support.proof import full
from tests.support.server import ServerProcess, server_process
from tests.support.small_disk import free, listed, post, post_film, read_film, small_disk
from tests.support.stack import ENTRY_DC, FOREIGN_DC, HOME_DC, EmulatedWorld, chat_id_of, emulator_world
from tests.support.waiting import until
from tgemulator.config import DcConfig, EmulatorConfig

log = logging.getLogger(__name__)

MIB = 1 << 20
DISK = 64 * MIB
RESERVE = DISK // 4
BATCH = 2 * MIB
"""What the cache may take beyond its limit before it looks at the disk again."""

WORLD = EmulatorConfig(dcs=(DcConfig(ENTRY_DC), DcConfig(HOME_DC), DcConfig(FOREIGN_DC)), tell_bots_of_deletions=True)

MINUTES = float(os.environ.get("STREAMVAULT_SOAK_MINUTES") or 30)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "data", DISK) as folder:
        yield folder


class Soak:
    """One world and one server, and what must be true of them."""

    def __init__(self, world: EmulatedWorld, server: ServerProcess, data: Path, seed: int) -> None:
        self.world = world
        self.server = server
        self.data = data
        self.random = random.Random(seed)
        self.ballast = data / "of somebody else"
        self.messages: dict[str, Any] = {}
        self.films: list[tuple[Any, int, int]] = []
        self.done: Counter[str] = Counter()
        self.least_free = DISK
        self.most_cached = 0

    async def start(self) -> None:
        await self.server.start()
        await self.server.ready(120)

    async def post(self) -> None:
        """Posts of which some are deleted later on."""
        number = self.done["posts"]
        self.messages |= await post(self.world, 20, first=number)
        self.done["posts"] += 20
        for name in self.random.sample(sorted(self.messages), 2):
            if name.startswith("small"):
                await self.world.emulator.world.delete(self.messages.pop(name))
                self.done["deletions"] += 1

    async def film(self) -> tuple[Any, int, int]:
        """A new film, or one of the last."""
        if self.films and self.random.random() < 0.4:
            return self.random.choice(self.films[-6:])
        size, seed = self.random.randrange(4, 24) * MIB + 12_345, 1_000_000 + self.done["films"]
        self.done["films"] += 1
        message = await post_film(self.world, size, seed)
        self.films.append((message, size, seed))
        self.messages[f"{seed}.mp4"] = message
        return self.films[-1]

    async def stream(self) -> None:
        """Two viewers at once; every byte is right."""
        films = [await self.film(), await self.film()]
        await asyncio.gather(*(read_film(self.server, self.world, *film) for film in films))
        self.done["streams"] += 2
        self.done["bytes"] += sum(size for _, size, _ in films)

    async def check(self) -> None:
        """Everything that was posted and not deleted is listed, and nothing else; the disk has its reserve."""
        with contextlib.suppress(TimeoutError):
            await until(self._all_listed, timeout=120, pause=0.2)
        assert await listed(self.server) == set(self.messages), dict(self.done)
        await until(self._has_reserve, timeout=60, pause=0.2)
        await until(self._nothing_degraded, timeout=60, pause=0.2)

    async def restart(self) -> None:
        """A clean end; posts come while nothing runs."""
        assert await self.server.stop() == 0
        await self.post()
        await self.start()

    async def kill(self) -> None:
        """The process dies in the middle of a stream and of posts."""
        message, _, _ = await self.film()
        async with opened(self.server.address, f"/stream/{chat_id_of(self.world.films)}/{message.id}") as exchange:
            await exchange.reader.readexactly(MIB)
            await self.post()
            await self.server.kill()
        await self.start()

    async def crowd(self) -> None:
        """Somebody else takes what is free: the cache makes room."""
        with self.filled(leave=MIB // 4):
            await self.post()
            await self.stream()
            await until(self._has_reserve, timeout=60, pause=0.2)

    async def fill(self) -> None:
        """Somebody else takes everything, the cache's room too: that is told, and nothing is lost."""
        with self.filled(leave=MIB // 4):
            await until(lambda: self._degraded("disk", taking=MIB // 4), timeout=120, pause=0.5)
            await self.post()
        await until(self._nothing_degraded, timeout=60, pause=0.2)

    async def restart_on_a_full_disk(self) -> None:
        """The start makes room for the database before it opens it."""
        assert await self.server.stop() == 0
        with self.filled(leave=MIB // 4):
            await self.post()
            await self.start()

    @contextmanager
    def filled(self, *, leave: int) -> Iterator[None]:
        """All but `leave` bytes are taken while this lasts."""
        self.ballast.write_bytes(bytes(max(0, free(self.data) - leave)))
        try:
            yield
        finally:
            self.ballast.unlink()

    async def sample(self) -> None:
        """Note how full the disk becomes of the server's own doing."""
        while True:
            if not self.ballast.exists():
                self.least_free = min(self.least_free, free(self.data))
            self.most_cached = max(self.most_cached, _size_of(self.data / "cache"))
            await asyncio.sleep(0.2)

    async def _all_listed(self) -> bool:
        return await listed(self.server) == set(self.messages)

    async def _has_reserve(self) -> bool:
        return free(self.data) >= RESERVE - BATCH

    async def _nothing_degraded(self) -> bool:
        found = await self.server.readyz()
        return found is not None and found["degraded"] == []

    async def _degraded(self, what: str, *, taking: int) -> bool:
        """Whether that is told; until then the room that the cache gives back is taken from it."""
        with self.ballast.open("ab") as ballast:
            ballast.write(bytes(max(0, free(self.data) - taking)))
        found = await self.server.readyz()
        return found is not None and what in found["degraded"]


def _size_of(folder: Path) -> int:
    """Bytes that the files take; those that vanish meanwhile count as nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total


@asynccontextmanager
async def sampled(soak: Soak) -> AsyncIterator[None]:
    """The sampler beside the rounds; its end is the test's."""
    sampling = asyncio.create_task(soak.sample())
    try:
        yield
    finally:
        sampling.cancel()
        results = await asyncio.gather(sampling, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)


@pytest.mark.proof
@pytest.mark.skipif(not full(), reason="half an hour; `make proof` runs it")
@pytest.mark.timeout(MINUTES * 60 + 900)
async def test_nothing_is_lost_on_a_small_disk_whatever_happens(tmp_path: Path, data: Path) -> None:
    async with (
        emulator_world(WORLD) as world,
        server_process(world, tmp_path, entry=HOME_DC, CACHE_DISK="1 GiB", DATA_DIR=str(data)) as server,
    ):
        soak = Soak(world, server, data, seed=11)
        await soak.start()
        await soak.post()
        await soak.check()
        logins = world.emulator.counters.by("logins", "user")
        events = (soak.crowd, soak.restart, soak.fill, soak.kill, soak.restart_on_a_full_disk)
        until_when = time.time() + MINUTES * 60
        async with sampled(soak):
            while time.time() < until_when or soak.done["rounds"] < len(events):
                await soak.post()
                await soak.stream()
                await soak.check()
                event = events[soak.done["rounds"] % len(events)]
                await event()
                await soak.check()
                soak.done["rounds"] += 1
                soak.done[event.__name__] += 1
        assert await server.stop() == 0
        log.info("%s, least free %d bytes, most cached %d bytes", soak.done, soak.least_free, soak.most_cached)
        assert soak.most_cached <= DISK - RESERVE + BATCH
        assert world.emulator.counters.by("logins", "user") == logins, "the session was lost"
        with closing(sqlite3.connect(data / "streamvault.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        lines = server.log()
        assert "Traceback" not in lines
        told = lines.count(" is almost full, ")
        assert told == lines.count("disk: over after ") + _unfinished(lines)
        assert told >= soak.done["fill"]
        log.info("%d lines of log, %d times that the disk is almost full", len(lines.splitlines()), told)


def _unfinished(lines: str) -> int:
    """How many processes ended while the disk was said to be almost full."""
    open_, unfinished = False, 0
    for line in lines.splitlines():
        if " is almost full, " in line:
            unfinished += open_
            open_ = True
        elif "disk: over after " in line:
            open_ = False
    return unfinished + open_
