"""A channel's history through real Kurigram: messages, chats and the newest message, and the requests they take."""

import asyncio
import math
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import FileMissing, SourceBusy
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.repair import Repair, Repaired
from streamvault.media.history import Messages
from streamvault.reading.lanes import Lane, Lanes
from streamvault.telegram import message_media
from streamvault.telegram.history.pacing import FIRST_INTERVAL, RequestPacing
from streamvault.telegram.history.pages import EMPTY_PAUSES
from streamvault.telegram.history.source import TelegramHistory
from tests.streamvault.telegram.conftest import Online, calls
from tests.support.stack import EmulatedWorld, chat_id_of
from tests.support.waiting import until
from tests.support.walks import Rows
from tgemulator.world.content import BytesContent, SyntheticContent
from tgemulator.world.model import Forward, Peer

GET_MESSAGES = "channels.getMessages"


@pytest.fixture
def lanes() -> Lanes:
    """A limiter with room for four."""
    return Lanes(lambda: 4)


@pytest.fixture
def history(online: Online, lanes: Lanes) -> TelegramHistory:
    """Reads as the bot."""
    return TelegramHistory(online.accounts, gate=lambda _: lanes)


async def fill(world: EmulatedWorld, count: int, channel: Any = None) -> None:
    """Post `count` messages; two of three hold a file."""
    for number in range(count):
        file = world.emulator.files.add(SyntheticContent(1000 + number, number), dc_id=2, name=f"{number}.mp4")
        await world.emulator.world.post(channel or world.films, text="x", file=file if number % 3 else None)


async def test_messages_with_files_with_text_deleted_and_never_posted(
    world: EmulatedWorld, online: Online, history: TelegramHistory
) -> None:
    chat_id, first = await world.post_file(BytesContent(b"one"))
    text = await world.emulator.world.post(world.films, text="no file")
    deleted = await world.emulator.world.post(world.films, text="deleted")
    await world.emulator.world.delete(deleted)
    found = await history.messages(chat_id, [1, first, text.id, deleted.id, 4711])
    file = await online.file((chat_id, first))
    assert found == Messages({1: None, first: file, text.id: None}, frozenset({deleted.id, 4711}))


async def test_album_views_and_forward_origin_of_a_message(world: EmulatedWorld, history: TelegramHistory) -> None:
    files = [world.emulator.files.add(BytesContent(b"x"), dc_id=2, name=f"{n}.jpg") for n in range(2)]
    album = await world.emulator.world.post_album(world.films, files)
    vault: Peer = ("channel", world.vault.id)
    forwarded = await world.emulator.world.post(world.films, file=files[0], forward=Forward(vault, post=1))
    from_a_person = await world.emulator.world.post(
        world.films, file=files[0], forward=Forward(("user", world.owner.id))
    )
    found = await history.messages(
        chat_id_of(world.films), [*(one.id for one in album), forwarded.id, from_a_person.id]
    )
    first, second, third, fourth = (file for file in found.there.values() if file is not None)
    assert first.album == second.album == album[0].grouped_id
    assert (first.views, first.forwarded_from) == (1, None)
    assert (third.album, third.forwarded_from) == (None, chat_id_of(world.vault))
    assert fourth.forwarded_from is None


async def test_nothing_counts_as_gone_in_a_group_where_the_bot_does_not_see_all(
    world: EmulatedWorld, history: TelegramHistory
) -> None:
    group = world.emulator.world.add_channel("Group", creator=world.owner, megagroup=True)
    world.emulator.world.add_member(group, world.bot)
    hidden = await world.emulator.world.post(group, sender=world.owner, text="hidden")
    assert await history.messages(chat_id_of(group), [1, hidden.id]) == Messages({1: None})
    world.emulator.world.add_member(group, world.bot, admin=True)
    assert await history.messages(chat_id_of(group), [hidden.id, 99]) == Messages({hidden.id: None}, frozenset({99}))


async def test_chats_are_found_by_id_and_by_username(world: EmulatedWorld, history: TelegramHistory) -> None:
    named = world.emulator.world.add_channel("Series", creator=world.owner, username="series_for_all")
    films = chat_id_of(world.films)
    assert (await history.find(films)).title == "Films"
    for unknown in ("@series_for_all", "@nobody_is_called_so", chat_id_of(named), -1009999999999, -42, 42):
        with pytest.raises(FileMissing):
            await history.find(unknown)
    world.emulator.world.add_member(named, world.bot, admin=True)
    for name in ("@series_for_all", "Series_For_All", chat_id_of(named)):
        assert (await history.find(name)).chat_id == chat_id_of(named)
    world.emulator.world.remove_member(world.films, world.bot)
    with pytest.raises(FileMissing):
        await history.find(films)
    for read in (history.newest(films), history.messages(films, [1])):
        with pytest.raises(FileMissing):
            await read


async def test_the_newest_message_id_is_read_without_probing_for_empty_messages(
    world: EmulatedWorld, history: TelegramHistory
) -> None:
    chat_id = chat_id_of(world.films)
    assert await history.newest(chat_id) >= 1
    await fill(world, 130)
    posts = list(world.films.messages.values())
    for post in posts[10:40]:
        await world.emulator.world.edit(post, text="edited")
    assert await history.newest(chat_id) == posts[-1].id
    await world.emulator.world.delete(posts[-120:])
    assert await history.newest(chat_id) == posts[-121].id
    assert calls(world, GET_MESSAGES) == 0


async def test_for_a_channel_without_messages_newest_is_its_pts(world: EmulatedWorld, history: TelegramHistory) -> None:
    chat_id = chat_id_of(world.films)
    await world.emulator.world.delete(list(world.films.messages.values()))
    assert await history.newest(chat_id) == world.films.journal.pts >= world.films.last_id


async def test_a_walk_takes_the_fewest_reads_despite_a_flood_wait_and_a_broken_connection(
    world: EmulatedWorld, online: Online, history: TelegramHistory
) -> None:
    await fill(world, 1200)
    posts = list(world.films.messages.values())
    await world.emulator.world.delete(posts[100:250] + posts[-30:])
    world.emulator.faults.flood_wait(1, method=GET_MESSAGES, after=3, times=1)
    rows, chat_id = Rows(), chat_id_of(world.films)
    walking = asyncio.create_task(Backfill(rows.catalog, history).walk(chat_id))
    await until(lambda: len(rows.changes) >= 6)
    await world.emulator.drop_connections()
    done = await walking
    expected = {post.id for post in posts if not post.deleted and post.file is not None}
    assert {origin.message_id for origin in rows.files} == expected
    assert done.files == len(expected)
    least = math.ceil((len(posts) - 30) / 100)
    assert (
        least <= calls(world, GET_MESSAGES) <= least + 1 + 3
    )  # repeated after the flood wait and the broken connection
    assert calls(world, "channels.getFullChannel") == 0
    read = await online.file((chat_id, max(expected)))
    assert rows.files[read.origin] == read


@pytest.mark.parametrize("times", [1, 3])
async def test_an_answer_that_names_none_of_the_ids_is_asked_for_again(
    world: EmulatedWorld, online: Online, lanes: Lanes, times: int
) -> None:
    """X"""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await fill(world, 350)
    history = TelegramHistory(online.accounts, gate=lambda _: lanes, sleep=sleep)
    world.emulator.faults.empty_answer(method=GET_MESSAGES, after=1, times=times)
    rows = Rows()
    await Backfill(rows.catalog, history).walk(chat_id_of(world.films))
    expected = {post.id for post in world.films.messages.values() if post.file is not None}
    assert {origin.message_id for origin in rows.files} == expected
    assert len([wait for wait in waits if wait]) == times
    assert calls(world, GET_MESSAGES) == 4 + times


async def test_messages_of_which_nothing_is_ever_said_do_not_stop_a_walk(
    world: EmulatedWorld, online: Online, lanes: Lanes, caplog: pytest.LogCaptureFixture
) -> None:
    """X"""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    await fill(world, 350)
    history = TelegramHistory(online.accounts, gate=lambda _: lanes, sleep=sleep)
    world.emulator.faults.empty_answer(method=GET_MESSAGES)
    rows = Rows()
    done = await Backfill(rows.catalog, history).walk(chat_id_of(world.films))
    assert (done.files, rows.files) == (0, {})
    assert calls(world, GET_MESSAGES) == 4 * len(EMPTY_PAUSES)
    assert caplog.text.count("says nothing of messages") == 4


async def test_after_a_flood_wait_reads_keep_an_interval(world: EmulatedWorld, online: Online, lanes: Lanes) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    history = TelegramHistory(
        online.accounts, gate=lambda _: lanes, pacing=RequestPacing(clock=lambda: 0.0), sleep=sleep
    )
    world.emulator.faults.flood_wait(60, method=GET_MESSAGES, after=2, times=1)
    for _ in range(2):
        await history.messages(chat_id_of(world.films), [1])
    for _ in range(3):
        with pytest.raises(SourceBusy):
            await history.messages(chat_id_of(world.films), [1])
    assert waits == [0.0, 0.0, 0.0, 0.0, FIRST_INTERVAL]


async def test_repair_makes_a_catalog_equal_to_the_channel_without_updates(
    world: EmulatedWorld, history: TelegramHistory, tmp_path: Path
) -> None:
    chat_id = chat_id_of(world.films)
    await fill(world, 350)

    async def chats() -> frozenset[int]:
        return frozenset({chat_id})

    async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
        repair = Repair(catalog, history, chats=chats)
        posts = [post for post in world.films.messages.values() if post.file is not None]
        assert await repair.walk(chat_id) == Repaired(put=len(posts))
        assert await repair.walk(chat_id) == Repaired()
        await world.emulator.world.delete([*posts[40:60], posts[-1]])
        for post in posts[100:120]:
            await world.emulator.world.edit(post, text="edited")
        await fill(world, 30)
        assert await repair.walk(chat_id) == Repaired(put=40, gone=21)
        entries = await catalog.dump(None, 1000)
        there = {one.id: one.text for one in world.films.messages.values() if one.file is not None and not one.deleted}
        assert {entry.file.origin.message_id: entry.file.caption for entry in entries} == there
        world.emulator.world.remove_member(world.films, world.bot)
        with pytest.raises(FileMissing):
            await repair.walk(chat_id)
        assert await catalog.dump(None, 1000) == entries


async def test_reads_wait_while_viewers_fill_the_lanes(
    world: EmulatedWorld, lanes: Lanes, history: TelegramHistory
) -> None:
    viewers = [lanes.enter(Lane.PLAYBACK, n) for n in range(4)]
    others = [lanes.enter(Lane.INDEX, "another walk")]
    reading = asyncio.create_task(history.messages(chat_id_of(world.films), [1]))
    await until(lambda: lanes.waiting == 1)
    assert calls(world, GET_MESSAGES) == 0
    for ticket in (*viewers, *others):
        lanes.leave(ticket)
    assert (await reading).there == {1: None}
    assert lanes.in_flight == 0


async def test_a_flood_wait_is_raised_with_its_seconds(world: EmulatedWorld, history: TelegramHistory) -> None:
    world.emulator.faults.flood_wait(60, method=GET_MESSAGES)
    for _ in range(2):
        with pytest.raises(SourceBusy) as caught:
            await history.messages(chat_id_of(world.films), [1])
        assert 58 < caught.value.retry_after <= 60
    assert calls(world, GET_MESSAGES) == 1


def test_a_forward_from_a_hidden_user_has_no_origin_chat() -> None:
    header = raw.types.MessageFwdHeader(date=1, from_name="Somebody")
    held = raw.types.MessageMediaDocument(
        document=raw.types.Document(
            id=1, access_hash=1, file_reference=b"", date=1, mime_type="", size=1, dc_id=2, attributes=[]
        )
    )
    peer = raw.types.PeerChannel(channel_id=5)
    file = message_media.describe(
        raw.types.Message(id=1, peer_id=peer, date=1, message="", media=held, fwd_from=header)
    )
    assert file is not None
    assert (file.forwarded_from, file.views, file.album) == (None, None, None)
