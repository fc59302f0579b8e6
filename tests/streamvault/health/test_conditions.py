"""The model of what cannot be done: each condition is said once when it begins and once when it ends."""

import logging

import pytest

from streamvault.health.conditions import Cause, Conditions, What


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def conditions(clock: Clock, caplog: pytest.LogCaptureFixture) -> Conditions:
    caplog.set_level(logging.DEBUG)
    return Conditions(clock)


def test_a_beginning_and_an_end_are_one_line_each(
    conditions: Conditions, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(26):
        conditions.begin("telegram", Cause("not reachable: check the network"), subject="the bot")
        clock.now += 1
    assert list(conditions.names) == ["telegram"]
    conditions.end("telegram", subject="the bot")
    conditions.end("telegram", subject="the bot")
    assert not conditions.names
    assert [record.getMessage() for record in caplog.records] == [
        "telegram (the bot): not reachable: check the network",
        "telegram (the bot): over after 26 s",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_the_beginning_stays_and_the_end_is_the_latest_that_was_told(conditions: Conditions, clock: Clock) -> None:
    conditions.begin("flood", Cause("wait", since=clock.now - 3, until=clock.now + 30))
    clock.now += 10
    conditions.begin("flood", Cause("wait longer", since=clock.now, until=clock.now + 300))
    [condition] = conditions.present
    assert (condition.since, condition.until, condition.reason) == (
        clock.now - 13,
        clock.now + 300,
        "wait longer",
    )


def test_another_reason_is_said_too_and_another_detail_is_not(
    conditions: Conditions, caplog: pytest.LogCaptureFixture
) -> None:
    for cause in (Cause("away"), Cause("refused", "log in"), Cause("refused", "log in again"), Cause("refused", "x")):
        conditions.begin("account", cause, subject="user")
    assert [record.getMessage() for record in caplog.records] == ["account (user): away", "account (user): log in"]
    assert [condition.detail for condition in conditions.present] == ["x"]


def test_the_end_of_a_flood_is_in_the_line_as_a_date(conditions: Conditions, caplog: pytest.LogCaptureFixture) -> None:
    conditions.begin("flood", Cause("wait", until=1_800_000_300.0))
    assert "wait (until 2027-01-15 08:05:00 UTC)" in caplog.text


def test_the_log_has_the_detail_and_strangers_the_reason(
    conditions: Conditions, caplog: pytest.LogCaptureFixture
) -> None:
    conditions.begin("account", Cause("an account is not used", "worker_7 is not used: log in"), subject="worker_7")
    [condition] = conditions.present
    assert condition.reason == "an account is not used"
    assert condition.detail in caplog.text


@pytest.mark.parametrize("what", ["flood", "channels", "data_centre", "updates"])
def test_a_look_ends_what_it_does_not_find(
    what: What, conditions: Conditions, caplog: pytest.LogCaptureFixture
) -> None:
    conditions.begin("database", Cause("away"))
    conditions.begin(what, Cause("said by somebody else"))
    conditions.replace(what, {"1": Cause("x"), "2": Cause("x")})
    conditions.replace(what, {"2": Cause("x"), "3": Cause("x")})
    assert [one.subject for one in conditions.present if one.what == what] == ["", "2", "3"]
    conditions.replace(what, {})
    assert len(conditions.present) == 2
    assert len(caplog.records) == 2 + 3 + 3


def test_observers_look_whenever_somebody_reads(conditions: Conditions) -> None:
    found: dict[str, Cause] = {}
    conditions.add_observer(lambda: conditions.replace("data_centre", found))
    assert not conditions.names
    found["4"] = Cause("unreachable")
    assert list(conditions.names) == ["data_centre"]
    found.clear()
    assert not conditions.present
