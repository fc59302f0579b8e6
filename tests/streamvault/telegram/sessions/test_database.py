"""Stored sessions in databases: the suite of all backends, encryption, and the lease when clocks or databases fail."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.errors import CatalogError, ConfigError
from streamvault.storage.mongo import MongoDatabase
from streamvault.storage.sqlite import SqliteDatabase
from streamvault.telegram.sessions.backend import Changes, Records, SessionHeld, StoreUnavailable
from streamvault.telegram.sessions.database import DatabaseBackend, Lease, Rows
from streamvault.telegram.sessions.mongo_rows import MongoRows
from streamvault.telegram.sessions.record_cipher import RecordCipher
from streamvault.telegram.sessions.sqlite_rows import COMPONENT, MIGRATIONS, SqliteRows
from tests.contracts.session_backend import *  # noqa: F403  the suite
from tests.contracts.session_backend import HEARTBEAT, TTL, Make, taken_over
from tests.support.mongo import leaves_sockets, mongo_server
from tests.support.waiting import until

pytestmark = leaves_sockets

SECRET = b"a secret key of enough characters"


@pytest.fixture(params=["sqlite", "mongodb"])
async def rows(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rows]:
    if request.param == "sqlite":
        path = tmp_path / "sessions.db"
        async with SqliteDatabase(path, MIGRATIONS, component=COMPONENT, durable=True) as sqlite:
            yield SqliteRows(sqlite, "bot")
    else:
        async with mongo_server(tmp_path) as server, MongoDatabase(server.url) as mongo:
            yield MongoRows(mongo, "bot")


def backend_over(rows: Rows, **options: object) -> DatabaseBackend:
    given: dict[str, object] = {"cipher": RecordCipher(SECRET), "ttl": TTL, "heartbeat": HEARTBEAT, **options}
    return DatabaseBackend(rows, "bot", **given)  # type: ignore[arg-type]


@pytest.fixture
def make(rows: Rows) -> Make:
    return lambda: backend_over(rows)


async def test_records_are_stored_encrypted(rows: Rows, make: Make) -> None:
    backend = make()
    await backend.open()
    await backend.write({"key:2": b"precious" * 32})
    stored = await rows.read()
    assert list(stored) == ["key:2"]
    assert b"precious" not in stored["key:2"]
    await backend.close()


async def test_another_secret_key_is_refused(rows: Rows, make: Make) -> None:
    backend = make()
    await backend.open()
    await backend.write({"key:2": b"precious"})
    await backend.close()
    other = backend_over(rows, cipher=RecordCipher(b"another secret key, also long"))
    with pytest.raises(ConfigError, match=r"another SECRET_KEY.*OLD_SECRET_KEYS"):
        await other.open()
    assert await taken_over(make()) == {"key:2": b"precious"}


async def test_a_record_copied_to_another_name_is_refused(rows: Rows, make: Make) -> None:
    backend = make()
    await backend.open()
    await backend.write({"key:2": b"two", "key:4": b"four"})
    stored = await rows.read()
    await backend.close()
    assert await rows.write(1, {"key:2": stored["key:4"]})
    with pytest.raises(ConfigError, match="is damaged"):
        await make().peek()


class UnreliableRows:
    """Rows with a database that stops answering while `outage` is set."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.outage, self.renewals = rows, False, 0
        self.leased_at = 0.0
        """Just before the lease was claimed or renewed last, in Unix seconds, as the stores count its time."""
        self.answering = asyncio.Event()
        self.answering.set()

    def _reached(self) -> Rows:
        if self.outage:
            raise CatalogError("the database failed: no answer")
        return self.rows

    async def lease(self) -> Lease | None:
        return await self._reached().lease()

    async def claim(self, token: int, *, after: int, holder: str, ttl: float) -> bool:
        self.leased_at = time.time()
        return await self._reached().claim(token, after=after, holder=holder, ttl=ttl)

    async def renew(self, token: int, *, ttl: float) -> bool:
        self.renewals += 1
        await self.answering.wait()
        reached, self.leased_at = self._reached(), time.time()
        return await reached.renew(token, ttl=ttl)

    async def free(self, token: int) -> None:
        await self._reached().free(token)

    async def read(self) -> Records:
        return await self._reached().read()

    async def write(self, token: int, changes: Changes) -> bool:
        return await self._reached().write(token, changes)

    async def rename(self, token: int, name: str) -> bool:
        return await self._reached().rename(token, name)


@pytest.fixture
def unreliable(rows: Rows) -> UnreliableRows:
    return UnreliableRows(rows)


async def test_the_lease_of_a_killed_holder_is_free_after_its_ttl(unreliable: UnreliableRows, make: Make) -> None:
    holder = backend_over(unreliable)
    await holder.open()
    await holder.write({"a": b"1"})
    unreliable.outage = True  # like a killed process: nobody renews the lease
    loop = asyncio.get_running_loop()
    began = loop.time()
    successor = make()
    assert await taken_over(successor) == {"a": b"1"}
    assert time.time() >= unreliable.leased_at + TTL - 0.001  # MongoDB's clock has milliseconds
    assert loop.time() - began < TTL + 2.0
    await successor.close()
    await holder.close()


async def test_a_holder_continues_during_an_outage_and_stops_once_its_lease_was_taken(
    unreliable: UnreliableRows, make: Make
) -> None:
    holder = backend_over(unreliable)
    await holder.open()
    unreliable.outage = True
    with pytest.raises(StoreUnavailable):
        await holder.write({"a": b"1"})
    renewals = unreliable.renewals
    await until(lambda: unreliable.renewals >= renewals + 2)
    await holder.ensure()
    assert not holder.lost.is_set()
    successor = make()
    await taken_over(successor)
    await holder.ensure()
    unreliable.outage = False
    await asyncio.wait_for(holder.lost.wait(), 5)
    with pytest.raises(SessionHeld):
        await holder.ensure()
    with pytest.raises(SessionHeld):
        await holder.write({"a": b"2"})
    await holder.close()
    await successor.write({"a": b"3"})
    assert await successor.peek() == {"a": b"3"}
    await successor.close()


async def test_a_holder_that_was_suspended_checks_its_lease_before_the_next_request(rows: Rows, make: Make) -> None:
    now = 1000.0
    holder = backend_over(rows, heartbeat=60.0, ttl=90.0, clock=lambda: now)
    await holder.open()
    assert await rows.claim(2, after=1, holder="another", ttl=TTL)
    await holder.ensure()  # renewed a moment ago, so it is not checked
    now += 60
    with pytest.raises(SessionHeld):
        await holder.ensure()
    await holder.close()


async def test_a_holder_whose_lease_may_have_expired_checks_before_every_request(unreliable: UnreliableRows) -> None:
    now = 1000.0
    holder = backend_over(unreliable, heartbeat=60.0, ttl=90.0, clock=lambda: now)
    await holder.open()
    unreliable.outage = True
    now += 60
    await holder.ensure()
    assert await unreliable.rows.claim(2, after=1, holder="another", ttl=TTL)
    await holder.ensure()
    unreliable.outage = False
    with pytest.raises(SessionHeld):
        await holder.ensure()
    assert holder.lost.is_set()
    await holder.close()


async def test_a_slow_renewal_is_neither_repeated_nor_cancelled(unreliable: UnreliableRows) -> None:
    now = 1000.0
    holder = backend_over(unreliable, heartbeat=0.5, ttl=90.0, clock=lambda: now)
    await holder.open()
    unreliable.answering.clear()
    await until(lambda: unreliable.renewals == 1)
    now += 100
    for _ in range(3):
        await holder.ensure()
    assert unreliable.renewals == 1
    assert await unreliable.rows.claim(2, after=1, holder="another", ttl=TTL)
    unreliable.answering.set()
    with pytest.raises(SessionHeld):
        await holder.ensure()
    await holder.close()


async def test_a_lease_that_expires_far_in_the_future_is_taken_if_nobody_renews_it(rows: Rows) -> None:
    now = 1000.0
    assert await rows.claim(1, after=0, holder="a machine with a wrong clock", ttl=1e9)
    successor = backend_over(rows, clock=lambda: now)
    with pytest.raises(SessionHeld) as caught:
        await successor.open()
    assert caught.value.remaining == TTL
    now += TTL + 0.1
    assert await successor.open() == {}
    await successor.close()
