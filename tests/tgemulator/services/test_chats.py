"""Channels, groups, members, and who may see what."""

import asyncio
from typing import Any

import pytest
from pyrogram import enums, errors, raw, types

from tests.tgemulator.services.conftest import Stage, Starter
from tests.tgemulator.services.test_messages import updates_of
from tests.tgemulator.services.test_updates import chat_id_of


async def test_a_bot_reaches_its_channel_without_an_access_hash(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    chat = await bot.get_chat(chat_id_of(stage.films))
    assert (chat.title, chat.type, chat.members_count) == ("Films", enums.ChatType.CHANNEL, 2)
    me = await bot.get_chat_member(chat_id_of(stage.films), "me")
    assert me.status == enums.ChatMemberStatus.ADMINISTRATOR
    assert me.privileges.can_post_messages


async def test_a_person_needs_an_access_hash(stage: Stage, start: Starter) -> None:
    bob = await start(stage.bob)
    with pytest.raises(errors.ChannelInvalid):
        await bob.get_chat(chat_id_of(stage.films))


async def test_an_access_hash_is_valid_for_one_account(stage: Stage, start: Starter) -> None:
    stage.world.add_member(stage.films, stage.bob)
    bob = await start(stage.bob)
    alien = stage.world.access_hash(stage.ada.id, "channel", number=stage.films.id)
    channel = raw.types.InputChannel(channel_id=stage.films.id, access_hash=alien)
    with pytest.raises(errors.ChannelInvalid):
        await bob.invoke(raw.functions.channels.GetFullChannel(channel=channel))
    own = stage.world.access_hash(stage.bob.id, "channel", number=stage.films.id)
    channel = raw.types.InputChannel(channel_id=stage.films.id, access_hash=own)
    full = await bob.invoke(raw.functions.channels.GetFullChannel(channel=channel))
    assert full.full_chat.pts == stage.films.journal.pts


async def test_a_bot_that_was_never_in_a_channel_cannot_access_it(stage: Stage, start: Starter) -> None:
    private = stage.world.add_channel("Private", creator=stage.bob)
    bot = await start(stage.bot)
    with pytest.raises(errors.ChannelInvalid):
        await bot.get_chat(chat_id_of(private))


async def test_a_public_channel_can_be_read_by_all(stage: Stage, start: Starter) -> None:
    public = stage.world.add_channel("News", creator=stage.ada, username="daily_news")
    post = await stage.world.post(public, text="hello")
    bob = await start(stage.bob)
    assert (await bob.get_messages("daily_news", post.id)).text == "hello"
    with pytest.raises(errors.RPCError, match="CHAT_WRITE_FORBIDDEN"):
        await bob.send_message("daily_news", "me too")
    await bob.join_chat("daily_news")
    assert stage.bob.id in public.members
    await bob.leave_chat("daily_news")
    assert stage.bob.id not in public.members
    with pytest.raises(errors.UsernameNotOccupied):
        await bob.get_chat("nobody_here")
    with pytest.raises(errors.UsernameInvalid):
        await bob.invoke(raw.functions.contacts.ResolveUsername(username="a b"))


async def test_a_bot_gets_updates_of_its_own_membership(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    changes = updates_of(bot, "chat_member_updated")
    music = stage.world.add_channel("Music", creator=stage.ada)
    stage.world.add_member(music, stage.bot, admin=True)
    joined = await asyncio.wait_for(changes.get(), 5)
    assert (joined.chat.id, joined.from_user.id, joined.old_chat_member) == (chat_id_of(music), stage.ada.id, None)
    assert joined.new_chat_member.user.id == stage.bot.id
    assert joined.new_chat_member.status == enums.ChatMemberStatus.ADMINISTRATOR
    stage.world.remove_member(music, stage.bot)
    left = await asyncio.wait_for(changes.get(), 5)
    assert left.old_chat_member.status == enums.ChatMemberStatus.ADMINISTRATOR
    assert left.new_chat_member.status == enums.ChatMemberStatus.BANNED
    assert not left.new_chat_member.is_member


async def test_an_administrator_bot_gets_updates_of_other_members(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    changes = updates_of(bot, "chat_member_updated")
    stage.world.add_member(stage.films, stage.bob)
    change = await asyncio.wait_for(changes.get(), 5)
    assert change.new_chat_member.user.id == stage.bob.id


async def test_a_person_makes_a_channel_and_a_bot_its_administrator(stage: Stage, start: Starter) -> None:
    ada = await start(stage.ada)
    channel = await ada.create_channel("Mine", "about it")
    with pytest.raises(errors.UserBot):
        await ada.add_chat_members(channel.id, "vault_bot")
    await ada.promote_chat_member(channel.id, "vault_bot", types.ChatPrivileges(can_post_messages=True))
    made = stage.world.channel(-1000000000000 - channel.id)
    assert made.members[stage.bot.id].rights == frozenset({"post_messages", "other"})
    members = [member.user.id async for member in ada.get_chat_members(channel.id)]
    assert set(members) == {stage.ada.id, stage.bot.id}
    with pytest.raises(errors.UserNotParticipant):
        await ada.get_chat_member(channel.id, "bobby")
    await ada.set_chat_title(channel.id, "Ours")
    assert made.title == "Ours"


async def test_a_basic_groups_messages_have_ids_per_account(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    inbox = updates_of(bot)
    ada = await start(stage.ada)
    group = await ada.create_group("Friends", ["bobby", "vault_bot"])
    number = -group.id
    await ada.send_message(group.id, "not for bots")
    await ada.send_message(group.id, "/help")
    texts = []
    while "/help" not in texts:
        texts.append((await asyncio.wait_for(inbox.get(), 5)).text)
    assert "not for bots" not in texts
    bobs = [item.text for item in stage.world.mailbox(stage.bob.id).messages.values() if item.text]
    assert bobs == ["not for bots", "/help"]
    assert set(stage.world.group(number).members) == {stage.ada.id, stage.bob.id, stage.bot.id}
    await ada.ban_chat_member(group.id, "bobby")
    assert stage.bob.id not in stage.world.group(number).members


async def test_privacy_mode_hides_a_supergroups_messages(stage: Stage, start: Starter) -> None:
    club = stage.world.add_channel("Club", creator=stage.ada, megagroup=True)
    stage.world.add_member(club, stage.bot)
    hidden = await stage.world.post(club, sender=stage.ada, text="among us")
    shown = await stage.world.post(club, sender=stage.ada, text="hey @vault_bot")
    bot = await start(stage.bot)
    found = await bot.get_messages(chat_id_of(club), [hidden.id, shown.id])
    assert [message.text for message in found] == [None, "hey @vault_bot"]
    stage.bot.reads_all = True
    assert (await bot.get_messages(chat_id_of(club), hidden.id)).text == "among us"


@pytest.mark.parametrize(
    "query",
    [
        raw.functions.messages.GetDialogs(
            offset_date=0, offset_id=0, offset_peer=raw.types.InputPeerEmpty(), limit=10, hash=0
        ),
        raw.functions.messages.GetHistory(
            peer=raw.types.InputPeerSelf(),
            offset_id=0,
            offset_date=0,
            add_offset=0,
            limit=1,
            max_id=0,
            min_id=0,
            hash=0,
        ),
        raw.functions.contacts.GetContacts(hash=0),
        raw.functions.messages.GetPinnedDialogs(folder_id=0),
    ],
    ids=lambda query: query.QUALNAME.rpartition(".")[2],
)
async def test_what_bots_may_not_call(stage: Stage, start: Starter, query: Any) -> None:
    bot = await start(stage.bot)
    with pytest.raises(errors.BotMethodInvalid):
        await bot.invoke(query)


async def test_pages_of_history_are_complete_and_disjoint(stage: Stage, start: Starter) -> None:
    posts = [await stage.world.post(stage.films, text=f"{number}") for number in range(250)]
    await stage.world.delete(posts[100:110])
    ada = await start(stage.ada)
    dialogs = [dialog async for dialog in ada.get_dialogs()]
    assert [dialog.chat.id for dialog in dialogs] == [chat_id_of(stage.films)]
    found = [message.text async for message in ada.get_chat_history(chat_id_of(stage.films)) if message.text]
    expected = [post.text for post in posts if not post.deleted]
    assert found == expected[::-1]


async def test_a_basic_group_is_migrated_by_its_creator_once(stage: Stage, start: Starter) -> None:
    group = stage.world.add_group("Family", creator=stage.ada)
    ada = await start(stage.ada)
    answer = await ada.invoke(raw.functions.messages.MigrateChat(chat_id=group.id))
    old, new = sorted(answer.chats, key=lambda chat: isinstance(chat, raw.types.Channel))
    assert (old.deactivated, old.migrated_to.channel_id, new.megagroup) == (True, new.id, True)
    with pytest.raises(errors.ChatIdInvalid):
        await ada.invoke(raw.functions.messages.MigrateChat(chat_id=group.id))
    with pytest.raises(errors.ChatIdInvalid):
        await ada.send_message(-group.id, "is anybody here?")
    assert (await ada.send_message(chat_id_of_number(new.id), "here")).text == "here"


def chat_id_of_number(number: int) -> int:
    """A channel's number as clients write it."""
    return -1_000_000_000_000 - number
