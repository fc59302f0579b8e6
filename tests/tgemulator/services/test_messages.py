"""Messages as Kurigram sends, reads, changes and deletes them."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
from pyrogram import errors, raw, types

from tests.tgemulator.services.conftest import HOME, Stage, Starter
from tgemulator.world import attributes
from tgemulator.world.content import BytesContent, SyntheticContent, synthetic_bytes
from tgemulator.world.drafts import Draft
from tgemulator.world.limits import MessageLimits
from tgemulator.world.stored_file import StoredFile


def a_file(stage: Stage, name: str = "film.mp4", *, size: int = 3000, seed: int = 1) -> StoredFile:
    film = [attributes.video(12.5, 640, 360)]
    files = stage.emulator.files
    return files.add(SyntheticContent(size, seed), dc_id=HOME, name=name, mime_type="video/mp4", attributes=film)


def updates_of(client: Any, kind: str = "message") -> "asyncio.Queue[Any]":
    """What the client's handlers of this kind get."""
    queue: asyncio.Queue[Any] = asyncio.Queue()

    async def handler(_: Any, item: Any) -> None:
        queue.put_nowait(item)

    getattr(client, f"on_{kind}")()(handler)
    return queue


async def test_a_person_and_a_bot_exchange_messages(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    inbox = updates_of(bot)
    ada = await start(stage.ada)
    sent = await ada.send_message("vault_bot", "/start now")
    message = await asyncio.wait_for(inbox.get(), 5)
    assert (message.text, message.from_user.id, message.outgoing) == ("/start now", stage.ada.id, False)
    assert sent.outgoing
    answers = updates_of(ada)
    reply = types.ReplyParameters(message_id=message.id)
    await bot.send_message(stage.ada.id, "**hello**", reply_parameters=reply)
    answer = await asyncio.wait_for(answers.get(), 5)
    assert (answer.text, answer.from_user.id) == ("hello", stage.bot.id)
    assert answer.reply_to_message_id == sent.id
    assert [entity.type.name for entity in answer.entities] == ["BOLD"]


async def test_a_bot_cannot_begin_a_conversation(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    with pytest.raises(errors.PeerIdInvalid):
        await bot.send_message(stage.ada.id, "hello?")
    await stage.world.send_private(stage.ada, stage.bot, text="/start")
    assert (await bot.send_message(stage.ada.id, "hello")).text == "hello"
    stage.ada.blocked.add(stage.bot.id)
    with pytest.raises(errors.UserIsBlocked):
        await bot.send_message(stage.ada.id, "hello?")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("\u2062 ", None),
        ("x" * 4096, None),
        ("x" * 4097, errors.MessageTooLong),
        ("🎬" * 2048, None),
        ("🎬" * 2049, errors.MessageTooLong),
    ],
)
async def test_the_length_of_texts_is_limited(
    stage: Stage, start: Starter, text: str, error: type[Exception] | None
) -> None:
    bot = await start(stage.bot)
    peer = await bot.resolve_peer(-1000000000000 - stage.films.id)
    query = raw.functions.messages.SendMessage(peer=peer, message=text, random_id=bot.rnd_id())
    if error is None:
        await bot.invoke(query)
        assert stage.films.messages[stage.films.last_id].text == text
    else:
        with pytest.raises(error):
            await bot.invoke(query)


async def test_an_empty_text_and_a_used_random_id_are_refused(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    peer = await bot.resolve_peer(-1000000000000 - stage.films.id)
    send = raw.functions.messages.SendMessage
    with pytest.raises(errors.MessageEmpty):
        await bot.invoke(send(peer=peer, message=" \n", random_id=1))
    await bot.invoke(send(peer=peer, message="once", random_id=2))
    with pytest.raises(TimeoutError):  # what Kurigram makes of an error 500 after its last try
        await bot.invoke(send(peer=peer, message="once", random_id=2), retries=1, retry_delay=0)
    assert stage.emulator.counters.value("errors", code=500, text="RANDOM_ID_DUPLICATE") == 1
    assert [message.text for message in stage.films.messages.values()][1:] == ["once"]


async def test_a_file_is_uploaded_read_and_downloaded(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    data = BytesIO(synthetic_bytes(7, 0, 700_000))
    data.name = "notes “1”.pdf"
    chat_id = -1000000000000 - stage.films.id
    sent = await bot.send_document(chat_id, data, caption="take #notes")
    assert (sent.document.file_name, sent.document.file_size, sent.caption) == (data.name, 700_000, "take #notes")
    again = await bot.get_messages(chat_id, sent.id)
    loaded = await bot.download_media(again, in_memory=True)
    assert loaded.getvalue() == data.getvalue()


async def test_a_photo_has_sizes(stage: Stage, start: Starter, jpeg: bytes) -> None:
    bot = await start(stage.bot)
    picture = BytesIO(jpeg)
    picture.name = "picture.jpg"
    sent = await bot.send_photo(-1000000000000 - stage.films.id, picture, caption="x" * 1024)
    assert (sent.photo.width, sent.photo.height) == (640, 360)
    with pytest.raises(errors.MediaCaptionTooLong):
        await bot.send_photo(-1000000000000 - stage.films.id, sent.photo.file_id, caption="x" * 1025)


async def test_a_message_is_copied_and_forwarded(stage: Stage, start: Starter) -> None:
    vault = stage.world.add_channel("Vault", creator=stage.ada)
    stage.world.add_member(vault, stage.bot, rights={"post_messages"})
    mine = await stage.world.send_private(stage.ada, stage.bot, text="look", file=a_file(stage))
    bot = await start(stage.bot)
    vault_id = -1000000000000 - vault.id
    copied = await bot.copy_message(vault_id, stage.ada.id, mine.id)
    assert (copied.video.file_name, copied.caption, copied.forward_origin) == ("film.mp4", "look", None)
    forwarded = await bot.forward_messages(vault_id, stage.ada.id, [mine.id])
    assert forwarded[0].forward_origin.sender_user.id == stage.ada.id
    assert forwarded[0].video.file_unique_id == copied.video.file_unique_id
    hidden = await bot.forward_messages(vault_id, stage.ada.id, mine.id, hide_sender_name=True)
    assert hidden.forward_origin is None
    post = await stage.world.post(stage.films, text="from the channel")
    again = await bot.forward_messages(vault_id, -1000000000000 - stage.films.id, post.id)
    assert (again.forward_origin.chat.title, again.forward_origin.message_id) == ("Films", post.id)
    stage.films.noforwards = True
    with pytest.raises(errors.ChatForwardsRestricted):
        await bot.forward_messages(vault_id, -1000000000000 - stage.films.id, post.id)


async def test_an_album_stays_together(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    post = await stage.world.post(stage.films, file=a_file(stage))
    read = await bot.get_messages(-1000000000000 - stage.films.id, post.id)
    media = [types.InputMediaVideo(read.video.file_id, caption=text) for text in ("one", "two")]
    album = await bot.send_media_group(-1000000000000 - stage.films.id, media)
    assert [message.caption for message in album] == ["one", "two"]
    assert len({message.media_group_id for message in album}) == 1
    assert album[0].media_group_id is not None


async def test_one_message_that_may_not_be_copied_fails_the_whole_request(stage: Stage, start: Starter) -> None:
    """Deleted ones are left out, of several."""
    bot = await start(stage.bot)
    vault = stage.world.add_channel("Vault", creator=stage.ada)
    stage.world.add_member(vault, stage.bot, admin=True)
    film = a_file(stage)
    drafts = [Draft(text="a"), Draft(text="b", noforwards=True), Draft(file=film, view_once=5), Draft(text="gone")]
    first, protected, once, gone = stage.world.post_drafts(stage.films, drafts)
    await stage.world.delete(gone)
    source, target = (-1000000000000 - one.id for one in (stage.films, vault))
    for ids, error in (
        ([first.id, protected.id], errors.ChatForwardsRestricted),
        ([first.id, once.id], errors.MessageIdInvalid),
        ([1, first.id], errors.MessageIdInvalid),
        ([gone.id], errors.MessageIdInvalid),
    ):
        with pytest.raises(error):
            await bot.forward_messages(target, source, ids, hide_sender_name=True)
    assert len(await bot.forward_messages(target, source, [first.id, gone.id], hide_sender_name=True)) == 1
    read = await bot.get_messages(source, [protected.id, once.id])
    assert [bool(one.has_protected_content) for one in read] == [True, False]
    assert read[1].raw.media.ttl_seconds == 5


async def test_a_member_of_an_album_stays_what_the_album_holds(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    pictures = [a_file(stage, seed=number) for number in range(2)]
    papers = [stage.emulator.files.add(SyntheticContent(9, 9), dc_id=HOME, name=f"{n}.pdf") for n in range(2)]
    grouped = stage.world.new_group_id()
    drafts = [Draft(file=one, grouped_id=grouped) for one in pictures]
    member, _ = stage.world.post_drafts(stage.films, drafts, sender=stage.bot)
    other = await stage.world.post(stage.films, file=papers[0])
    chat_id = -1000000000000 - stage.films.id
    paper = (await bot.get_messages(chat_id, other.id)).document.file_id
    with pytest.raises(errors.MediaGroupedInvalid):
        await bot.edit_message_media(chat_id, member.id, types.InputMediaDocument(paper))


async def test_a_location_of_another_account_is_refused(stage: Stage, start: Starter) -> None:
    post = await stage.world.post(stage.films, file=a_file(stage))
    bot, ada = await start(stage.bot), await start(stage.ada)
    chat_id = -1000000000000 - stage.films.id
    read = await bot.get_messages(chat_id, post.id)
    async for _ in ada.get_dialogs():
        pass
    with pytest.raises(errors.MediaEmpty):
        await ada.send_video(chat_id, read.video.file_id)


async def test_an_edit_keeps_the_date_and_may_replace_the_file(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    edits = updates_of(bot, "edited_message")
    post = await stage.world.post(stage.films, text="first", file=a_file(stage))
    await stage.world.edit(post, text="second", file=a_file(stage, "longer.mp4", seed=2))
    seen = await asyncio.wait_for(edits.get(), 5)
    assert (seen.caption, seen.video.file_name) == ("second", "longer.mp4")
    assert int(seen.date.timestamp()) == post.date
    assert seen.edit_date is not None


async def test_a_bot_edits_its_own_message_only(stage: Stage, start: Starter) -> None:
    asked = await stage.world.send_private(stage.ada, stage.bot, text="/start")
    bot = await start(stage.bot)
    sent = await bot.send_message(stage.ada.id, "0 %")
    edited = await bot.edit_message_text(stage.ada.id, sent.id, "50 %")
    assert edited.text == "50 %"
    with pytest.raises(errors.MessageNotModified):
        await bot.edit_message_text(stage.ada.id, sent.id, "50 %")
    with pytest.raises(errors.RPCError, match="MESSAGE_AUTHOR_REQUIRED"):
        await bot.edit_message_text(stage.ada.id, asked.id, "mine")
    with pytest.raises(errors.MessageIdInvalid):
        await bot.edit_message_text(stage.ada.id, 999, "nothing")
    assert [message.text for message in stage.world.mailbox(stage.ada.id).messages.values()][-1] == "50 %"


async def test_a_deleted_message_is_empty_for_all_accounts(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    await stage.world.send_private(stage.ada, stage.bot, text="/start")
    sent = await bot.send_message(stage.ada.id, "gone soon")
    assert await bot.delete_messages(stage.ada.id, sent.id) == 1
    assert [message.deleted for message in stage.world.mailbox(stage.ada.id).messages.values()][-1]
    post = await stage.world.post(stage.films, text="gone too")
    await bot.delete_messages(-1000000000000 - stage.films.id, [post.id])
    peer = await bot.resolve_peer(-1000000000000 - stage.films.id)
    ids = [raw.types.InputMessageID(id=number) for number in (1, post.id, 77)]
    found = await bot.invoke(raw.functions.channels.GetMessages(channel=peer, id=ids))
    assert [type(message).__name__ for message in found.messages] == ["MessageService", "MessageEmpty", "MessageEmpty"]
    assert [message.id for message in found.messages] == [1, post.id, 77]


async def test_at_most_a_hundred_ids_are_read_at_once(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    chat_id = -1000000000000 - stage.films.id
    assert await bot.get_messages(chat_id, list(range(1, 101)))
    with pytest.raises(errors.LimitInvalid):
        await bot.get_messages(chat_id, list(range(1, 102)))


async def test_bots_get_deletions_only_if_configured(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    deletions, inbox = updates_of(bot, "deleted_messages"), updates_of(bot)
    post = await stage.world.post(stage.films, text="a")
    await stage.world.delete(post)
    await stage.world.post(stage.films, text="b")
    assert [(await asyncio.wait_for(inbox.get(), 5)).text for _ in "ab"] == ["a", "b"]
    assert deletions.empty()


async def test_writing_in_a_channel_needs_rights(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    chat_id = -1000000000000 - stage.films.id
    await bot.get_chat(chat_id)
    stage.world.add_member(stage.films, stage.bot, rights={"edit_messages"})
    with pytest.raises(errors.ChatAdminRequired):
        await bot.send_message(chat_id, "no")
    stage.world.add_member(stage.films, stage.bot)
    with pytest.raises(errors.RPCError, match="CHAT_WRITE_FORBIDDEN"):
        await bot.send_message(chat_id, "no")
    stage.world.remove_member(stage.films, stage.bot)
    with pytest.raises(errors.RPCError, match="CHANNEL_PRIVATE"):
        await bot.send_message(chat_id, "no")


async def test_exceeded_message_limits_are_flood_waits(stage: Stage, start: Starter) -> None:
    stage.world.message_limits = MessageLimits(per_group=2)
    bot = await start(stage.bot, sleep_threshold=0)
    chat_id = -1000000000000 - stage.films.id
    for number in range(2):
        await bot.send_message(chat_id, f"{number}")
    with pytest.raises(errors.FloodWait) as caught:
        await bot.send_message(chat_id, "too many")
    assert 0 < caught.value.value <= 60


async def test_telethon_sees_the_same(stage: Stage, start_telethon: Starter) -> None:
    client = await start_telethon(stage.ada)
    content = BytesContent(b"%PDF-1.7" + bytes(90_000))
    file = stage.emulator.files.add(content, dc_id=HOME, name="book.pdf", mime_type="application/pdf")
    await stage.world.post(stage.films, text="a book", file=file)
    await client.get_dialogs()
    found = await client.get_messages(stage.films.id, limit=5)
    assert [message.message for message in found] == ["a book", None]
    assert await client.download_media(found[0], bytes) == content.read(0, content.size)
    assert await client.get_messages(stage.films.id, search="book", limit=5)
    sent = await client.send_file(stage.films.id, b"text", caption="mine", force_document=True)
    assert stage.films.messages[sent.id].file is not None
    await client.delete_messages(stage.films.id, sent.id)
    assert stage.films.messages[sent.id].deleted
