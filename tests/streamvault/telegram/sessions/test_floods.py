"""Flood waits and budgets: exact to the second, across restarts, also with a wrong clock."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyrogram import raw

from streamvault.errors import SourceBusy
from streamvault.telegram.mtproto.method_families import family_of
from streamvault.telegram.sessions.file import FileBackend
from streamvault.telegram.sessions.floods import HOUR, HOURLY_BUDGETS, AccountFloodSchedule
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Identity

NOON = 1_700_000_000.0


class Machine:
    """A machine with a clock that the test sets; `start` returns the flood schedule of a new process on it."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.gauge_values: list[float] = []
        self._folder = folder
        self._session: StoredSession | None = None

    async def start(self) -> AccountFloodSchedule:
        await self.stop()
        self._session = StoredSession(FileBackend(self._folder, "bot"))
        await self._session.open(Identity(1, 700, "telegram"))
        floods = AccountFloodSchedule(
            self._session, SimpleNamespace(set=self.gauge_values.append), clock=lambda: self.now
        )
        floods.load()
        return floods

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    made = Machine(tmp_path / "sessions")
    yield made
    await made.stop()


async def refused(act: Callable[[], Awaitable[object]]) -> float:
    """The `retry_after` of a SourceBusy; 0 if none is raised."""
    try:
        await act()
    except SourceBusy as busy:
        return busy.retry_after
    return 0.0


async def wait_of(floods: AccountFloodSchedule, family: str) -> float:
    """The remaining seconds; 0 if the family is open."""

    async def check() -> None:
        floods.check(family)

    return await refused(check)


async def test_a_wait_lasts_to_the_second_and_across_restarts(machine: Machine) -> None:
    floods = await machine.start()
    await floods.record("login", 2000)
    machine.now += 500
    assert await wait_of(await machine.start(), "login") == 1500
    machine.now += 1500
    assert await wait_of(await machine.start(), "login") == 0


async def test_a_wait_closes_only_its_own_family(machine: Machine) -> None:
    floods = await machine.start()
    await floods.record("export", 300)
    assert [await wait_of(floods, family) for family in ("export", "login", "file", "messages")] == [300, 0, 0, 0]


async def test_a_shorter_wait_does_not_end_a_longer_one(machine: Machine) -> None:
    floods = await machine.start()
    await floods.record("file", 100)
    await floods.record("file", 3)
    assert await wait_of(floods, "file") == 100


async def test_a_request_is_refused_until_the_wait_it_got_is_over(machine: Machine) -> None:
    floods = await machine.start()
    sent = []

    async def request() -> None:
        async with floods.around_request("file"):
            sent.append(machine.now)
            raise SourceBusy(7.0)

    assert await refused(request) == 7.0
    machine.now += 4
    assert await refused(request) == 3.0
    machine.now += 3
    assert await refused(request) == 7.0
    assert sent == [NOON, NOON + 7]
    assert machine.gauge_values == [7.0, 7.0]


async def test_a_clock_that_was_ahead_does_not_lengthen_a_wait(machine: Machine) -> None:
    machine.now = NOON + 90 * 86400
    await (await machine.start()).record("login", 600)
    machine.now = NOON
    assert await wait_of(await machine.start(), "login") == 600


@pytest.mark.parametrize("kind", sorted(HOURLY_BUDGETS))
async def test_a_budget_lasts_an_hour_and_across_restarts(machine: Machine, kind: str) -> None:
    for number in range(HOURLY_BUDGETS[kind]):
        machine.now = NOON + number
        await (await machine.start()).spend_budget(kind)
    floods = await machine.start()
    machine.now = NOON + 1800
    assert await refused(lambda: floods.spend_budget(kind)) == HOUR - 1800
    machine.now = NOON + HOUR
    await floods.spend_budget(kind)
    assert await refused(lambda: floods.spend_budget(kind)) == (1 if HOURLY_BUDGETS[kind] > 1 else HOUR)


async def test_a_clock_that_was_ahead_does_not_use_up_a_budget(machine: Machine) -> None:
    floods = await machine.start()
    machine.now = NOON + 90 * 86400
    await floods.spend_budget("relogin")
    machine.now = NOON
    assert await refused(lambda: floods.spend_budget("relogin")) == 0


def test_methods_of_one_family_share_a_wait() -> None:
    functions = raw.functions
    location = raw.types.InputDocumentFileLocation(id=1, access_hash=1, file_reference=b"", thumb_size="")
    assert family_of(functions.upload.GetFile(location=location, offset=0, limit=4096)) == "file"
    assert family_of(functions.auth.ExportAuthorization(dc_id=4)) == "export"
    assert family_of(functions.messages.GetMessages(id=[])) == "messages"
    assert family_of(functions.help.GetConfig()) == "help-GetConfig"
