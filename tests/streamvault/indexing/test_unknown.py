"""Messages that the catalog does not know: requests that are shared, and those that do not exist."""

import asyncio

import pytest

from streamvault.errors import FileMissing, SourceBusy, SourceUnavailable, StreamVaultError
from streamvault.indexing import unknown as unknown_module
from streamvault.indexing.unknown import (
    NEGATIVE_SECONDS,
    READS_AT_ONCE,
    VIEWER_RESERVE,
)
from tests.support.files import CHANNEL, media_file
from tests.support.finders import VAULT, Bench, Chosen
from tests.support.waiting import until


async def test_many_at_once_share_one_read() -> None:
    file = media_file(1)
    bench = Bench(file)
    bench.messages.gate.clear()
    waiters = [asyncio.create_task(bench.find(file)) for _ in range(20)]
    await until(lambda: bool(bench.messages.reads))
    bench.messages.gate.set()
    assert await asyncio.gather(*waiters) == [file] * 20
    assert bench.messages.reads == [file.origin]


@pytest.mark.parametrize("error", [SourceBusy(7), SourceUnavailable("no connection"), FileMissing("not in there")])
async def test_a_failure_reaches_every_waiter(error: StreamVaultError) -> None:
    file = media_file(1)
    bench = Bench(file)
    bench.messages.errors[file.origin] = error
    bench.messages.gate.clear()
    waiters = [asyncio.create_task(bench.find(file)) for _ in range(5)]
    await until(lambda: bool(bench.messages.reads))
    bench.messages.gate.set()
    results = await asyncio.gather(*waiters, return_exceptions=True)
    assert [type(result) for result in results] == [type(error)] * 5
    assert len(bench.messages.reads) == 1


async def test_a_read_goes_on_while_one_caller_still_waits() -> None:
    file = media_file(1)
    bench = Bench(file)
    bench.messages.gate.clear()
    first, second = (asyncio.create_task(bench.find(file)) for _ in range(2))
    await until(lambda: bool(bench.messages.reads))
    first.cancel()
    await until(first.done)
    bench.messages.gate.set()
    assert await second == file
    assert bench.messages.cancelled == 0


async def test_a_read_is_cancelled_with_its_last_caller_and_the_next_one_starts_again() -> None:
    file = media_file(1)
    bench = Bench(file)
    bench.messages.gate.clear()
    waiters = [asyncio.create_task(bench.find(file)) for _ in range(3)]
    await until(lambda: bool(bench.messages.reads))
    for waiter in waiters:
        waiter.cancel()
    await until(lambda: all(waiter.done() for waiter in waiters))
    late = asyncio.create_task(bench.find(file))
    await until(lambda: len(bench.messages.reads) == 2)
    bench.messages.gate.set()
    assert await late == file
    assert bench.messages.cancelled == 1


async def test_a_missing_message_is_remembered_for_a_while() -> None:
    file = media_file(1)
    bench = Bench()
    for _ in range(3):
        with pytest.raises(FileMissing):
            await bench.find(file)
    assert len(bench.messages.reads) == 1
    bench.now += NEGATIVE_SECONDS
    bench.messages.files[file.origin] = file
    assert await bench.find(file) == file
    assert len(bench.messages.reads) == 2


async def test_a_failure_to_read_is_not_remembered() -> None:
    file = media_file(1)
    bench = Bench(file)
    bench.messages.errors[file.origin] = SourceUnavailable("no connection")
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            await bench.find(file)
    assert len(bench.messages.reads) == 2


async def test_a_post_that_arrives_is_found_although_it_was_missing() -> None:
    file = media_file(1)
    bench = Bench()
    with pytest.raises(FileMissing):
        await bench.find(file)
    await bench.catalog.put(file)
    assert await bench.find(file) == file


async def test_remembered_missing_messages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_module, "NEGATIVE_ENTRIES", 3)
    bench = Bench()
    for message_id in range(1, 6):
        with pytest.raises(FileMissing):
            await bench.finder.find(CHANNEL, message_id)
    reads = len(bench.messages.reads)
    with pytest.raises(FileMissing):
        await bench.finder.find(CHANNEL, 5)
    assert len(bench.messages.reads) == reads
    with pytest.raises(FileMissing):
        await bench.finder.find(CHANNEL, 1)
    assert len(bench.messages.reads) == reads + 1


async def test_reads_at_once_are_bounded() -> None:
    chats = tuple(CHANNEL - 10 - number for number in range(2 * READS_AT_ONCE))
    files = [media_file(1, chat_id=chat_id) for chat_id in chats]
    bench = Bench(*files, chosen=Chosen(channels=chats))
    bench.messages.gate.clear()
    waiters = [asyncio.create_task(bench.find(file)) for file in files[:VIEWER_RESERVE]]
    await until(lambda: len(bench.messages.reads) == READS_AT_ONCE)
    bench.messages.gate.set()
    assert await asyncio.gather(*waiters) == files[:VIEWER_RESERVE]
    assert bench.messages.most_under_way == READS_AT_ONCE


async def test_messages_of_a_chat_that_are_wanted_at_once_are_one_request() -> None:
    """8: the files among them are found, the others are missing; what is wanted meanwhile is the next request."""
    files = [media_file(number) for number in range(1, VIEWER_RESERVE)]
    bench = Bench(*files)
    bench.messages.gate.clear()
    first = [asyncio.create_task(bench.finder.find(CHANNEL, number)) for number in range(1, VIEWER_RESERVE + 1)]
    await until(lambda: bench.messages.requests == 1)
    later = [asyncio.create_task(bench.finder.find(CHANNEL, 30 + n, viewer="another")) for n in range(VIEWER_RESERVE)]
    again = asyncio.create_task(bench.finder.find(CHANNEL, 1, viewer="a third"))
    await until(lambda: bench.catalog.calls.count("newest") == 2 * VIEWER_RESERVE + 1)
    bench.messages.gate.set()
    *found, missing = await asyncio.gather(*first, return_exceptions=True)
    assert found == files
    assert isinstance(missing, FileMissing)
    assert await again == files[0]
    await asyncio.gather(*later, return_exceptions=True)
    assert bench.messages.requests == 2
    assert len(bench.messages.reads) == 2 * VIEWER_RESERVE
    assert bench.catalog.files == {file.origin: file for file in files}


async def test_a_request_holds_a_hundred_messages_of_one_chat() -> None:
    files = [media_file(number, chat_id=chat_id) for chat_id in (CHANNEL, VAULT) for number in range(1, 151)]
    bench = Bench(*files)
    wanted = (bench.finder.find(f.origin.chat_id, f.origin.message_id, budgeted=False) for f in files)
    assert await asyncio.gather(*wanted) == files
    assert bench.messages.requests == 4


async def test_who_leaves_a_request_takes_nothing_from_the_others() -> None:
    """Nor does one who leaves before it was sent, be it the only one."""
    files = [media_file(number) for number in (1, 2, 3)]
    bench = Bench(*files)
    bench.messages.gate.clear()
    sent, queued, staying = [asyncio.create_task(bench.find(file)) for file in files[:1]], [], []
    await until(lambda: bench.messages.requests == 1)
    queued.append(asyncio.create_task(bench.find(files[1])))
    await until(lambda: bench.catalog.calls.count("newest") == 2)
    queued[0].cancel()
    await until(queued[0].done)
    staying.append(asyncio.create_task(bench.find(files[2])))
    await until(lambda: bench.catalog.calls.count("newest") == 3)
    bench.messages.gate.set()
    assert await asyncio.gather(*sent, *staying) == [files[0], files[2]]
    assert bench.messages.reads == [files[0].origin, files[2].origin]
    assert await bench.find(files[1]) == files[1]
