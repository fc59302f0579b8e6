"""The deletion of access records that nobody needs any more."""

import logging

import pytest

from streamvault.access.store import housekeeping
from streamvault.access.store.base import Record
from streamvault.access.store.housekeeping import INTERVAL, purge_periodically
from tests.support.access_records import MemoryAccessRecords


class _Enough(Exception):
    """Ends the loop."""


class _Clock:
    """`now` goes on by what is waited for; the database fails during the rounds that are named."""

    def __init__(self, records: MemoryAccessRecords, *, rounds: int, failing: tuple[int, ...] = ()) -> None:
        self.now, self.waited = 1000.0, list[float]()
        self.left: list[set[str]] = []
        self._records, self._rounds, self._failing = records, rounds, failing
        records.failing = 0 in failing

    def __call__(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.now += seconds
        self.waited.append(seconds)
        self.left.append({f"{one.kind} {one.id}" for one in self._records.stored.values()})
        if len(self.waited) == self._rounds:
            raise _Enough
        self._records.failing = len(self.waited) in self._failing


async def test_what_expired_is_deleted_every_ten_minutes() -> None:
    records = MemoryAccessRecords()
    for id, expires in (("gone", 999.0), ("soon", 1000.0), ("later", 1000.0 + INTERVAL), ("never", None)):
        await records.add(Record("session", id, 1.0, expires=expires))
    clock = _Clock(records, rounds=3)
    with pytest.raises(_Enough):
        await purge_periodically(records, clock=clock, wait=clock.wait)
    assert clock.waited == [600.0] * 3
    assert clock.left == [
        {"session soon", "session later", "session never"},
        {"session later", "session never"},
        {"session never"},
    ]


async def test_the_latest_of_the_audit_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "MAX_AUDIT", 2)
    records = MemoryAccessRecords()
    for number in range(4):
        await records.add(Record("audit", f"{number}", float(number)))
        await records.add(Record("link", f"{number}", float(number)))
    clock = _Clock(records, rounds=1)
    with pytest.raises(_Enough):
        await purge_periodically(records, clock=clock, wait=clock.wait)
    assert clock.left == [{"audit 2", "audit 3", "link 0", "link 1", "link 2", "link 3"}]


async def test_a_database_that_does_not_answer_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "streamvault")
    records = MemoryAccessRecords()
    await records.add(Record("session", "gone", 1.0, expires=5.0))
    clock = _Clock(records, rounds=4, failing=(0, 1, 3))
    with pytest.raises(_Enough):
        await purge_periodically(records, clock=clock, wait=clock.wait)
    assert clock.left == [{"session gone"}, {"session gone"}, set(), set()]
    assert [record.levelname for record in caplog.records] == ["DEBUG"] * 4
    assert sum("does not answer" in record.message for record in caplog.records) == 3


async def test_other_faults_are_not_hidden() -> None:
    """A fault of the program ends the task, and with it the server, where somebody sees it."""

    def broken() -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await purge_periodically(MemoryAccessRecords(), clock=broken)
