"""Budgets of messages that the catalog does not know, and numbers far beyond the newest known one."""

import asyncio

import pytest

from streamvault.errors import FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.indexing import unknown as unknown_module
from streamvault.indexing.unknown import (
    BEYOND,
    BEYOND_SECONDS,
    READ_INTERVAL,
    READS_IN_RESERVE,
    VIEWER_INTERVAL,
    VIEWER_RESERVE,
)
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.finders import Bench
from tests.support.waiting import until


async def missing(bench: Bench, *message_ids: int, viewer: str = "") -> int:
    """How many of these are missing; the others are refused for now."""
    count = 0
    for message_id in message_ids:
        with pytest.raises((FileMissing, SourceBusy)) as error:
            await bench.finder.find(CHANNEL, message_id, viewer=viewer)
        count += isinstance(error.value, FileMissing)
        wait = error.value.retry_after if isinstance(error.value, SourceBusy) else VIEWER_INTERVAL
        assert 0 < wait <= VIEWER_INTERVAL
    return count


async def test_a_viewer_has_a_budget_of_unknown_messages() -> None:
    """8: who asks for one after the other is refused in the end, and the others are not."""
    bench = Bench()
    assert await missing(bench, *range(100_000, 100_401), viewer="one") == VIEWER_RESERVE
    assert bench.messages.requests == VIEWER_RESERVE
    assert await missing(bench, 200_000, 200_001, viewer="another") == 2
    bench.now += 3 * VIEWER_INTERVAL
    assert await missing(bench, *range(300_000, 300_010), viewer="one") == 3


async def test_one_viewer_never_uses_up_the_requests_of_all() -> None:
    """Whether the messages are beyond the newest known one or not, and for however long."""
    bench = Bench(catalog=MemoryCatalog([media_file(1_000_000)]))
    asked = iter(range(1, 1_000_000))
    for second in range(600):
        bench.now += 1
        await missing(bench, *(next(asked) for _ in range(5)), viewer="one")
        await missing(bench, 2_000_000 + second, viewer="one")
    assert await missing(bench, *(next(asked) for _ in range(5)), viewer="another") == 5


async def test_all_viewers_together_have_a_budget_of_requests() -> None:
    """8: however many addresses a stranger has."""
    bench = Bench()
    for number in range(400):
        await missing(bench, 100_000 + number, viewer=f"viewer {number}")
    assert bench.messages.requests == READS_IN_RESERVE
    bench.now += 3 * READ_INTERVAL
    for number in range(10):
        await missing(bench, 300_000 + number, viewer=f"another {number}")
    assert bench.messages.requests == READS_IN_RESERVE + 3


async def test_the_viewers_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_module, "REMEMBERED_VIEWERS", 2)
    bench = Bench(catalog=MemoryCatalog([media_file(1)]))
    for number in range(5):
        assert await missing(bench, 100_000 + number, viewer=f"viewer {number}") == 1
    assert len(bench.finder._unknown._beyond._last) == len(bench.finder._unknown._budgets._viewers) == 2


async def test_messages_far_beyond_the_newest_known_one_are_missing_without_a_request() -> None:
    """8: but for one in a while."""
    bench = Bench(catalog=MemoryCatalog([media_file(500)]))
    assert await missing(bench, *range(100_000, 100_401)) == 401
    assert bench.messages.requests == 1
    assert await missing(bench, 500 + BEYOND, 499, 1) == 3
    assert bench.messages.requests == 4, "those below it, and a few above it, may exist"
    bench.now += BEYOND_SECONDS
    assert await missing(bench, *range(100_000, 100_401)) == 401
    assert bench.messages.requests == 5


@pytest.mark.parametrize("asked_before", [(), (900_000,), tuple(range(900_000, 900_050))])
async def test_a_post_far_beyond_the_newest_known_one_is_found_after_a_moment(asked_before: tuple[int, ...]) -> None:
    """At once by anybody who has not just asked for one that does not exist, and by those after BEYOND_SECONDS."""
    known, film, next_one = media_file(500), media_file(70_000), media_file(80_000)
    bench = Bench(film, next_one, catalog=MemoryCatalog([known]))
    await missing(bench, *asked_before, viewer="a stranger")
    assert await bench.finder.find(CHANNEL, 70_000, viewer="a friend") == film
    assert await bench.finder.find(CHANNEL, 80_000, viewer="a friend") == next_one, "the last one existed"
    bench.now += BEYOND_SECONDS
    await bench.catalog.remove(film.origin)
    await bench.catalog.remove(next_one.origin)
    bench.finder.invalidate(film.origin)
    assert await bench.finder.find(CHANNEL, 70_000, viewer="a stranger") == film


async def test_posts_beyond_the_newest_known_one_that_are_wanted_at_once_are_found_together() -> None:
    films = [media_file(70_000 + number) for number in range(20)]
    bench = Bench(*films, catalog=MemoryCatalog([media_file(500)]))
    assert await asyncio.gather(*(bench.find(film) for film in films)) == films
    assert bench.messages.requests == 1


@pytest.mark.parametrize("error", [SourceUnavailable("lost"), SourceError("INTERNAL"), SourceBusy(60)])
async def test_a_failure_says_nothing_of_the_posts_beyond_the_newest_known_one(error: SourceError) -> None:
    """Only what Telegram has answered is missing: a player takes 404 for final."""
    film = media_file(70_000)
    bench = Bench(film, catalog=MemoryCatalog([media_file(500)]))
    bench.messages.errors[film.origin] = error
    with pytest.raises(type(error)):
        await bench.find(film)
    del bench.messages.errors[film.origin]
    assert await bench.find(film) == film


async def test_posts_beyond_the_newest_known_one_are_found_while_others_are_asked_for() -> None:
    """Wanted one after the other, each while the one before is on its way; or wanted again by who did not wait."""
    films = [media_file(70_000 + number) for number in range(6)]
    bench = Bench(*films, catalog=MemoryCatalog([media_file(500)]))
    bench.messages.gate.clear()
    left = asyncio.create_task(bench.find(films[0]))
    await until(lambda: bench.messages.requests == 1)
    left.cancel()
    await until(left.done)
    wanted = []
    for number, film in enumerate(films):
        wanted.append(asyncio.create_task(bench.find(film)))
        await until(lambda number=number: bench.catalog.calls.count("newest") == number + 2)  # type: ignore[misc]
    bench.messages.gate.set()
    assert await asyncio.gather(*wanted) == films


@pytest.mark.parametrize("error", [SourceUnavailable("away"), SourceBusy(60)])
async def test_a_request_that_was_not_sent_costs_no_budget(error: SourceError) -> None:
    """A flood wait is told with its own seconds, however often it is met, and nobody is short of requests after it."""
    films = [media_file(number) for number in range(1, VIEWER_RESERVE + 1)]
    bench = Bench(*films)
    for film in films:
        bench.messages.errors[film.origin] = error
    for film in films * 3:
        with pytest.raises(type(error)) as raised:
            await bench.find(film)
        assert raised.value is error
    bench.messages.errors.clear()
    for film in films:
        assert await bench.find(film) == film


async def test_a_request_that_was_left_before_it_was_sent_costs_no_budget() -> None:
    bench = Bench(media_file(1), media_file(2))
    bench.messages.gate.clear()
    first = asyncio.create_task(bench.find(media_file(1)))
    await until(lambda: bench.messages.requests == 1)
    for number in range(3 * VIEWER_RESERVE):
        left = asyncio.create_task(bench.find(media_file(2)))
        await until(lambda number=number: bench.catalog.calls.count("newest") == number + 2)  # type: ignore[misc]
        left.cancel()
        await until(left.done)
    bench.messages.gate.set()
    assert await first == media_file(1)
    assert await bench.find(media_file(2)) == media_file(2)


async def test_the_budget_holds_up_neither_known_files_nor_owners_nor_an_unavailable_catalog() -> None:
    known, forwarded, watched = media_file(1), media_file(2), media_file(3)
    bench = Bench(forwarded, watched, catalog=MemoryCatalog([known]))
    assert await missing(bench, *range(10, 100)) == VIEWER_RESERVE
    assert await bench.find(known) == known
    assert await bench.finder.find(CHANNEL, 2, budgeted=False) == forwarded
    bench.catalog.broken = True
    assert await bench.find(watched) == watched
