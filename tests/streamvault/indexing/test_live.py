"""The effect of updates on the catalog, also repeated and out of order."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError
from streamvault.indexing.chats import OurChats
from streamvault.indexing.live import LiveIndex
from streamvault.media.events import Deleted, Membership, Person, Post, SeenChat
from streamvault.media.model import MediaFile
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file

FOREIGN = CHANNEL - 1
FILMS = SeenChat(CHANNEL, "Films", ("films",))
OTHERS = SeenChat(FOREIGN, "Others")
OWNER, STRANGER = 111, 666


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[SqliteCatalog]:
    async with SqliteCatalog(tmp_path / "catalog.db") as opened:
        yield opened


async def files(catalog: SqliteCatalog) -> list[MediaFile]:
    return [entry.file for entry in (await catalog.page(CatalogQuery(order="asc"))).items]


def films(catalog: Catalog, *others: int) -> OurChats:
    """Films are ours, and `others`."""
    return OurChats(catalog, channels=(CHANNEL, *others))


def post(file: MediaFile) -> Post:
    return Post(FILMS, file.origin.message_id, file)


async def test_a_post_makes_a_row_and_its_chats_title_is_stored(catalog: SqliteCatalog) -> None:
    await LiveIndex(catalog, films(catalog)).apply(post(media_file(1)))
    assert await files(catalog) == [media_file(1)]
    assert await catalog.chats() == {CHANNEL: "Films"}


async def test_a_text_post_makes_no_row(catalog: SqliteCatalog) -> None:
    await LiveIndex(catalog, films(catalog)).apply(Post(FILMS, 1, None))
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
    index = LiveIndex(catalog, films(catalog))
    await index.apply(post(media_file(1)))
    await index.apply(post(media_file(1, name="better.mkv", edit_date=2_000_000_000)))
    assert [file.name for file in await files(catalog)] == ["better.mkv"]
    await index.apply(Post(FILMS, 1, None))
    assert await files(catalog) == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_post_edit_and_deletion_end_the_same_in_any_order(catalog: SqliteCatalog, order: tuple[int, ...]) -> None:
    index = LiveIndex(catalog, films(catalog))
    edited = media_file(1, name="better.mkv", edit_date=2_000_000_000)
    events = (post(media_file(1)), post(edited), Deleted(CHANNEL, (1,)))
    for number in order:
        await index.apply(events[number])
        await index.apply(events[number])
    assert await files(catalog) == []


@pytest.mark.parametrize("late_first", [True, False])
async def test_post_and_edit_end_with_the_edit_in_any_order(catalog: SqliteCatalog, late_first: bool) -> None:
    index = LiveIndex(catalog, films(catalog))
    versions = [media_file(1), media_file(1, name="better.mkv", edit_date=2_000_000_000)]
    for version in reversed(versions) if late_first else versions:
        await index.apply(post(version))
    assert await files(catalog) == [versions[1]]


async def test_a_deletion_removes_all_its_messages_in_its_chat_only(catalog: SqliteCatalog) -> None:
    index = LiveIndex(catalog, films(catalog, FOREIGN))
    for number in (1, 2, 3):
        await index.apply(post(media_file(number)))
    await index.apply(Post(OTHERS, 1, media_file(1, chat_id=FOREIGN)))
    await index.apply(Deleted(CHANNEL, (1, 3, 99)))
    assert await files(catalog) == [media_file(1, chat_id=FOREIGN), media_file(2)]


async def test_a_chat_is_ours_while_the_bot_is_a_member(catalog: SqliteCatalog) -> None:
    chats = OurChats(catalog, owners=(OWNER,))
    index = LiveIndex(catalog, chats)
    await index.apply(Membership(FILMS, member=True, by=(Person(OWNER),)))
    assert await chats.holds(CHANNEL)
    await index.apply(post(media_file(1)))
    await index.apply(Membership(FILMS, member=False))
    assert not await chats.holds(CHANNEL)
    assert await catalog.chats() == {}


async def test_a_renamed_channel_is_remembered_by_its_new_name(catalog: SqliteCatalog) -> None:
    index = LiveIndex(catalog, films(catalog))
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
    index = LiveIndex(catalog, films(catalog))
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
        await chats.choose(CHANNEL, "Films")
    assert await chats.holds(CHANNEL)
    catalog.broken = False
    await chats.choose(CHANNEL, "Films")
    assert catalog.known_chats == {CHANNEL: "Films"}


def added(chat: SeenChat, *people: Person) -> Membership:
    return Membership(chat, member=True, by=people)


async def test_a_chat_that_no_owner_chose_leaves_no_trace(
    catalog: SqliteCatalog, caplog: pytest.LogCaptureFixture
) -> None:
    """1, Q: posts, copies of an owner's file and deletions of a stranger's channel; one line says who and where."""
    chats = OurChats(catalog, owners=(OWNER,))
    index = LiveIndex(catalog, chats)
    await index.apply(added(FILMS, Person(OWNER)), post(media_file(1, caption="mine")))
    await index.apply(added(OTHERS, Person(STRANGER, "Mallory\u202e")), added(OTHERS, Person(STRANGER, "Mallory")))
    copy = media_file(9, chat_id=FOREIGN, caption="his", date=2_000_000_000)
    await index.apply(Post(OTHERS, 9, copy), Deleted(FOREIGN, (1,)), SeenChat(FOREIGN, "Other title"))
    assert await files(catalog) == [media_file(1, caption="mine")]
    assert await catalog.chats() == {CHANNEL: "Films"}
    assert await chats.all() == {CHANNEL}
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    for word in (str(FOREIGN), "'Others'", str(STRANGER), "Mallory", "OWNER_IDS", f"streamvault index {FOREIGN}"):
        assert word in line
    assert "\u202e" not in line


@pytest.mark.parametrize("people", [(), (Person(STRANGER),), (Person(STRANGER, "Owner"), Person(777))], ids=str)
async def test_a_foreign_chat_becomes_ours_when_an_owner_chooses_it(
    catalog: SqliteCatalog, people: tuple[Person, ...]
) -> None:
    """1: by adding the bot again or giving it rights, or by a walk."""
    for choose_by_walk in (False, True):
        chats = OurChats(catalog, owners=(OWNER,))
        index = LiveIndex(catalog, chats)
        await index.apply(added(OTHERS, *people))
        assert await chats.standing(OTHERS) == "foreign"
        if choose_by_walk:
            await chats.choose(FOREIGN, "Others")
        else:
            await index.apply(added(OTHERS, Person(STRANGER), Person(OWNER)))
        assert await chats.standing(OTHERS) == "ours"
        await index.apply(added(OTHERS, Person(STRANGER)))
        assert await chats.standing(OTHERS) == "ours", "a stranger's change of the bot's rights takes nothing away"
        assert await OurChats(catalog).holds(FOREIGN), "it is stored"
        await index.apply(Membership(OTHERS, member=False))
        assert not await chats.holds(FOREIGN)


async def test_chats_that_were_served_before_stay_served(catalog: SqliteCatalog) -> None:
    """1: catalogs of earlier versions hold chats without who chose them."""
    await catalog.remember_chat(FOREIGN, "Others")
    chats = OurChats(catalog, owners=(OWNER,))
    await LiveIndex(catalog, chats).apply(
        added(OTHERS, Person(STRANGER)), Post(OTHERS, 1, media_file(1, chat_id=FOREIGN))
    )
    assert await files(catalog) == [media_file(1, chat_id=FOREIGN)]


@pytest.mark.parametrize("number", [-1, -4242, -999_999_999_999])
async def test_a_basic_group_is_reported_as_not_served(
    catalog: SqliteCatalog, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    """O: also when an owner adds the bot, and also with CHANNELS set."""
    for channels in ((), (CHANNEL,)):
        caplog.clear()
        chats = OurChats(catalog, channels=channels, owners=(OWNER,))
        await LiveIndex(catalog, chats).apply(added(SeenChat(number, "Friends"), Person(OWNER)))
        assert number not in await chats.all()
        [line] = [record.getMessage() for record in caplog.records]
        assert "supergroup" in line
        assert "'Friends'" in line
