"""pts and differences, and how clients catch up with them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pyrogram import errors, raw
from telethon import events

from tests.support.clients import kurigram, telethon, telethon_login
from tests.tgemulator.services.conftest import Stage, Starter
from tgemulator.world.model import Channel

EMPTY = raw.types.ChannelMessagesFilterEmpty


def chat_id_of(channel: Channel) -> int:
    return -1000000000000 - channel.id


async def channel_difference(client: Any, channel: Channel, *, pts: int, limit: int = 10_000, **options: Any) -> Any:
    peer = await client.resolve_peer(chat_id_of(channel))
    chosen = options.get("filter", EMPTY())
    return await client.invoke(
        raw.functions.updates.GetChannelDifference(channel=peer, filter=chosen, pts=pts, limit=limit)
    )


async def difference(client: Any, *, pts: int, date: int = 1, qts: int = 0) -> Any:
    return await client.invoke(raw.functions.updates.GetDifference(pts=pts, date=date, qts=qts))


async def test_kurigram_catches_up_on_private_messages(stage: Stage, start: Starter, tmp_path: Path) -> None:
    first = kurigram(stage.emulator, stage.bot, tmp_path)
    async with first:
        pass
    sent = [await stage.world.send_private(stage.ada, stage.bot, text=f"{number}") for number in range(3)]
    await stage.world.delete(sent[1])
    client = kurigram(stage.emulator, stage.bot, tmp_path, skip_updates=False)
    inbox: asyncio.Queue[Any] = asyncio.Queue()

    @client.on_message()  # type: ignore[untyped-decorator]  # the library is untyped
    async def seen(_: Any, message: Any) -> None:
        inbox.put_nowait(message.text)

    async with client:
        assert [await asyncio.wait_for(inbox.get(), 5) for _ in range(2)] == ["0", "2"]


async def test_telethon_catches_up_on_everything(stage: Stage, tmp_path: Path) -> None:
    client = telethon(stage.emulator, stage.bot, tmp_path)
    received: asyncio.Queue[str] = asyncio.Queue()

    async def seen(event: Any) -> None:
        received.put_nowait(event.raw_text)

    client.add_event_handler(seen, events.NewMessage(incoming=True))
    await client.start(**telethon_login(stage.bot))
    await stage.world.post(stage.films, text="live")
    assert await asyncio.wait_for(received.get(), 5) == "live"
    await client.disconnect()
    await stage.world.post(stage.films, text="missed")
    await stage.world.send_private(stage.ada, stage.bot, text="missed too")
    client = telethon(stage.emulator, stage.bot, tmp_path, catch_up=True)
    client.add_event_handler(seen, events.NewMessage(incoming=True))
    await client.start(**telethon_login(stage.bot))
    try:
        assert {await asyncio.wait_for(received.get(), 5) for _ in range(2)} == {"missed", "missed too"}
    finally:
        await client.disconnect()


async def test_a_difference_comes_in_slices(stage: Stage, start: Starter) -> None:
    stage.world.slice_size = 4
    bot = await start(stage.bot, no_updates=True)
    state = await bot.invoke(raw.functions.updates.GetState())
    for number in range(10):
        await stage.world.send_private(stage.ada, stage.bot, text=f"{number}")
    texts: list[str] = []
    pts, kinds = state.pts, []
    while True:
        found = await difference(bot, pts=pts)
        kinds.append(type(found).__name__)
        texts += [message.message for message in found.new_messages]
        if isinstance(found, raw.types.updates.Difference):
            break
        pts = found.intermediate_state.pts
    assert texts == [f"{number}" for number in range(10)]
    assert kinds == ["DifferenceSlice", "DifferenceSlice", "Difference"]
    end = await difference(bot, pts=found.state.pts, date=stage.world.now() + 10, qts=found.state.qts)
    assert isinstance(end, raw.types.updates.DifferenceEmpty)


async def test_a_difference_has_edits_deletions_and_changed_channels(stage: Stage, start: Starter) -> None:
    ada = await start(stage.ada, no_updates=True)
    state = await ada.invoke(raw.functions.updates.GetState())
    one, two = [await stage.world.send_private(stage.bob, stage.ada, text=text) for text in ("one", "two")]
    await stage.world.edit(one, text="one, but better")
    await stage.world.delete(two)
    found = await difference(ada, pts=state.pts)
    assert [message.message for message in found.new_messages] == ["one, but better"]
    kinds = [type(update).__name__ for update in found.other_updates]
    assert kinds == ["UpdateEditMessage", "UpdateDeleteMessages", "UpdateChannelTooLong"]
    assert found.other_updates[1].messages == [two.id]
    assert found.other_updates[2].channel_id == stage.films.id
    assert {user.id for user in found.users} >= {stage.bob.id, stage.ada.id}


async def test_a_channel_difference_is_complete(stage: Stage, start: Starter) -> None:
    stage.world.slice_size = 3
    bot = await start(stage.bot, no_updates=True)
    peer = await bot.resolve_peer(chat_id_of(stage.films))
    pts = (await bot.invoke(raw.functions.channels.GetFullChannel(channel=peer))).full_chat.pts
    posts = [await stage.world.post(stage.films, text=f"{number}") for number in range(5)]
    await stage.world.edit(posts[0], text="zero")
    await stage.world.delete(posts[1:3])
    texts: list[str] = []
    edits: list[str] = []
    while True:
        found = await channel_difference(bot, stage.films, pts=pts)
        texts += [message.message for message in found.new_messages]
        edits += [update.message.message for update in found.other_updates]
        pts = found.pts
        if found.final:
            break
    assert texts == ["zero", "3", "4"]
    assert edits == ["zero"]
    assert pts == stage.films.journal.pts
    last = await channel_difference(bot, stage.films, pts=pts)
    assert isinstance(last, raw.types.updates.ChannelDifferenceEmpty)


async def test_a_channel_difference_applies_its_filter(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot, no_updates=True)
    posts = [await stage.world.post(stage.films, text=f"{number}") for number in range(4)]
    ranges = [raw.types.MessageRange(min_id=posts[1].id, max_id=posts[2].id)]
    chosen = raw.types.ChannelMessagesFilter(ranges=ranges)
    found = await channel_difference(bot, stage.films, pts=1, filter=chosen)
    assert [message.message for message in found.new_messages] == ["1", "2"]


async def test_a_channel_difference_may_be_too_long(stage: Stage, start: Starter) -> None:
    bot, ada = await start(stage.bot, no_updates=True), await start(stage.ada, no_updates=True)
    async for _ in ada.get_dialogs():
        pass
    for number in range(120):
        await stage.world.post(stage.films, text=f"{number}")
    for_a_person = await channel_difference(ada, stage.films, pts=1)
    assert isinstance(for_a_person, raw.types.updates.ChannelDifferenceTooLong)
    assert for_a_person.dialog.pts == stage.films.journal.pts
    assert for_a_person.messages[0].message == "119"
    for_a_bot = await channel_difference(bot, stage.films, pts=1)
    assert isinstance(for_a_bot, raw.types.updates.ChannelDifference)
    stage.films.journal.resize(10)
    forgotten = await channel_difference(bot, stage.films, pts=2)
    assert isinstance(forgotten, raw.types.updates.ChannelDifferenceTooLong)


async def test_a_private_difference_may_be_too_long(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot, no_updates=True)
    stage.world.mailbox(stage.bot.id).journal.resize(2)
    for number in range(4):
        await stage.world.send_private(stage.ada, stage.bot, text=f"{number}")
    assert isinstance(await difference(bot, pts=1), raw.types.updates.DifferenceTooLong)


async def test_wrong_pts_date_and_limit_are_refused(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot, no_updates=True)
    with pytest.raises(errors.PersistentTimestampEmpty):
        await difference(bot, pts=0)
    with pytest.raises(errors.PersistentTimestampInvalid):
        await difference(bot, pts=99)
    with pytest.raises(errors.RPCError, match="DATE_EMPTY"):
        await difference(bot, pts=1, date=0)
    with pytest.raises(errors.PersistentTimestampEmpty):
        await channel_difference(bot, stage.films, pts=0)
    with pytest.raises(errors.PersistentTimestampInvalid):
        await channel_difference(bot, stage.films, pts=99)
    with pytest.raises(errors.LimitInvalid):
        await channel_difference(bot, stage.films, pts=1, limit=0)


async def test_the_difference_of_a_left_channel_is_refused(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot, no_updates=True)
    await bot.get_chat(chat_id_of(stage.films))
    stage.world.remove_member(stage.films, stage.bot)
    with pytest.raises(errors.ChannelPrivate):
        await channel_difference(bot, stage.films, pts=1)


async def test_pts_is_never_below_the_newest_id(stage: Stage) -> None:
    for number in range(5):
        await stage.world.post(stage.films, text=f"{number}")
        assert stage.films.journal.pts >= stage.films.last_id


async def test_other_sessions_get_updates_of_sent_messages(
    stage: Stage, start: Starter, start_telethon: Starter
) -> None:
    received: asyncio.Queue[str] = asyncio.Queue()
    other = await start_telethon(stage.ada)

    async def seen(event: Any) -> None:
        received.put_nowait(event.raw_text)

    other.add_event_handler(seen, events.NewMessage(outgoing=True))
    mine = await start(stage.ada)
    await mine.send_message("bobby", "from the other phone")
    assert await asyncio.wait_for(received.get(), 5) == "from the other phone"
