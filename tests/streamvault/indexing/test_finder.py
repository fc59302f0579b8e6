"""From a link to its file: which chats are ours, and what of the catalog is remembered when it is unavailable."""

import pytest

from streamvault.errors import CatalogError, FileMissing
from streamvault.indexing import finder as finder_module
from streamvault.indexing.finder import FRESH_SECONDS
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.finders import FOREIGN, VAULT, Bench, Chosen

PRIVATE = 4242


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


@pytest.mark.parametrize(
    "chosen",
    [
        Chosen(channels=("@Films",), vault_channel=None),
        Chosen(channels=(FOREIGN - 1,), vault_channel="@Films"),
        Chosen(channels=(FOREIGN - 1,), vault_channel=None, leech_channel="@Films"),
    ],
)
async def test_a_channel_named_by_username_is_ours_once_resolved(chosen: Chosen) -> None:
    file = media_file(1)
    bench = Bench(file, chosen=chosen)
    assert bench.finder.chats.unresolved == {"films"}
    with pytest.raises(FileMissing):
        await bench.find(file)
    told = list[int]()
    bench.finder.chats.on_resolved = told.append
    bench.finder.chats.resolve("other", FOREIGN)
    for _ in range(2):
        bench.finder.chats.resolve("FILMS", CHANNEL)
    assert told == [CHANNEL]
    assert await bench.find(file) == file
    assert await bench.finder.our_chats() == {CHANNEL, *(one for one in chosen.channels if isinstance(one, int))}
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
