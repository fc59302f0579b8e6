"""Lists that are kept: how many, how large, for how long, and who waits for them."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.sqlite import kept
from streamvault.catalog.sqlite.kept import KeptLists


@pytest.fixture
def lists() -> KeptLists[list[int]]:
    return KeptLists(len)


def giving(found: list[int]) -> Callable[[], Awaitable[list[int]]]:
    async def read() -> list[int]:
        return found

    return read


async def fail() -> list[int]:
    raise LookupError("it is not kept")


async def test_the_lists_that_were_asked_for_last_are_kept(
    lists: KeptLists[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_LISTS", 3)
    for number in (1, 2, 3, 1, 4):
        assert await lists.get(7, CatalogQuery(since=number), giving([number])) == [number]
    for number in (1, 3, 4):
        assert await lists.get(7, CatalogQuery(since=number), fail) == [number]
    with pytest.raises(LookupError):
        await lists.get(7, CatalogQuery(since=2), fail)
    with pytest.raises(LookupError):
        await lists.get(8, CatalogQuery(since=1), fail)
    assert (len(lists), lists.bytes) == (0, 0), "the catalog has changed"


@pytest.mark.parametrize(
    "more",
    [
        {"without": frozenset(f"hidden {n}" for n in range(5000))},
        {"chat_ids": frozenset(range(5000))},
        {"text": "long"},
    ],
)
async def test_what_is_kept_has_a_bound_in_bytes(
    lists: KeptLists[list[int]], more: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queries count, too: what somebody has hidden may be longer than the list."""
    monkeypatch.setattr(kept, "MOST_BYTES", 1_100_000)
    found = [1] * (500_000 if "text" in more else 1)
    for number in range(1, 30):
        await lists.get(7, CatalogQuery(since=number, **more), giving(found))  # type: ignore[arg-type]
        assert lists.bytes <= kept.MOST_BYTES
    assert len(lists) == 2
    await lists.get(7, CatalogQuery(), giving([1] * 2_000_000))
    assert len(lists) == 2, "a list that is too large replaces none"


async def test_an_empty_list_is_not_kept(lists: KeptLists[list[int]]) -> None:
    await lists.get(7, CatalogQuery(), giving([]))
    assert len(lists) == 0


async def test_a_read_ends_when_nobody_waits_for_it_any_more(lists: KeptLists[list[int]]) -> None:
    begun, goes_on, ended = asyncio.Event(), asyncio.Event(), list[str]()

    async def read() -> list[int]:
        begun.set()
        try:
            await goes_on.wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return [1]

    first, second = (asyncio.create_task(lists.get(7, CatalogQuery(), read)) for _ in range(2))
    await begun.wait()
    first.cancel()
    await asyncio.wait([first])
    assert not ended
    second.cancel()
    await asyncio.wait([second])
    begun.clear()
    third = asyncio.create_task(lists.get(7, CatalogQuery(), read))
    await begun.wait()
    assert ended == ["cancelled"]
    goes_on.set()
    assert await third == [1]


async def test_a_failed_read_fails_for_all_and_is_tried_again(lists: KeptLists[list[int]]) -> None:
    tries = [lists.get(7, CatalogQuery(), fail) for _ in range(3)]
    assert [type(one) for one in await asyncio.gather(*tries, return_exceptions=True)] == [LookupError] * 3
    assert await lists.get(7, CatalogQuery(), giving([1])) == [1]
