"""The tests that every FeedStore passes.

A test module gives an implementation its suite by subclassing FeedStoreContract and providing the fixtures `feeds`
(open and empty) and `elsewhere` (the same database as another process has it open).
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from streamvault.errors import CatalogError
from streamvault.leech.feeds import transitions
from streamvault.leech.feeds.model import Feed, FeedState, Moved, Pick, Rules
from streamvault.leech.feeds.store.base import FeedStore
from streamvault.leech.model import Asked, Lease, Options
from tests.contracts.leech_job_values import ANNA, BERT, NAMES


def feed(id: str, *, created: float = 1000.0, **more: Any) -> Feed:
    """A feed of nobody that was never written."""
    return Feed(**{"id": id, "address": f"https://host/{id}", "chat_id": -1001, "created": created, **more})


def stored(one: Feed, version: int = 1) -> Feed:
    """As it comes back."""
    return replace(one, version=version)


def whole(id: str, marks: int, **more: Any) -> Feed:
    """A feed with all that a feed may have."""
    values: dict[str, Any] = {
        "sealed": "v1:abc", "person": ANNA, "rules": Rules(("né🎬", "x"), ("cam",), ("1080p",), True, True),
        "options": Options(as_document=True), "every": 600.5, "existing": True, "title": "né🎬\0\ud800",
        "state": FeedState.STOPPED, "error": "Because.", "failures": 3, "started": True, "due": 1.25, "poll_at": 2.5,
        "polled": 1150.25, "changed": 1140.0, "etag": '"é"', "modified": "Wed", "conditional": 5,
        "moved": Moved("https://new/", 1100.5), "seen": tuple(f"g{n:012}" for n in range(marks)), "top": "g1",
        "picks": (Pick("0" * 16, "né🎬", "sealed"),), "question": (Pick("1" * 16, "", "x"), Pick("2" * 16, "b", "y")),
        "taken": 7, "lease": Lease("host-1", 1160.5, 7), "fence": 7, "fingerprint": "ffee", "told": "question 1",
        "asked": Asked(700_000_009, -1_001_960_912_864, 42), "updated": 1150.25,
    }  # fmt: skip
    return feed(id, **(values | more))


async def add_all(feeds: FeedStore, *made: Feed) -> None:
    for one in made:
        assert await feeds.add(one)


class FeedStoreContract:
    """See the module."""

    async def test_nothing_is_there_at_first(self, feeds: FeedStore) -> None:
        assert await feeds.get("a") is None
        assert not await feeds.replace(feed("a", version=1))
        assert not await feeds.delete("a")
        assert not await feeds.due(1e12, limit=5)
        assert not await feeds.listed()
        assert not await feeds.same("")
        assert await feeds.count() == await feeds.count(ANNA) == 0

    async def test_all_of_a_feed_comes_back(self, feeds: FeedStore, elsewhere: FeedStore) -> None:
        for id, marks in (("a", 0), ("b", 1), ("c", 20_000)):
            one = whole(id, marks)
            assert await feeds.add(one)
            assert await elsewhere.get(id) == stored(one)
            more = replace(one, version=1, lease=None, moved=None, question=(), state=FeedState.ACTIVE)
            assert await elsewhere.replace(more)
            assert await feeds.get(id) == stored(more, 2)
            assert not await feeds.add(one)

    async def test_names_of_every_script(self, feeds: FeedStore) -> None:
        for number, name in enumerate(NAMES):
            one = feed(name, title=name, error=name, fingerprint=name, address=name, rules=Rules((name,)))
            assert await feeds.add(replace(one, due=float(number)))
            assert await feeds.same(name) == [stored(replace(one, due=float(number)))]
        assert list(await feeds.due(1e9, limit=100)) == list(NAMES)
        for name in NAMES:
            assert await feeds.delete(name)
        assert await feeds.count() == 0

    async def test_what_is_no_number_is_refused(self, feeds: FeedStore) -> None:
        with pytest.raises(CatalogError, match="cannot be stored"):
            await feeds.add(feed("a", polled=float("nan")))
        await feeds.add(feed("a"))
        with pytest.raises(CatalogError, match="cannot be stored"):
            await feeds.replace(feed("a", version=1, moved=Moved("x", float("inf"))))
        assert await feeds.get("a") == stored(feed("a"))

    async def test_a_feed_is_replaced_by_who_read_it(self, feeds: FeedStore, elsewhere: FeedStore) -> None:
        await feeds.add(feed("a"))
        for version in range(1, 6):
            tries = [(feeds, elsewhere)[n % 2].replace(feed("a", version=version, failures=n)) for n in range(8)]
            assert sum(await asyncio.gather(*tries)) == 1
        found = await feeds.get("a")
        assert found is not None
        assert found.version == 6
        await feeds.delete("a")
        assert not await elsewhere.replace(found), "what was removed stays so"
        await feeds.add(feed("a", created=2000.0))
        assert not await elsewhere.replace(replace(found, version=1)), "it is another feed"

    async def test_of_several_workers_one_holds_a_feed(self, feeds: FeedStore, elsewhere: FeedStore) -> None:
        await feeds.add(feed("a"))
        one, two = await feeds.get("a"), await elsewhere.get("a")
        assert one is not None
        assert two is not None
        assert await feeds.replace(transitions.claimed(one, "w1", now=5.0))
        assert not await elsewhere.replace(transitions.claimed(two, "w2", now=5.0))
        assert not await elsewhere.due(5.0, limit=5)
        later = 5.0 + transitions.LEASE
        assert await elsewhere.due(later, limit=5) == ["a"]
        third = await elsewhere.get("a")
        assert third is not None
        assert await elsewhere.replace(transitions.claimed(third, "w2", now=later))
        assert not await feeds.replace(transitions.released(transitions.claimed(one, "w1", now=5.0)))

    async def test_those_that_are_due(self, feeds: FeedStore) -> None:
        await add_all(
            feeds, feed("late", due=9.0), feed("soon", due=3.0), feed("held", lease=Lease("w", 50.0, 1)),
            feed("free", due=4.0, lease=Lease("w", 5.0, 1)), feed("stopped", state=FeedState.STOPPED),
            feed("now", due=5.0),
        )  # fmt: skip
        assert list(await feeds.due(5.0, limit=10)) == ["soon", "free", "now"]
        assert list(await feeds.due(5.0, limit=2)) == ["soon", "free"]
        assert not await feeds.due(5.0, limit=0)
        assert list(await feeds.due(50.0, limit=10)) == ["held", "soon", "free", "now", "late"]

    async def test_lists_and_counts_of_people(self, feeds: FeedStore) -> None:
        await add_all(
            feeds, feed("1", person=ANNA, created=1.0, fingerprint="x"), feed("2", person=BERT, created=3.0),
            feed("3", created=2.0, fingerprint="x"), feed("4", person=ANNA, created=4.0),
        )  # fmt: skip
        assert [one.id for one in await feeds.listed()] == ["4", "2", "3", "1"]
        assert [one.id for one in await feeds.listed(person=ANNA)] == ["4", "1"]
        assert [one.id for one in await feeds.same("x")] == ["3", "1"]
        assert [await feeds.count(), await feeds.count(ANNA), await feeds.count(5)] == [4, 2, 0]
