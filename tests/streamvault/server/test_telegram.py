"""How the accounts are connected again, and what is said of it."""

import asyncio
from types import SimpleNamespace
from typing import Any, Self, cast

import pytest

from streamvault.errors import SourceUnavailable
from streamvault.health.readiness import Readiness
from streamvault.health.telegram import STORE_AWAY, UNREACHABLE
from streamvault.server import telegram
from streamvault.telegram.backoff import Backoff
from streamvault.telegram.sessions.backend import StoreUnavailable
from tests.support.waiting import until


class Accounts:
    """Accounts that connect after these errors, and stay connected."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.tries = list(errors), 0
        self.told: list[tuple[str, ...]] = []
        self.readiness = Readiness()
        self.main = SimpleNamespace(client=None)

    async def __aenter__(self) -> Self:
        self.tries += 1
        self.told.append(self.readiness.degraded)
        if self.errors:
            raise self.errors.pop(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""

    async def watch(self) -> None:
        await asyncio.Event().wait()


class Bystander:
    """The bot, the look at its channels and the mirrors, which have nothing to do here."""

    async def start(self, _: Any) -> None: ...

    def check_soon(self) -> None: ...

    def look(self) -> None: ...


async def connected(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect, however often it takes."""
    monkeypatch.setattr(telegram, "Backoff", lambda: Backoff(0.001, 0.001))
    settings = SimpleNamespace(
        public_url="http://tv.example.org", public_access=True, owner_ids=(1,), channels=(), telegram_server=None
    )
    nobody, ready = cast(Any, Bystander()), asyncio.Event()
    services = SimpleNamespace(
        accounts=accounts, readiness=accounts.readiness, settings=settings, mirrors=SimpleNamespace(worker=nobody)
    )
    connecting = telegram._keep_connected(cast(Any, services), nobody, nobody, ready=ready.set)
    task = asyncio.create_task(connecting)
    try:
        await until(ready.is_set)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "streamvault.health.conditions"]


async def test_a_session_database_that_is_away_is_said_once_however_often_it_is_tried(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = Accounts(*(StoreUnavailable(f"refused, try {number}") for number in range(7)))
    await connected(accounts, monkeypatch)
    assert accounts.told == [(), *[("database",)] * 7]
    assert [line.partition(" after ")[0] for line in lines(caplog)] == [f"database: {STORE_AWAY}", "database: over"]
    assert accounts.readiness.is_ready
    assert accounts.readiness.degraded == ()


async def test_another_cause_ends_the_first_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database answers, and now Telegram does not."""
    accounts = Accounts(*[StoreUnavailable("refused")] * 2, *[SourceUnavailable("no way")] * 2)
    await connected(accounts, monkeypatch)
    assert accounts.told == [(), ("database",), ("database",), ("telegram",), ("telegram",)]
    assert [line.partition(" after ")[0] for line in lines(caplog)] == [
        f"database: {STORE_AWAY}",
        "database: over",
        f"telegram: {UNREACHABLE}",
        "telegram: over",
    ]


@pytest.mark.parametrize(("owners", "channels", "told"), [((), (), True), ((1,), (), False), ((), (-100,), False)])
def test_who_has_set_neither_owners_nor_channels_is_told_the_next_step(
    caplog: pytest.LogCaptureFixture, owners: tuple[int, ...], channels: tuple[int, ...], *, told: bool
) -> None:
    """16: where the id comes from."""
    settings = SimpleNamespace(public_access=True, owner_ids=owners, channels=channels)
    telegram._log_next_steps(cast(Any, settings))
    assert ("send the bot any message, it answers with your id for OWNER_IDS" in caplog.text) == told
