"""Answers under way end when what they began with is taken away, and not otherwise."""

import asyncio

import pytest

from streamvault.errors import CatalogError
from streamvault.http.middleware import live as module
from streamvault.http.middleware.live import LiveRequests
from tests.support.waiting import until


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def test_only_what_is_not_allowed_any_more_is_revoked() -> None:
    requests = LiveRequests()
    kept, ended = requests.add(yes), requests.add(no)
    requests.recheck()
    await until(lambda: ended.revoked, timeout=5)
    assert not kept.revoked
    requests.remove(kept)
    requests.remove(ended)
    assert len(requests) == 0


async def test_one_that_ends_while_others_are_looked_at_is_forgotten() -> None:
    requests = LiveRequests()
    gate = asyncio.Event()

    async def slow() -> bool:
        await gate.wait()
        return False

    first = requests.add(slow)
    requests.recheck()
    requests.remove(first)
    second = requests.add(no)
    requests.recheck()  # while the first look is under way
    gate.set()
    await until(lambda: second.revoked, timeout=5)


async def test_while_the_database_is_away_streams_go_on_and_are_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    requests = LiveRequests()
    answers = [CatalogError("away"), CatalogError("away"), None]

    async def check() -> bool:
        error = answers.pop(0)
        if error is not None:
            raise error
        return False

    live = requests.add(check)
    requests.recheck()
    await until(lambda: live.revoked, timeout=5)
    assert answers == []
