"""Messages that links name, as a bot sees them in chats of all kinds."""

from typing import Any

from pyrogram import raw

from streamvault.telegram.history.linked import AccountLinks
from tests.streamvault.telegram.conftest import Online
from tests.support.stack import EmulatedWorld, chat_id_of
from tgemulator.world.content import SyntheticContent


def file(world: EmulatedWorld, name: str, **options: Any) -> Any:
    return world.emulator.files.add(SyntheticContent(1000, 1), dc_id=2, name=name, **options)


async def test_chats_are_found_by_name_and_number(world: EmulatedWorld, online: Online) -> None:
    links, tg = AccountLinks(online.accounts.main), world.emulator.world
    public = tg.add_channel("Public", creator=world.owner, username="public_films")
    hidden = tg.add_channel("Hidden", creator=world.owner)
    public.noforwards = True
    found = await links.find("public_films")
    assert found is not None
    assert (found.chat_id, found.public, found.protected, found.sees_all) == (chat_id_of(public), True, True, True)
    assert await links.find("public_films") == found
    assert world.emulator.counters.value("calls", method="contacts.resolveUsername") == 1, "it is remembered"
    public.username, other = "renamed_films", tg.add_channel("Other", creator=world.owner, username="public_films")
    renamed = await links.find("public_films")
    assert renamed is not None
    assert renamed.chat_id == chat_id_of(other)
    ours = await links.find(chat_id_of(world.films))
    assert ours is not None
    assert (ours.title, ours.public, ours.protected) == ("Films", False, False)
    for unseen in (chat_id_of(hidden), "no_such_chat", world.bot.username.lower()):
        assert await links.find(unseen) is None
    assert links.name == f"@{world.bot.username}"


async def test_topics_threads_and_what_holds_no_file(world: EmulatedWorld, online: Online) -> None:
    links, tg = AccountLinks(online.accounts.main), world.emulator.world
    forum = tg.add_channel("Forum", creator=world.owner, megagroup=True, forum=True)
    tg.add_member(forum, world.bot, admin=True)
    topic = tg.add_topic(forum, "Films")
    first = await tg.post(forum, sender=world.owner, file=file(world, "a.mkv"), thread=topic.id)
    answer = await tg.post(forum, sender=world.owner, file=file(world, "b.mkv"), thread=topic.id, reply_to=first.id)
    general = await tg.post(forum, sender=world.owner, text="general")
    in_general = await tg.post(forum, sender=world.owner, file=file(world, "c.mkv"), reply_to=general.id)
    chat = await links.find(chat_id_of(forum))
    assert chat is not None
    ids = [first.id, answer.id, general.id, in_general.id, in_general.id + 1]
    found = await links.read(chat, ids)
    assert found is not None
    assert {id: one.topic for id, one in found.items()} == {
        first.id: topic.id,
        answer.id: topic.id,
        general.id: 1,
        in_general.id: 1,
    }
    assert (found[general.id].holds, found[general.id].file) == ("text", None)
    assert found[first.id].file is not None
    assert found[first.id].original.attributes == (raw.types.DocumentAttributeFilename(file_name="a.mkv"),)


async def test_members_are_told_from_others_where_the_bot_may_know(world: EmulatedWorld, online: Online) -> None:
    links, tg = AccountLinks(online.accounts.main), world.emulator.world
    group = tg.add_channel("Group", creator=world.owner, megagroup=True)
    tg.add_member(group, world.bot)
    stranger = tg.add_user("+15550199", first_name="Stranger", home_dc=2)
    chat = await links.find(chat_id_of(group))
    assert chat is not None
    assert not chat.sees_all
    assert await links.is_member(chat, world.owner.id)
    assert not await links.is_member(chat, stranger.id)
    channel = tg.add_channel("Channel", creator=world.owner)
    tg.add_member(channel, world.bot)
    chat = await links.find(chat_id_of(channel))
    assert chat is not None
    assert not await links.is_member(chat, world.owner.id), "only administrators are told who is in a channel"
    tg.remove_member(channel, world.bot)
    assert await links.read(chat, [1]) is None


async def test_the_group_for_comments(world: EmulatedWorld, online: Online) -> None:
    links, tg = AccountLinks(online.accounts.main), world.emulator.world
    group = tg.add_channel("Discussion", creator=world.owner, username="discussion", megagroup=True)
    chat = await links.find(chat_id_of(world.films))
    assert chat is not None
    assert await links.discussion(chat) is None
    world.films.discussion = group.id
    found = await links.discussion(chat)
    assert found is not None
    assert (found.chat_id, found.public) == (chat_id_of(group), True)
