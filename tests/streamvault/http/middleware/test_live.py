"""Answers under way end when what they began with is taken away, and not otherwise."""

import asyncio

import pytest

from streamvault.access.identity import Identity
from streamvault.errors import CatalogError
from streamvault.http.middleware import live as module
from streamvault.http.middleware.live import LiveRequests
from tests.support.waiting import until

ASKS = Identity("member", frozenset({"read"}), "token")
LESS = Identity("member", frozenset({"read"}), "token", chats=frozenset({-1001}))


async def yes() -> Identity:
    return ASKS


async def no() -> None:
    return None


async def test_only_what_is_not_allowed_any_more_is_revoked() -> None:
    requests = LiveRequests()
    kept, ended = requests.add(yes, ASKS), requests.add(no, ASKS)
    requests.recheck()
    await until(lambda: ended.revoked, timeout=5)
    assert not kept.revoked
    requests.remove(kept)
    requests.remove(ended)
    assert len(requests) == 0


async def test_one_that_ends_while_others_are_looked_at_is_forgotten() -> None:
    requests = LiveRequests()
    gate = asyncio.Event()

    async def slow() -> None:
        await gate.wait()

    first = requests.add(slow, ASKS)
    requests.recheck()
    requests.remove(first)
    second = requests.add(no, ASKS)
    requests.recheck()  # while the first look is under way
    gate.set()
    await until(lambda: second.revoked, timeout=5)


async def test_while_the_database_is_away_streams_go_on_and_are_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    requests = LiveRequests()
    answers = [CatalogError("away"), CatalogError("away"), None]

    async def check() -> None:
        error = answers.pop(0)
        if error is not None:
            raise error

    live = requests.add(check, ASKS)
    requests.recheck()
    await until(lambda: live.revoked, timeout=5)
    assert answers == []


async def test_whose_rights_are_others_is_told_so_once_and_whose_are_the_same_is_not() -> None:
    requests, told = LiveRequests(), list[str]()

    async def less() -> Identity:
        return LESS

    for name, check in (("same", yes), ("less", less), ("gone", no)):
        requests.add(check, ASKS).on_change(lambda name=name: told.append(name))  # type: ignore[misc]
    late = requests.add(less, ASKS)
    for _ in range(2):
        requests.recheck()
        await until(lambda: late.changed, timeout=5)
    assert sorted(told) == ["gone", "less"]
    assert not late.revoked
    late.on_change(lambda: told.append("late"))
    assert told[-1] == "late"
