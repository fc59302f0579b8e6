"""An outage of the database while its session is in use: the holder continues, and stops once its lease was taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from streamvault.errors import SourceUnavailable
from streamvault.storage.mongo import MongoDatabase
from streamvault.telegram.errors import AccountLost
from streamvault.telegram.sessions.database import DatabaseBackend
from streamvault.telegram.sessions.mongo_rows import MongoRows
from tests.streamvault.telegram.conftest import Connect, right
from tests.support.mongo import leaves_sockets, mongo_server
from tests.support.proxies import Relay, relay
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld
from tests.support.waiting import until

pytestmark = leaves_sockets

NAME = "streamvault_v2"
TTL, HEARTBEAT = 3.0, 1.0


@dataclass(frozen=True, slots=True)
class Outage:
    """`settings` reach the database over `relay`; `rows` reach it directly, as another process does."""

    relay: Relay
    rows: MongoRows
    settings: dict[str, Any]

    def begin(self) -> None:
        """Hold back all data between the holder and the database."""
        self.relay.flowing.clear()

    async def lease_expired(self) -> bool:
        """Whether the lease has expired."""
        lease = await self.rows.lease()
        return lease is not None and lease.remaining <= 0

    async def take_lease(self) -> None:
        """Take the lease as another process."""
        lease = await self.rows.lease()
        assert lease is not None
        assert await self.rows.claim(lease.token + 1, after=lease.token, holder="another process", ttl=60)


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[Outage]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(mongo_server(folder))
        if not server.ours:
            pytest.skip("connections to the server that DATABASE_URL names cannot be cut")
        cut = await stack.enter_async_context(relay(server.port))
        direct = await stack.enter_async_context(MongoDatabase(server.url))
        url = server.url.get_secret_value().replace(f":{server.port}/", f":{cut.port}/")
        settings = {
            "session_store": "database",
            "secret_key": SecretStr("a secret key of enough characters"),
            "database_url": SecretStr(url),
        }
        yield Outage(cut, MongoRows(direct, NAME), settings)


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that expires sooner."""
    defaults = DatabaseBackend.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "ttl", TTL)
    monkeypatch.setitem(defaults, "heartbeat", HEARTBEAT)


@pytest.mark.usefixtures("short_lease")
async def test_a_holder_continues_during_an_outage_and_keeps_its_session(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    place = await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC)
    async with database(tmp_path) as outage, connect(**outage.settings) as online:
        film = await online.file(place)
        await online.source.fetch(film, 0, MIB)
        outage.begin()
        await until(outage.lease_expired, timeout=30)
        for index in range(4):
            assert await online.source.fetch(film, index * MIB, MIB) == right(index)
        outage.relay.flowing.set()

        async def renewed() -> bool:
            return not await outage.lease_expired()

        await until(renewed, timeout=30)
        assert await online.source.fetch(film, 5 * MIB, MIB) == right(5)
        assert online.accounts.main.online
    assert world.emulator.counters.value("logins") == 1


@pytest.mark.usefixtures("short_lease")
async def test_a_holder_whose_lease_was_taken_closes_before_any_further_request(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    place = await world.post_synthetic(8 * MIB, dc_id=FOREIGN_DC)
    async with database(tmp_path) as outage, connect(**outage.settings) as online:
        film = await online.file(place)
        watch = asyncio.create_task(online.accounts.watch())
        await online.source.fetch(film, 0, MIB)
        outage.begin()
        await until(outage.lease_expired, timeout=30)
        await outage.take_lease()
        assert await online.source.fetch(film, MIB, MIB) == right(1)  # the holder cannot know it yet
        outage.relay.flowing.set()
        await asyncio.wait_for(online.accounts.main.session.backend.lost.wait(), 30)
        calls = world.emulator.counters.value("calls")
        with pytest.raises(SourceUnavailable):
            await online.source.fetch(film, 2 * MIB, MIB)
        with pytest.raises(AccountLost, match="taken over"):
            await asyncio.wait_for(watch, 10)
        await until(lambda: not world.emulator.connections_open)
        assert world.emulator.counters.value("calls") == calls
