"""The effect of updates on the catalog, also repeated and out of order."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError
from streamvault.indexing.chats import OurChats
from streamvault.indexing.live import LiveIndex
from streamvault.media.events import Deleted, Membership, Post, SeenChat
from streamvault.media.model import MediaFile
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file

FOREIGN = CHANNEL - 1
FILMS = SeenChat(CHANNEL, "Films", ("films",))
OTHERS = SeenChat(FOREIGN, "Others")


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[SqliteCatalog]:
    async with SqliteCatalog(tmp_path / "catalog.db") as opened:
        yield opened


async def files(catalog: SqliteCatalog) -> list[MediaFile]:
    return [entry.file for entry in (await catalog.page(CatalogQuery(order="asc"))).items]


def post(file: MediaFile) -> Post:
    return Post(FILMS, file.origin.message_id, file)


async def test_a_post_makes_a_row_and_the_chat_ours(catalog: SqliteCatalog) -> None:
    chats = OurChats(catalog)
    await LiveIndex(catalog, chats).apply(post(media_file(1)))
    assert await files(catalog) == [media_file(1)]
    assert await catalog.chats() == {CHANNEL: "Films"}
    assert await chats.holds(CHANNEL)


async def test_a_text_post_makes_no_row(catalog: SqliteCatalog) -> None:
    await LiveIndex(catalog, OurChats(catalog)).apply(Post(FILMS, 1, None))
    assert await files(catalog) == []
    assert await catalog.chats() == {CHANNEL: "Films"}


async def test_with_channels_set_other_chats_leave_no_trace(catalog: SqliteCatalog) -> None:
    index = LiveIndex(catalog, OurChats(catalog, channels=(CHANNEL,)))
    await index.apply(Post(OTHERS, 1, media_file(1, chat_id=FOREIGN)))
    await index.apply(Membership(OTHERS, member=True))
    await index.apply(post(media_file(2)))
    assert await files(catalog) == [media_file(2)]
    assert await catalog.chats() == {CHANNEL: "Films"}


async def test_an_edit_replaces_or_removes_the_file(catalog: SqliteCatalog) -> None:
    index = LiveIndex(catalog, OurChats(catalog))
    await index.apply(post(media_file(1)))
    await index.apply(post(media_file(1, name="better.mkv", edit_date=2_000_000_000)))
    assert [file.name for file in await files(catalog)] == ["better.mkv"]
    await index.apply(Post(FILMS, 1, None))
    assert await files(catalog) == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_post_edit_and_deletion_end_the_same_in_any_order(catalog: SqliteCatalog, order: tuple[int, ...]) -> None:
    index = LiveIndex(catalog, OurChats(catalog))
    edited = media_file(1, name="better.mkv", edit_date=2_000_000_000)
    events = (post(media_file(1)), post(edited), Deleted(CHANNEL, (1,)))
    for number in order:
        await index.apply(events[number])
        await index.apply(events[number])
    assert await files(catalog) == []


@pytest.mark.parametrize("late_first", [True, False])
async def test_post_and_edit_end_with_the_edit_in_any_order(catalog: SqliteCatalog, late_first: bool) -> None:
    index = LiveIndex(catalog, OurChats(catalog))
    versions = [media_file(1), media_file(1, name="better.mkv", edit_date=2_000_000_000)]
    for version in reversed(versions) if late_first else versions:
        await index.apply(post(version))
    assert await files(catalog) == [versions[1]]


async def test_a_deletion_removes_all_its_messages_in_its_chat_only(catalog: SqliteCatalog) -> None:
    index = LiveIndex(catalog, OurChats(catalog))
    for number in (1, 2, 3):
        await index.apply(post(media_file(number)))
    await index.apply(Post(OTHERS, 1, media_file(1, chat_id=FOREIGN)))
    await index.apply(Deleted(CHANNEL, (1, 3, 99)))
    assert await files(catalog) == [media_file(1, chat_id=FOREIGN), media_file(2)]


async def test_a_chat_is_ours_while_the_bot_is_a_member(catalog: SqliteCatalog) -> None:
    chats = OurChats(catalog)
    index = LiveIndex(catalog, chats)
    await index.apply(Membership(FILMS, member=True))
    assert await chats.holds(CHANNEL)
    await index.apply(post(media_file(1)))
    await index.apply(Membership(FILMS, member=False))
    assert not await chats.holds(CHANNEL)
    assert await catalog.chats() == {}


async def test_a_renamed_channel_is_remembered_by_its_new_name(catalog: SqliteCatalog) -> None:
    index = LiveIndex(catalog, OurChats(catalog))
    await index.apply(Post(FILMS, 1, None))
    await index.apply(Post(SeenChat(CHANNEL, "Movies"), 2, None))
    assert await catalog.chats() == {CHANNEL: "Movies"}


async def test_a_post_resolves_a_username(catalog: SqliteCatalog) -> None:
    chats = OurChats(catalog, channels=("@Films",))
    index = LiveIndex(catalog, chats)
    await index.apply(Post(OTHERS, 1, media_file(1, chat_id=FOREIGN)))
    await index.apply(post(media_file(1)))
    assert await files(catalog) == [media_file(1)]
    assert await chats.all() == {CHANNEL}


async def test_a_known_chat_is_not_written_again() -> None:
    catalog = MemoryCatalog()
    index = LiveIndex(catalog, OurChats(catalog))
    for number in range(1, 4):
        await index.apply(post(media_file(number)))
    assert catalog.calls.count("remember_chat") == 1


async def test_a_failing_catalog_raises_catalog_error() -> None:
    catalog = MemoryCatalog()
    catalog.broken = True
    with pytest.raises(CatalogError):
        await LiveIndex(catalog, OurChats(catalog, channels=(CHANNEL,))).apply(post(media_file(1)))


async def test_a_chat_that_could_not_be_stored_is_stored_with_the_next_update() -> None:
    catalog = MemoryCatalog()
    chats = OurChats(catalog)
    await chats.all()
    catalog.broken = True
    with pytest.raises(CatalogError):
        await chats.remember(CHANNEL, "Films")
    assert await chats.holds(CHANNEL)
    catalog.broken = False
    await chats.remember(CHANNEL, "Films")
    assert catalog.known_chats == {CHANNEL: "Films"}
