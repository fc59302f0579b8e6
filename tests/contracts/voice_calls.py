"""The tests that every CallStore passes.

A test module gives an implementation its suite by subclassing CallStoreContract and providing the fixtures `calls`
(open and empty) and `elsewhere` (the same database as another process has it open).
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from streamvault.errors import CatalogError
from streamvault.voice import transitions
from streamvault.voice.model import Call, Item, Lease, Loop, Status
from streamvault.voice.store.base import CallStore
from tests.contracts.leech_job_values import NAMES

GROUP = -1_001_987_654_321


def item(id: str = "a", **more: Any) -> Item:
    """A file of two minutes."""
    return Item(**{"id": id, "chat_id": -1001, "message_id": 7, "name": id, "duration": 120.0, **more})


def playing(chat_id: int = GROUP, **more: Any) -> Call:
    """A call in which a file of two minutes plays since 1000."""
    return Call(**{
        "chat_id": chat_id, "status": Status.PLAYING, "item": item(), "position_at": 1000.0, "stream": 1,
        "updated": 1000.0, **more,
    })  # fmt: skip


def whole(chat_id: int) -> Call:
    """A call with all that a call may have."""
    queue = tuple(item(f"né🎬 {n}", video=True, track=2, duration=None, person=1 << 40) for n in range(300))
    return playing(
        chat_id, reason="né\0\ud800", queue=queue, position=12.25, began=3.5, tries=2, volume=80, loop=Loop.ALL,
        listeners=3, alone_since=1.5, paused_alone=True, due=9.5, person=1 << 40, node="x", fence=4,
        lease=Lease("1/w", 1010.5, 4),
    )  # fmt: skip


class CallStoreContract:
    """See the module."""

    async def test_nothing_is_there_at_first(self, calls: CallStore) -> None:
        assert await calls.get(GROUP) is None
        assert not await calls.replace(playing(version=1))
        assert not await calls.delete(GROUP)
        assert not await calls.listed()
        assert not await calls.changed(0.0)
        assert not await calls.free(1e12)

    async def test_all_of_a_call_comes_back(self, calls: CallStore, elsewhere: CallStore) -> None:
        assert await calls.add(whole(GROUP))
        assert await elsewhere.get(GROUP) == replace(whole(GROUP), version=1)
        assert not await elsewhere.add(playing())
        idle = Call(GROUP, version=1)
        assert await elsewhere.replace(idle)
        assert await calls.get(GROUP) == replace(idle, version=2)
        for number, name in enumerate(NAMES):
            assert await calls.add(playing(number, item=item(name=name), reason=name))
            found = await calls.get(number)
            assert found is not None
            assert found.item == item(name=name)

    async def test_what_is_no_number_is_refused(self, calls: CallStore) -> None:
        with pytest.raises(CatalogError, match="cannot be stored"):
            await calls.add(playing(position=float("nan")))
        assert await calls.get(GROUP) is None

    async def test_a_call_is_replaced_by_who_read_it(self, calls: CallStore, elsewhere: CallStore) -> None:
        await calls.add(playing())
        for version in range(1, 4):
            tries = [(calls, elsewhere)[n % 2].replace(playing(version=version, volume=n)) for n in range(8)]
            assert sum(await asyncio.gather(*tries)) == 1
        found = await calls.get(GROUP)
        assert found is not None
        assert found.version == 4

    async def test_of_several_workers_one_holds_a_call(self, calls: CallStore, elsewhere: CallStore) -> None:
        await calls.add(playing())
        read = await calls.get(GROUP)
        assert read is not None
        assert list(await elsewhere.free(1000.0)) == [GROUP]
        assert await calls.replace(transitions.claimed(read, "1/a", node="a", now=1000.0))
        assert not await elsewhere.replace(transitions.claimed(read, "2/b", node="b", now=1000.0))
        assert not await elsewhere.free(1000.0 + transitions.LEASE - 0.1)
        assert list(await elsewhere.free(1000.0 + transitions.LEASE)) == [GROUP]

    async def test_those_that_nobody_follows(self, calls: CallStore) -> None:
        for number, status in enumerate(Status, 1):
            await calls.add(playing(-number, status=status, updated=2000.0 - number))
        assert list(await calls.free(0.0)) == [-5, -4, -3, -2], "neither idle nor failed"
        assert [one.chat_id for one in await calls.listed()] == [-1, -2, -3, -4, -5, -6]
        assert [one.chat_id for one in await calls.changed(1997.0)] == [-3, -2, -1]
        assert await calls.delete(-3)
        assert list(await calls.free(0.0)) == [-5, -4, -2]
