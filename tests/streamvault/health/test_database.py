"""A database that does not answer: waited for at the start, and reported by /readyz while the server runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from streamvault.errors import CatalogError, ConfigError
from streamvault.health import database as database_health
from streamvault.health.database import wait_for_database, watch_database
from streamvault.health.readiness import Readiness
from tests.support.catalogs import MemoryCatalog
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RETRY_EVERY", "CHECK_EVERY", "CHECK_EVERY_AWAY"):
        monkeypatch.setattr(database_health, name, 0.001)


async def test_connecting_is_retried_until_it_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    readiness, waited_for = Readiness(), []

    async def connect() -> None:
        waited_for.append(readiness.waiting_for)
        if len(waited_for) < 4:
            raise CatalogError("the name db.example.net cannot be resolved")

    await wait_for_database(connect, readiness)
    assert waited_for == ["telegram", "database", "database", "database"]
    assert caplog.text.count("the database does not answer") == 1, "it is said once"
    assert "db.example.net" in caplog.text, "with the reason"
    readiness.waiting("telegram")
    assert [one.message.split(":")[0] for one in caplog.records] == ["database", "database"], "its end is said too"


async def test_a_config_error_ends_the_wait() -> None:
    async def connect() -> None:
        raise ConfigError("wrong password")

    with pytest.raises(ConfigError):
        await wait_for_database(connect, Readiness())


async def test_a_slow_connection_is_reported_as_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_health, "REPORT_AFTER", 0.001)
    readiness, done = Readiness(), asyncio.Event()

    async def connect() -> None:
        await done.wait()

    waiting = asyncio.create_task(wait_for_database(connect, readiness))
    await until(lambda: readiness.waiting_for == "database")
    done.set()
    await waiting


async def test_a_fast_connection_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_health, "REPORT_AFTER", 0.0)
    readiness = Readiness()

    async def connect() -> None:
        return

    await wait_for_database(connect, readiness)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert readiness.waiting_for == "telegram"


async def test_a_failure_and_the_recovery_are_reported() -> None:
    catalog, readiness = MemoryCatalog(), Readiness()
    async with watched(catalog, readiness):
        await asyncio.sleep(0.005)
        assert catalog.calls == [], "nothing is asked before the server was ready"
        readiness.ready()
        await until(lambda: bool(catalog.calls))
        assert not readiness.degraded
        catalog.broken = True
        await until(lambda: list(readiness.degraded) == ["database"])
        assert readiness.is_ready
        readiness.waiting("flood")
        catalog.broken = False
        await until(lambda: not readiness.degraded)


@asynccontextmanager
async def watched(catalog: MemoryCatalog, readiness: Readiness) -> AsyncIterator[None]:
    watching = asyncio.create_task(watch_database(catalog, readiness))
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
