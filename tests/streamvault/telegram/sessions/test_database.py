"""Sessions in databases: the suite of all stores, sealing, and the lease when clocks and databases fail."""

import asyncio
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


async def test_nothing_readable_is_stored(rows: Rows, make: Make) -> None:
    backend = make()
    await backend.open()
    await backend.write({"key:2": b"precious" * 32})
    stored = await rows.read()
    assert list(stored) == ["key:2"]
    assert b"precious" not in stored["key:2"]
    await backend.close()


async def test_another_secret_key_is_told(rows: Rows, make: Make) -> None:
    backend = make()
    await backend.open()
    await backend.write({"key:2": b"precious"})
    await backend.close()
    other = backend_over(rows, cipher=RecordCipher(b"another secret key, also long"))
    with pytest.raises(ConfigError, match="another SECRET_KEY"):
        await other.open()
    assert await taken_over(make()) == {"key:2": b"precious"}


async def test_records_cannot_be_swapped(rows: Rows, make: Make) -> None:
    backend = make()
    await backend.open()
    await backend.write({"key:2": b"two", "key:4": b"four"})
    stored = await rows.read()
    await backend.close()
    assert await rows.write(1, {"key:2": stored["key:4"]})
    with pytest.raises(ConfigError, match="is damaged"):
        await make().peek()


class Faulty:
    """Rows whose database goes away, and comes back."""

    def __init__(self, rows: Rows) -> None:
        self.rows, self.away, self.beats = rows, False, 0
        self.answering = asyncio.Event()
        self.answering.set()

    def _ask(self) -> Rows:
        if self.away:
            raise CatalogError("the database failed: away")
        return self.rows

    async def lease(self) -> Lease | None:
        return await self._ask().lease()

    async def claim(self, token: int, *, after: int, holder: str, ttl: float) -> bool:
        return await self._ask().claim(token, after=after, holder=holder, ttl=ttl)

    async def renew(self, token: int, *, ttl: float) -> bool:
        self.beats += 1
        await self.answering.wait()
        return await self._ask().renew(token, ttl=ttl)

    async def free(self, token: int) -> None:
        await self._ask().free(token)

    async def read(self) -> Records:
        return await self._ask().read()

    async def write(self, token: int, changes: Changes) -> bool:
        return await self._ask().write(token, changes)

    async def rename(self, token: int, name: str) -> bool:
        return await self._ask().rename(token, name)


@pytest.fixture
def faulty(rows: Rows) -> Faulty:
    return Faulty(rows)


async def test_a_killed_holder_is_followed_after_its_ttl(faulty: Faulty, make: Make) -> None:
    holder = backend_over(faulty)
    await holder.open()
    await holder.write({"a": b"1"})
    faulty.away = True  # what is left of a killed process: nobody renews
    loop = asyncio.get_running_loop()
    began = loop.time()
    newcomer = make()
    assert await taken_over(newcomer) == {"a": b"1"}
    assert TTL - HEARTBEAT < loop.time() - began < TTL + 2.0
    await newcomer.close()
    await holder.close()


async def test_a_holder_goes_on_while_the_database_is_away_and_stops_when_it_was_followed(
    faulty: Faulty, make: Make
) -> None:
    holder = backend_over(faulty)
    await holder.open()
    faulty.away = True
    with pytest.raises(StoreUnavailable):
        await holder.write({"a": b"1"})
    beats = faulty.beats
    await until(lambda: faulty.beats >= beats + 2)
    await holder.ensure()
    assert not holder.lost.is_set()
    newcomer = make()
    await taken_over(newcomer)
    await holder.ensure()
    faulty.away = False
    await asyncio.wait_for(holder.lost.wait(), 5)
    with pytest.raises(SessionHeld):
        await holder.ensure()
    with pytest.raises(SessionHeld):
        await holder.write({"a": b"2"})
    await holder.close()
    await newcomer.write({"a": b"3"})
    assert await newcomer.peek() == {"a": b"3"}
    await newcomer.close()


async def test_a_holder_that_slept_asks_before_anything_else(rows: Rows, make: Make) -> None:
    now = 1000.0
    holder = backend_over(rows, heartbeat=60.0, ttl=90.0, clock=lambda: now)
    await holder.open()
    assert await rows.claim(2, after=1, holder="another", ttl=TTL)
    await holder.ensure()  # it has asked a moment ago, and cannot know yet
    now += 60
    with pytest.raises(SessionHeld):
        await holder.ensure()
    await holder.close()


async def test_a_holder_whose_lease_ran_out_unseen_asks_before_every_request(faulty: Faulty) -> None:
    now = 1000.0
    holder = backend_over(faulty, heartbeat=60.0, ttl=90.0, clock=lambda: now)
    await holder.open()
    faulty.away = True
    now += 60
    await holder.ensure()
    assert await faulty.rows.claim(2, after=1, holder="another", ttl=TTL)
    await holder.ensure()
    faulty.away = False
    with pytest.raises(SessionHeld):
        await holder.ensure()
    assert holder.lost.is_set()
    await holder.close()


async def test_an_answer_that_takes_long_is_waited_for_once_and_not_cut_off(faulty: Faulty) -> None:
    now = 1000.0
    holder = backend_over(faulty, heartbeat=0.5, ttl=90.0, clock=lambda: now)
    await holder.open()
    faulty.answering.clear()
    await until(lambda: faulty.beats == 1)
    now += 100
    for _ in range(3):
        await holder.ensure()
    assert faulty.beats == 1
    assert await faulty.rows.claim(2, after=1, holder="another", ttl=TTL)
    faulty.answering.set()
    with pytest.raises(SessionHeld):
        await holder.ensure()
    await holder.close()


async def test_a_lease_far_in_the_future_is_not_waited_for_when_nobody_renews_it(rows: Rows) -> None:
    now = 1000.0
    assert await rows.claim(1, after=0, holder="a machine with a wrong clock", ttl=1e9)
    newcomer = backend_over(rows, clock=lambda: now)
    with pytest.raises(SessionHeld) as caught:
        await newcomer.open()
    assert caught.value.remaining == TTL
    now += TTL + 0.1
    assert await newcomer.open() == {}
    await newcomer.close()
