"""A history by pages, as a user account: number of requests, what a page holds, and when the bot reads instead."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import SourceBusy
from streamvault.health.conditions import Conditions
from streamvault.health.telegram import TelegramHealth
from streamvault.indexing.backfill import Backfill
from streamvault.reading.lanes import Lane, Lanes
from streamvault.telegram.history.pages import LONGEST_USER_WAIT
from streamvault.telegram.history.source import TelegramHistory
from tests.streamvault.telegram.conftest import Connect, Online, calls
from tests.support.backfills import expected
from tests.support.logins import logged_in
from tests.support.stack import EmulatedWorld, chat_id_of
from tests.support.waiting import until
from tests.support.walks import Rows
from tgemulator.world.content import SyntheticContent

GET_HISTORY, GET_MESSAGES, GET_DIALOGS = "messages.getHistory", "channels.getMessages", "messages.getDialogs"


@pytest.fixture
def lanes() -> Lanes:
    """A limiter with room for four."""
    return Lanes(lambda: 4)


@pytest.fixture
async def online(world: EmulatedWorld, connect: Connect, tmp_path: Path) -> AsyncIterator[Online]:
    """The bot, and its owner's user account."""
    await logged_in(world, tmp_path)
    async with connect() as made:
        assert await made.accounts.user.wait_connected(10) is not None
        yield made


@pytest.fixture
def history(online: Online, lanes: Lanes) -> TelegramHistory:
    return TelegramHistory(online.accounts, gate=lambda _: lanes)


async def fill(world: EmulatedWorld, count: int, *, keep: int = 1, channel: Any = None) -> None:
    """Post `count` messages, two of three with a file, and delete all but every `keep`th."""
    posts = []
    for number in range(count):
        file = world.emulator.files.add(SyntheticContent(1000 + number, number), dc_id=2, name=f"{number}.mp4")
        posts.append(
            await world.emulator.world.post(channel or world.films, text="x", file=file if number % 3 else None)
        )
    await world.emulator.world.delete([post for at, post in enumerate(posts) if at % keep])


def there(world: EmulatedWorld) -> int:
    return sum(not message.deleted for message in world.films.messages.values())


@pytest.mark.parametrize("keep", [1, 2, 25], ids=["dense", "half", "few"])
async def test_the_number_of_pages_of_a_walk_depends_on_messages_not_ids(
    world: EmulatedWorld, history: TelegramHistory, keep: int
) -> None:
    await fill(world, 1500, keep=keep)
    rows, chat_id = Rows(), chat_id_of(world.films)
    done = await Backfill(rows.catalog, history).walk(chat_id)
    assert {origin.message_id for origin in rows.files} == expected(world).keys()
    assert done.files == len(rows.files)
    assert math.ceil(there(world) / 100) == calls(world, GET_HISTORY)
    assert (calls(world, GET_MESSAGES), calls(world, GET_DIALOGS)) == (0, 1)


@pytest.mark.parametrize("after", [0, 2])
async def test_an_empty_page_in_mid_walk_is_asked_for_again(
    world: EmulatedWorld, history: TelegramHistory, after: int
) -> None:
    """X"""
    await fill(world, 450)
    rows, chat_id = Rows(), chat_id_of(world.films)
    world.emulator.faults.empty_answer(method=GET_HISTORY, after=after, times=1)
    await Backfill(rows.catalog, history).walk(chat_id)
    assert {origin.message_id for origin in rows.files} == expected(world).keys()
    assert calls(world, GET_HISTORY) == math.ceil(there(world) / 100) + 1


async def test_both_accounts_read_the_same_of_a_message(
    world: EmulatedWorld, online: Online, history: TelegramHistory
) -> None:
    await fill(world, 20)
    chat_id, top = chat_id_of(world.films), world.films.last_id
    page = await history.page(chat_id, top=top, floor=0)
    assert page is not None
    assert (page.first, page.there) == (1, (await history.messages(chat_id, range(1, top + 1))).there)
    part = await history.page(chat_id, top=top - 2, floor=top - 5)
    assert part is not None
    assert (part.first, sorted(part.there)) == (top - 4, [top - 4, top - 3, top - 2])
    assert online.accounts.all == [online.accounts.main]  # the user account streams nothing


async def test_deleted_messages_and_no_others_leave_the_catalog(
    world: EmulatedWorld, history: TelegramHistory, tmp_path: Path
) -> None:
    await fill(world, 900)
    async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
        walk = Backfill(catalog, history).walk
        await walk(chat_id_of(world.films))
        posts = [post for post in world.films.messages.values() if post.file is not None]
        await world.emulator.world.delete(posts[20:420])
        before = calls(world, GET_HISTORY), calls(world, GET_MESSAGES)
        await walk(chat_id_of(world.films), again=True)
        entries = await catalog.dump(None, 2000)
        assert {entry.file.origin.message_id for entry in entries} == expected(world).keys()
        pages, named = calls(world, GET_HISTORY) - before[0], calls(world, GET_MESSAGES) - before[1]
        assert pages <= math.ceil(there(world) / 100) + 2  # a batch compares 200 stored rows at most
        assert named <= math.ceil(400 / 100) + 3  # what is gone is read by its ids


async def test_the_user_account_sends_no_other_requests_and_gets_no_updates(
    world: EmulatedWorld, history: TelegramHistory
) -> None:
    await fill(world, 30)
    assert await history.page(chat_id_of(world.films), top=20, floor=0) is not None
    asked = world.emulator.counters.by("calls", "method", user=world.owner.id)
    assert set(asked) <= {"users.getUsers", "help.getConfig", GET_HISTORY, GET_DIALOGS}
    assert not world.emulator.world.pushes.listens(world.owner.id)


async def test_pages_wait_while_viewers_fill_the_lanes(
    world: EmulatedWorld, lanes: Lanes, history: TelegramHistory
) -> None:
    await fill(world, 10)
    chat_id = chat_id_of(world.films)
    assert await history.page(chat_id, top=5, floor=0) is not None
    viewers = [lanes.enter(Lane.PLAYBACK, n) for n in range(4)]
    others = [lanes.enter(Lane.INDEX, "another walk")]
    reading = asyncio.create_task(history.page(chat_id, top=5, floor=0))
    await until(lambda: lanes.waiting == 1)
    assert calls(world, GET_HISTORY) == 1
    for ticket in (*viewers, *others):
        lanes.leave(ticket)
    assert await reading is not None


async def test_a_short_flood_wait_is_raised_and_nothing_is_sent_before_its_end(
    world: EmulatedWorld, history: TelegramHistory
) -> None:
    chat_id = chat_id_of(world.films)
    world.emulator.faults.flood_wait(int(LONGEST_USER_WAIT) - 5, method=GET_HISTORY, times=1)
    for _ in range(2):
        with pytest.raises(SourceBusy):
            await history.page(chat_id, top=5, floor=0)
    assert calls(world, GET_HISTORY) == 1
    assert world.emulator.counters.value("early_calls") == 0


async def test_after_a_long_flood_wait_in_mid_walk_the_bot_reads_on(
    world: EmulatedWorld, history: TelegramHistory
) -> None:
    await fill(world, 1500)
    world.emulator.faults.flood_wait(600, method=GET_HISTORY, after=3)
    rows = Rows()
    await Backfill(rows.catalog, history).walk(chat_id_of(world.films))
    assert {origin.message_id for origin in rows.files} == expected(world).keys()
    assert calls(world, GET_HISTORY) == 4
    assert calls(world, GET_MESSAGES) <= math.ceil(1501 / 100) - 3 + 1


@pytest.mark.parametrize("why", ["not a member", "left", "bot sees little", "user sees little"])
async def test_where_one_account_does_not_see_all_the_bot_reads_by_id(
    world: EmulatedWorld, history: TelegramHistory, why: str
) -> None:
    emulated, other = world.emulator.world, world.emulator.world.add_user("+15550200", first_name="Other")
    chat = emulated.add_channel("Group", creator=other, megagroup="sees" in why)
    emulated.add_member(chat, world.bot, admin=why != "bot sees little")
    if why != "not a member":
        emulated.add_member(chat, world.owner, admin=why == "bot sees little")
    await fill(world, 10, channel=chat)
    chat_id = chat_id_of(chat)
    if why == "left":
        assert await history.page(chat_id, top=5, floor=0) is not None
        emulated.remove_member(chat, world.owner)
    before = calls(world, GET_HISTORY)
    for _ in range(3):
        assert await history.page(chat_id, top=5, floor=0) is None
    assert calls(world, GET_HISTORY) - before <= 1
    assert calls(world, GET_DIALOGS) <= 1
    assert len((await history.messages(chat_id, range(1, 8))).there) > 0


async def test_a_channel_far_down_the_list_of_chats_is_found_and_its_peer_stored(
    world: EmulatedWorld, connect: Connect, lanes: Lanes, tmp_path: Path
) -> None:
    await fill(world, 10)
    for number in range(230):
        chat = world.emulator.world.add_channel(f"Channel {number}", creator=world.owner)
        await world.emulator.world.post(chat, text="newer")
    await logged_in(world, tmp_path)
    for _ in range(2):
        async with connect() as online:
            history = TelegramHistory(online.accounts, gate=lambda _: lanes)
            assert await history.page(chat_id_of(world.films), top=5, floor=0) is not None
    assert calls(world, GET_DIALOGS) == 3  # and never again


@pytest.mark.parametrize(
    ("code", "text"), [(-404, ""), (401, "SESSION_REVOKED"), (401, "USER_DEACTIVATED"), (401, "AUTH_KEY_UNREGISTERED")]
)
async def test_a_session_that_ends_in_mid_walk_is_logged_once_and_the_bot_reads_on(
    world: EmulatedWorld,
    online: Online,
    history: TelegramHistory,
    caplog: pytest.LogCaptureFixture,
    code: int,
    text: str,
) -> None:
    await fill(world, 1500)
    caplog.set_level(logging.WARNING)
    world.emulator.faults.dead_key(code, text, user=world.owner.id)
    conditions = Conditions()
    conditions.add_observer(TelegramHealth(online.accounts, conditions).observe)
    rows = Rows()
    await Backfill(rows.catalog, history).walk(chat_id_of(world.films))
    assert {origin.message_id for origin in rows.files} == expected(world).keys()
    await until(lambda: "streamvault login" in online.accounts.user.trouble, timeout=20)
    for _ in range(5):
        assert conditions.names == ("account",)
    logged = [record for record in caplog.records if "streamvault login" in record.getMessage()]
    assert len(logged) == 1
    assert "Telegram ended the session of the user account streamvault_v2_user" in logged[0].getMessage()
    assert online.accounts.main.online
    assert await history.page(chat_id_of(world.films), top=5, floor=0) is None
