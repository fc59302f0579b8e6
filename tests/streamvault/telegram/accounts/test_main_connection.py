"""When a lost main connection is opened again."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from streamvault.errors import SourceUnavailable
from streamvault.telegram.accounts import main_connection as module
from streamvault.telegram.accounts.main_connection import MainConnection
from streamvault.telegram.accounts.media.reachability import Reachability
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.sessions.values import StoredKey
from tests.support.waiting import until

HOUR = 3600.0


class Line:
    """A connection to a Telegram that is `away` or not."""

    failure = None
    dc_id = 2

    def __init__(self) -> None:
        self.away, self.tries, self.opened = True, 0, False

    async def open(self) -> None:
        self.tries += 1
        if self.away:
            raise SourceUnavailable("no connection")
        self.opened = True

    async def clean_up(self) -> None:
        """Nothing is open."""


class Owner:
    """An account with one line."""

    name, data_centres = "bot", None

    def __init__(self) -> None:
        self.line = Line()
        self.lose: Callable[[Any], None] = lambda _: None
        self.session = cast(Any, self)

    def all_keys(self) -> list[StoredKey]:
        return []

    def new_connection(self, _: Any, *, on_lost: Any = None) -> Connection:
        self.lose = on_lost
        return cast(Connection, self.line)

    async def catch_up(self) -> None:
        """Nothing was missed."""


async def _known(*_: Any, **__: Any) -> None:
    """The addresses are known."""


async def test_a_lost_connection_is_tried_at_once_when_telegram_answers_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A data centre's file server that answers again, after the pauses have become long."""
    monkeypatch.setattr(module, "RETRY_FIRST", HOUR)
    monkeypatch.setattr(module, "RETRY_MOST", HOUR)
    monkeypatch.setattr(module, "RETRY_SPACING", 0.0)
    monkeypatch.setattr(module, "refresh_addresses", _known)
    owner = Owner()
    main = MainConnection(cast(Any, owner), cast(StoredKey, None))
    files = Reachability(asyncio.get_running_loop().time, on_recovered=main.reconnect_now)
    supervising = asyncio.create_task(main.supervise())
    try:
        owner.lose(owner.line)
        await until(lambda: owner.line.tries == 1)
        files.failed()
        files.worked()
        await until(lambda: owner.line.tries == 2)
        owner.line.away = False
        files.worked()
        assert owner.line.tries == 2, "it answered before as well"
        files.failed()
        files.worked()
        await until(lambda: owner.line.opened)
        await until(lambda: main.lost_for is None)
        files.failed()
        files.worked()
        assert not main._now.is_set(), "a recovery while the connection is open is no reason to hurry later"
    finally:
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)


async def test_a_data_centre_that_comes_and_goes_does_not_hurry_the_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RETRY_FIRST", "RETRY_MOST", "RETRY_SPACING"):
        monkeypatch.setattr(module, name, HOUR)
    owner = Owner()
    main = MainConnection(cast(Any, owner), cast(StoredKey, None))
    files = Reachability(asyncio.get_running_loop().time, on_recovered=main.reconnect_now)
    supervising = asyncio.create_task(main.supervise())
    try:
        owner.lose(owner.line)
        await until(lambda: owner.line.tries == 1)
        for _ in range(20):
            files.failed()
            files.worked()
            await asyncio.sleep(0)
        assert owner.line.tries == 1
    finally:
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)
