"""From a link to its file: what is read when, shared by whom, and what happens on failures."""

import asyncio
import dataclasses
from collections.abc import Sequence

import pytest

from streamvault.errors import CatalogError, FileMissing, SourceBusy, SourceUnavailable, StreamVaultError
from streamvault.indexing import finder as finder_module
from streamvault.indexing import unknown as unknown_module
from streamvault.indexing.finder import FRESH_SECONDS, FileFinder
from streamvault.indexing.unknown import (
    BEYOND,
    BEYOND_SECONDS,
    NEGATIVE_SECONDS,
    READ_INTERVAL,
    READS_AT_ONCE,
    READS_IN_RESERVE,
    VIEWER_INTERVAL,
    VIEWER_RESERVE,
)
from streamvault.media.model import MediaFile, Origin
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.waiting import until

VAULT = CHANNEL - 1
FOREIGN = CHANNEL - 2
PRIVATE = 4242


@dataclasses.dataclass(frozen=True)
class Chosen:
    """The settings that say what is ours."""

    channels: tuple[int | str, ...] = (CHANNEL,)
    vault_channel: int | str | None = VAULT
    owner_ids: tuple[int, ...] = ()


class Messages:
    """A MessageSource over a dict, with a gate to hold reads and errors to answer with."""

    def __init__(self, *files: MediaFile) -> None:
        self.files = {file.origin: file for file in files}
        self.errors: dict[Origin, StreamVaultError] = {}
        self.reads: list[Origin] = []
        self.requests = 0
        self.cancelled = 0
        self.under_way = self.most_under_way = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, chat_id: int, message_ids: Sequence[int]) -> dict[int, MediaFile]:
        origins = [Origin(chat_id, message_id) for message_id in message_ids]
        self.reads += origins
        self.requests += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1
        for origin in origins:
            if origin in self.errors:
                raise self.errors[origin]
        return {origin.message_id: self.files[origin] for origin in origins if origin in self.files}


class Bench:
    """A finder over a catalog in memory and messages in a dict, with a clock to turn."""

    def __init__(self, *files: MediaFile, chosen: Chosen | None = None, catalog: MemoryCatalog | None = None) -> None:
        self.now = 1000.0
        self.catalog = catalog or MemoryCatalog()
        self.messages = Messages(*files)
        self.finder = FileFinder(
            settings=chosen or Chosen(), catalog=self.catalog, messages=self.messages, clock=lambda: self.now
        )

    async def find(self, file: MediaFile) -> MediaFile:
        return await self.finder.find(file.origin.chat_id, file.origin.message_id)


async def test_a_file_in_the_catalog_causes_no_request_to_telegram() -> None:
    file = media_file(1)
    bench = Bench(catalog=MemoryCatalog([file]))
    assert await bench.find(file) == file
    assert bench.messages.reads == []


async def test_an_unknown_message_is_read_once_and_stored() -> None:
    file = media_file(1)
    bench = Bench(file)
    assert [await bench.find(file) for _ in range(3)] == [file] * 3
    assert bench.messages.reads == [file.origin]
    assert bench.catalog.files == {file.origin: file}


@pytest.mark.parametrize("chat_id", [FOREIGN, PRIVATE, -400001, 0])
async def test_a_chat_that_is_not_ours_causes_no_request(chat_id: int) -> None:
    file = media_file(1, chat_id=chat_id)
    bench = Bench(file, catalog=MemoryCatalog([file], chats={chat_id: "seen before CHANNELS was set"}))
    with pytest.raises(FileMissing):
        await bench.find(file)
    assert bench.messages.reads == []
    assert "get" not in bench.catalog.calls


@pytest.mark.parametrize("message_id", [0, -1, 1 << 31, 1 << 70])
async def test_an_impossible_message_id_is_missing(message_id: int) -> None:
    bench = Bench()
    with pytest.raises(FileMissing):
        await bench.finder.find(CHANNEL, message_id)
    assert bench.messages.reads == []


async def test_the_vault_is_ours() -> None:
    file = media_file(1, chat_id=VAULT)
    assert await Bench(file).find(file) == file


async def test_without_channels_the_chats_that_an_owner_chose_are_ours() -> None:
    seen, unseen, kept = media_file(1), media_file(1, chat_id=FOREIGN), media_file(1, chat_id=VAULT)
    catalog = MemoryCatalog(chats={CHANNEL: "Films"})
    bench = Bench(seen, unseen, kept, chosen=Chosen(channels=()), catalog=catalog)
    assert await bench.find(seen) == seen
    assert await bench.find(kept) == kept
    assert await bench.finder.our_chats() == {CHANNEL, VAULT}
    with pytest.raises(FileMissing):
        await bench.find(unseen)
    await bench.finder.chats.choose(FOREIGN, "Music")
    assert await bench.find(unseen) == unseen
    await bench.finder.chats.forget(FOREIGN)
    with pytest.raises(FileMissing):
        await bench.find(unseen)
    assert catalog.known_chats == {CHANNEL: "Films"}


async def test_a_channel_named_by_username_is_ours_once_resolved() -> None:
    file = media_file(1)
    bench = Bench(file, chosen=Chosen(channels=("@Films",), vault_channel=None))
    assert bench.finder.chats.unresolved == {"films"}
    with pytest.raises(FileMissing):
        await bench.find(file)
    bench.finder.chats.resolve("other", FOREIGN)
    bench.finder.chats.resolve("FILMS", CHANNEL)
    assert await bench.find(file) == file
    assert await bench.finder.our_chats() == {CHANNEL}
    assert bench.finder.chats.unresolved == frozenset()


async def test_with_a_failing_catalog_messages_are_read_from_telegram() -> None:
    file = media_file(1)
    bench = Bench(file)
    bench.catalog.broken = True
    assert await bench.find(file) == file
    bench.now += FRESH_SECONDS
    assert await bench.find(file) == file
    assert len(bench.messages.reads) == 1


async def test_a_file_found_recently_is_not_looked_up_again() -> None:
    file = media_file(1)
    bench = Bench(catalog=MemoryCatalog([file]))
    for _ in range(3):
        assert await bench.find(file) == file
    assert bench.catalog.calls.count("get") == 1
    bench.now += FRESH_SECONDS
    assert await bench.find(file) == file
    assert bench.catalog.calls.count("get") == 2


async def test_a_found_file_is_returned_while_the_catalog_is_unavailable() -> None:
    file = media_file(1)
    bench = Bench(catalog=MemoryCatalog([file]))
    await bench.find(file)
    bench.catalog.broken = True
    for _ in range(3):
        bench.now += FRESH_SECONDS
        assert await bench.find(file) == file
        asked = bench.catalog.calls.count("get")
        assert await bench.find(file) == file
        assert bench.catalog.calls.count("get") == asked, "a catalog that is away was asked again at once"
    assert bench.messages.reads == []


async def test_a_file_that_left_the_catalog_is_read_again() -> None:
    file = media_file(1)
    bench = Bench(file, catalog=MemoryCatalog([file]))
    await bench.find(file)
    await bench.catalog.remove(file.origin)
    bench.now += FRESH_SECONDS
    assert await bench.find(file) == file
    assert bench.messages.reads == [file.origin]


async def test_an_invalidated_file_is_looked_up_at_once() -> None:
    file, edited = media_file(1), media_file(1, name="edited.mp4", edit_date=2_000_000_000)
    bench = Bench(edited, catalog=MemoryCatalog([file]))
    assert await bench.find(file) == file
    await bench.catalog.put(edited)
    bench.finder.invalidate(file.origin)
    assert await bench.find(file) == edited


async def test_found_files_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder_module, "KNOWN_FILES", 2)
    files = [media_file(number) for number in range(1, 4)]
    bench = Bench(catalog=MemoryCatalog(files))
    for file in (files[0], files[1], files[0], files[2]):
        await bench.find(file)
    bench.catalog.calls.clear()
    await bench.find(files[0])
    await bench.find(files[2])
    assert bench.catalog.calls == []
    await bench.find(files[1])
    assert bench.catalog.calls == ["get"]


async def test_a_catalog_that_breaks_later_does_not_change_what_is_ours() -> None:
    file = media_file(1)
    bench = Bench(file, chosen=Chosen(channels=()), catalog=MemoryCatalog(chats={CHANNEL: "Films"}))
    assert await bench.finder.our_chats() == {CHANNEL, VAULT}
    bench.catalog.broken = True
    assert await bench.find(file) == file


async def test_while_the_chats_cannot_be_loaded_find_raises_catalog_error() -> None:
    seen, kept = media_file(1), media_file(1, chat_id=VAULT)
    bench = Bench(seen, kept, chosen=Chosen(channels=()), catalog=MemoryCatalog(chats={CHANNEL: "Films"}))
    bench.catalog.broken = True
    with pytest.raises(CatalogError):
        await bench.find(seen)
    with pytest.raises(CatalogError):
        await bench.finder.our_chats()
    with pytest.raises(CatalogError):
        await bench.finder.chats.choose(FOREIGN, "Music")
    with pytest.raises(CatalogError):
        await bench.finder.chats.forget(CHANNEL)
    assert await bench.find(kept) == kept, "the vault is ours in any case"
    bench.catalog.broken = False
    assert await bench.find(seen) == seen
    assert await bench.finder.our_chats() == {CHANNEL, VAULT}


async def test_a_chat_left_while_the_catalog_was_unavailable_is_not_ours() -> None:
    bench = Bench(chosen=Chosen(channels=()), catalog=MemoryCatalog(chats={CHANNEL: "Films"}))
    assert await bench.finder.our_chats() == {CHANNEL, VAULT}
    bench.catalog.broken = True
    with pytest.raises(CatalogError):
        await bench.finder.chats.forget(CHANNEL)
    assert await bench.finder.our_chats() == {VAULT}


async def test_a_chat_that_could_not_be_stored_is_ours_and_stored_by_the_next_update() -> None:
    bench = Bench(chosen=Chosen(channels=()), catalog=MemoryCatalog())
    assert await bench.finder.our_chats() == {VAULT}
    bench.catalog.broken = True
    with pytest.raises(CatalogError):
        await bench.finder.chats.choose(CHANNEL, "Films")
    assert await bench.finder.our_chats() == {CHANNEL, VAULT}
    bench.catalog.broken = False
    await bench.finder.chats.choose(CHANNEL, "Films")
    assert bench.catalog.known_chats == {CHANNEL: "Films"}


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
    assert len(bench.finder._unknown._probes) == len(bench.finder._unknown._budgets._viewers) == 2


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


async def test_the_budget_holds_up_neither_known_files_nor_owners_nor_an_unavailable_catalog() -> None:
    known, forwarded, watched = media_file(1), media_file(2), media_file(3)
    bench = Bench(forwarded, watched, catalog=MemoryCatalog([known]))
    assert await missing(bench, *range(10, 100)) == VIEWER_RESERVE
    assert await bench.find(known) == known
    assert await bench.finder.find(CHANNEL, 2, budgeted=False) == forwarded
    bench.catalog.broken = True
    assert await bench.find(watched) == watched


async def test_a_file_whose_message_is_deleted_is_given_from_another_one() -> None:
    """W: a film with another origin goes on from it; not from a chat that is not ours, and not another film."""
    here, there = media_file(5), media_file(9, chat_id=VAULT, key=media_file(5).key)
    bench = Bench()
    for file in (here, there, media_file(6)):
        await bench.catalog.put(file)
    assert await bench.find(media_file(5)) == here
    assert await bench.find(media_file(6)) == media_file(6)
    await bench.catalog.remove(here.origin)
    bench.finder.invalidate(here.origin)
    assert await bench.find(media_file(5)) == there
    await bench.catalog.remove(media_file(6).origin)
    bench.finder.invalidate(media_file(6).origin)
    with pytest.raises(FileMissing):
        await bench.find(media_file(6))
    await bench.catalog.remove(there.origin)
    await bench.catalog.put(media_file(9, chat_id=FOREIGN, key=here.key))
    with pytest.raises(FileMissing):
        await bench.find(media_file(5))
