"""What the control API posts, as real Kurigram receives and reads it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyrogram import enums, handlers, raw
from pyrogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from tests.support.clients import kurigram
from tests.support.desk import ADA, FAMILY, FILMS, FORUM, TALK, WORLD, Desk
from tests.support.emulation import trusted
from tgemulator.config import EmulatorConfig
from tgemulator.control.server import ControlServer
from tgemulator.control.world_file import build_world
from tgemulator.emulator import Emulator
from tgemulator.world.model import Channel


@pytest.fixture
async def told(folder: Path) -> AsyncIterator[Emulator]:
    """An emulator that was told WORLD."""
    async with Emulator(EmulatorConfig(folder=folder)) as emulator:
        await build_world(emulator, WORLD, paths=False)
        yield emulator


@pytest.fixture
async def http(told: Emulator) -> AsyncIterator[httpx.AsyncClient]:
    async with ControlServer(told) as control, httpx.AsyncClient(base_url=control.url, trust_env=False) as client:
        yield client


@pytest.fixture
async def desk(told: Emulator, http: httpx.AsyncClient, tmp_path: Path) -> AsyncIterator[Desk]:
    with trusted(told):
        desk = Desk(http, kurigram(told, told.world.users[4242], tmp_path))

        async def keep(_: Any, message: Any) -> None:
            desk.received.put_nowait(message)

        desk.bot.add_handler(handlers.MessageHandler(keep))
        async with desk.bot:
            yield desk


@pytest.mark.parametrize(
    ("file", "kind", "facts"),
    [
        (
            {"kind": "video", "name": "Reel.mkv", "mime_type": "video/x-matroska", "duration": 90.5, "width": 1920,
             "height": 1080},
            "video",
            {"file_name": "Reel.mkv", "mime_type": "video/x-matroska", "duration": 90.5, "width": 1920, "height": 1080},
        ),
        ({"kind": "video"}, "video", {"mime_type": "video/mp4", "duration": 0}),
        (
            {"kind": "audio", "name": "a.flac", "mime_type": "audio/flac", "duration": 7, "title": "T",
             "performer": "P"},
            "audio",
            {"file_name": "a.flac", "duration": 7, "title": "T", "performer": "P"},
        ),
        ({"kind": "voice", "duration": 3}, "voice", {"mime_type": "audio/ogg", "duration": 3}),
        ({"kind": "animation", "mime_type": "image/gif", "duration": 9000}, "animation", {"mime_type": "image/gif"}),
        ({"kind": "photo", "width": 1280}, "photo", {"file_size": 5}),
        ({"kind": "sticker", "mime_type": "video/webm", "emoji": "🙂"}, "sticker", {"mime_type": "video/webm"}),
        ({"kind": "video_note", "duration": 4, "width": 240}, "video_note", {"duration": 4}),
        ({"name": "x.bin"}, "document", {"file_name": "x.bin", "mime_type": "application/octet-stream"}),
        ({"name": "x.mkv", "mime_type": ""}, "document", {"file_name": "x.mkv", "mime_type": ""}),
    ],
)  # fmt: skip
async def test_every_kind_of_file(desk: Desk, file: dict[str, Any], kind: str, facts: dict[str, Any]) -> None:
    """Emulator: kinds, types, names or none, durations and sizes."""
    if kind == "photo":
        del file["width"]
    message = await desk.post(FORUM, file={"size": 5, **file})
    media = getattr(message, kind)
    assert message.media == enums.MessageMediaType(kind)
    assert media.file_size == 5
    assert {name: getattr(media, name) for name in facts} == facts
    attributes = [] if kind == "photo" else message.raw.media.document.attributes
    names = [item.file_name for item in attributes if isinstance(item, raw.types.DocumentAttributeFilename)]
    assert names == ([file["name"]] if "name" in file else [])


async def test_an_album_is_one_group_with_the_text_at_its_first_file(desk: Desk) -> None:
    files = [{"file": {"size": 5, "kind": "video", "name": f"{number}.mp4"}} for number in range(4)]
    await desk.tell("/post", chat=FORUM, text="Regatta at Dornum #sail", album=files)
    messages = [await desk.next() for _ in files]
    assert len({message.media_group_id for message in messages}) == 1
    assert messages[0].media_group_id is not None
    assert [message.caption for message in messages] == ["Regatta at Dornum #sail", None, None, None]
    assert [message.video.file_name for message in messages] == ["0.mp4", "1.mp4", "2.mp4", "3.mp4"]
    texts = [{"file": {"size": 5, "kind": "photo"}, "text": f"number {number}"} for number in range(2)]
    await desk.tell("/post", chat=FORUM, album=texts)
    assert [(await desk.next()).caption for _ in texts] == ["number 0", "number 1"]


async def test_entities_are_those_given_or_else_those_that_telegram_detects(desk: Desk) -> None:
    def hashtags(message: Any) -> list[str]:
        units = message.text.encode("utf-16-le")
        return [
            units[2 * item.offset : 2 * (item.offset + item.length)].decode("utf-16-le")
            for item in message.entities or []
            if item.type == enums.MessageEntityType.HASHTAG
        ]

    found = ["#सिनेमा", "#ภาพยนตร์", "#می‌سازیم", "#ドラマ", "#Größe"]
    assert hashtags(await desk.post(FORUM, text=f"🎬 {' '.join(found)} #1984")) == found
    given = [{"type": "hashtag", "offset": 0, "length": 3}, {"type": "text_url", "offset": 4, "length": 1, "url": "x"}]
    message = await desk.post(FORUM, text="#ab #cd", entities=given)
    assert hashtags(message) == ["#ab"]
    assert [item.type for item in message.entities] == [
        enums.MessageEntityType.HASHTAG,
        enums.MessageEntityType.TEXT_LINK,
    ]
    assert not (await desk.post(FORUM, text="#ab", entities=[])).entities


async def test_copies_name_where_they_were_forwarded_from(desk: Desk) -> None:
    copy = await desk.post(FORUM, sender=ADA, file={"size": 5}, forward={"chat": FILMS, "message": 7, "date": 1000})
    assert (copy.from_user.id, copy.forward_origin.chat.title, copy.forward_origin.message_id) == (ADA, "Films", 7)
    person = await desk.post(FORUM, sender=ADA, text="x", forward={"user": ADA})
    assert person.forward_origin.sender_user.id == ADA
    hidden = await desk.post(FORUM, sender=ADA, text="x", forward={"name": "Somebody"})
    assert hidden.forward_origin.sender_user_name == "Somebody"


async def test_posts_are_copied_to_the_discussion_group_and_commented_on(desk: Desk) -> None:
    posted = await desk.post(FILMS, file={"size": 5, "name": "a.mp4"}, text="new")
    copy = await desk.next()
    assert (copy.chat.title, copy.sender_chat.title, copy.automatic_forward) == ("Talk", "Films", True)
    assert (copy.forward_origin.message_id, copy.document.file_unique_id) == (posted.id, posted.document.file_unique_id)
    comment = await desk.post(TALK, sender=ADA, text="lol", file=posted_file(await _last(desk, TALK)), reply_to=copy.id)
    assert (comment.reply_to_message_id, comment.caption) == (copy.id, "lol")
    further = await desk.post(TALK, sender=ADA, text="indeed", reply_to=comment.id)
    assert (further.reply_to_message_id, further.raw.reply_to.reply_to_top_id) == (comment.id, copy.id)


async def _last(desk: Desk, chat: int) -> Any:
    return (await desk.http.get("/messages", params={"chat": chat})).json()["messages"][-1]


def posted_file(message: Any) -> int:
    """The id of the file that a message in the API's answers holds."""
    return int(message["file"]["id"])


async def test_topics(desk: Desk) -> None:
    named = await desk.post(FORUM, sender=ADA, topic="Trips", file={"size": 5, "kind": "video"})
    assert (named.topic_message, named.message_thread_id, bool(named.chat.is_forum)) == (True, 2, True)
    made = await desk.tell("/topics", chat=FORUM, title="Songs")
    assert (await desk.next()).forum_topic_created.title == "Songs"
    by_id = await desk.post(FORUM, sender=ADA, topic=made["id"], text="x", reply_to=named.id)
    assert (by_id.message_thread_id, by_id.reply_to_message_id) == (made["id"], named.id)


async def test_what_may_not_be_copied(desk: Desk) -> None:
    one = await desk.post(FORUM, text="x", noforwards=True)
    once = await desk.post(FORUM, file={"size": 6, "kind": "photo"}, view_once=9)
    assert (one.has_protected_content, once.raw.media.ttl_seconds) == (True, 9)
    for protected in (True, False):
        assert await desk.tell("/protect", chat=FORUM, noforwards=protected) == {"noforwards": protected}
        assert bool((await desk.post(FORUM, text="y")).has_protected_content) is protected


async def test_paid_media_shows_files_only_once_it_is_bought(desk: Desk) -> None:
    files = [{"size": 5, "kind": "video", "duration": 9, "width": 640, "height": 360}, {"size": 6, "kind": "photo"}]
    preview = await desk.post(FORUM, paid={"stars": 50, "files": files})
    assert preview.media == enums.MessageMediaType.PAID_MEDIA
    assert (preview.paid_media.stars_amount, len(preview.paid_media.media)) == (50, 2)
    assert preview.paid_media.media[0].duration == 9
    bought = await desk.post(FORUM, paid={"stars": 1, "files": files[:1], "bought": True}, text="a caption")
    assert (bought.paid_media.media[0].file_size, bought.caption) == (5, "a caption")


async def test_a_basic_group_becomes_a_supergroup(desk: Desk) -> None:
    in_group = await desk.post(FAMILY, text="/hello", file={"size": 5})
    assert (in_group.chat.type, in_group.from_user.id) == (enums.ChatType.GROUP, ADA)
    made = (await desk.tell("/migrate", chat=FAMILY))["id"]
    left, joined = await desk.next(), await desk.next()
    chat_id = -1_000_000_000_000 - made
    assert (left.chat.id, left.migrate_to_chat_id) == (-FAMILY, chat_id)
    assert (joined.chat.id, joined.migrate_from_chat_id) == (chat_id, -FAMILY)
    after = await desk.post(made, sender=ADA, text="/hello", file={"size": 5, "kind": "video"})
    assert (after.chat.type, after.chat.title, after.video.file_size) == (enums.ChatType.SUPERGROUP, "Family", 5)
    refused = await desk.http.post("/migrate", json={"chat": FAMILY})
    assert (refused.status_code, f"migrated to {made} already" in refused.json()["error"]) == (400, True)


async def test_members_come_and_go(desk: Desk) -> None:
    await desk.tell("/world", users=[{"phone": "2", "first_name": "Eve", "id": 12}])
    private = await desk.tell("/world", channels=[{"ref": "new", "title": "New", "creator": 12}])
    added = await desk.tell("/members", chat=private["new"], user=4242, admin=True, actor=12)
    assert added == {"members": [12, 4242]}
    message = await desk.post(private["new"], file={"size": 5})
    assert message.chat.title == "New"
    removed = await desk.tell("/members", chat=private["new"], user=4242, member=False)
    assert removed == {"members": [12]}


async def test_private_albums_and_entities(desk: Desk) -> None:
    album = [{"file": {"size": 5, "kind": "video", "name": name}} for name in ("a.mp4", "b.mp4")]
    sent = await desk.tell("/send", sender=ADA, recipient=4242, text="two", album=album)
    assert [item["file"]["name"] for item in sent["messages"]] == ["a.mp4", "b.mp4"]
    first, second = await desk.next(), await desk.next()
    assert first.media_group_id == second.media_group_id
    edited = await desk.tell("/edit", account=4242, message=sent["messages"][0]["id"], text="#tag")
    assert edited["entities"] == [{"type": "hashtag", "offset": 0, "length": 4}]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/post", {"chat": FILMS}, "the post: needs a text or a file"),
        ("/post", {"chat": FILMS, "text": "x", "txet": "x"}, "the post: unknown: txet"),
        ("/post", {"chat": FILMS, "text": 5}, "the post: text: 5 is of the wrong kind"),
        ("/post", {"chat": FILMS, "text": "x" * 5000}, "text is longer than 4096"),
        ("/post", {"chat": FILMS, "text": "x", "date": 2**40}, "date is a number from 0 to 2147483647"),
        ("/post", {"chat": FILMS, "text": "x", "date": -1}, "date is a number"),
        ("/post", {"chat": FILMS, "text": "x", "reply_to": 99}, "reply_to: there is no message 99"),
        ("/post", {"chat": FILMS, "text": "x", "topic": 2}, "topic is for supergroups only"),
        ("/post", {"chat": FORUM, "text": "x", "topic": "No"}, "topic: 'Forum' has no topic 'No'"),
        ("/post", {"chat": FORUM, "text": "x", "sent_as": FAMILY}, "sent_as is a basic group"),
        ("/post", {"chat": FILMS, "file": {"size": 5, "kind": "film"}}, "file: kind is one of animation, audio"),
        ("/post", {"chat": FILMS, "file": {"size": 2**50}}, "file: size is a number from 0 to"),
        ("/post", {"chat": FILMS, "file": {"size": 5, "width": 2**31, "kind": "video"}}, "width is a number from 0"),
        ("/post", {"chat": FILMS, "file": {"size": 5, "duration": 1e300, "kind": "audio"}}, "duration is a number"),
        ("/post", {"chat": FILMS, "file": {"path": "/etc/passwd"}}, "a path is for world files only"),
        ("/post", {"chat": FILMS, "file": {"base64": "?"}}, "base64 is not base64"),
        ("/post", {"chat": FILMS, "file": {"size": 5, "base64": ""}}, "needs one of path, size, base64"),
        ("/post", {"chat": FILMS, "file": 1}, "file: there is no file 1"),
        ("/post", {"chat": FILMS, "file": None}, "file: a JSON object is expected"),
        ("/post", {"chat": FILMS, "file": True}, "file: a JSON object is expected"),
        ("/post", {"chat": FILMS, "album": [{"file": {"size": 5}}]}, "an album has 2 to 10 files"),
        ("/post", {"chat": FILMS, "album": [{}, {}]}, "album[0]: file is missing"),
        ("/post", {"chat": FILMS, "text": "x", "paid": {"stars": 1, "files": [{"size": 5}]}}, "photos and videos"),
        ("/post", {"chat": FILMS, "paid": {"stars": 0, "files": []}}, "paid: stars is a number from 1"),
        ("/post", {"chat": FILMS, "text": "x", "forward": {}}, "forward: needs either a chat, a user or a name"),
        ("/post", {"chat": FILMS, "text": "x", "forward": {"chat": FILMS}}, "forward: message is missing"),
        ("/post", {"chat": FILMS, "text": "x", "forward": {"user": 5}}, "user: there is no account 5"),
        (
            "/post",
            {"chat": FILMS, "album": [{"file": {"size": 5}}] * 2, "forward": {"chat": FILMS, "message": 2**31 - 1}},
            "forward: message is a number from 1 to",
        ),
        ("/post", {"chat": FILMS, "text": "x", "entities": [{"type": "b"}]}, "entities[0]: type is one of"),
        (
            "/post",
            {"chat": FILMS, "text": "🎬", "entities": [{"type": "bold", "offset": 1, "length": 2}]},
            "it ends behind the text, which has 2 UTF-16 code units",
        ),
        ("/send", {"sender": ADA, "recipient": 4242, "text": "x", "topic": 1}, "topic is for supergroups only"),
        ("/topics", {"chat": TALK, "title": "x"}, "chat 31 is no forum"),
        ("/migrate", {"chat": TALK}, "chat 31 is no basic group"),
        ("/members", {"chat": FILMS, "user": 4242, "rights": ["fly"]}, "the member: rights: unknown fly"),
        ("/members", {"chat": FILMS, "user": ADA, "member": False}, "account 11 is not in the chat, or its creator"),
        ("/members", {"chat": FILMS, "user": 4242, "actor": 4242, "admin": "yes"}, "'admin' must be a bool"),
        ("/world", {"channels": [{"title": "x", "creator": 99}]}, "channels[0]: creator: there is no account 99"),
        ("/world", {"channels": [{"title": "x", "creator": ADA, "forum": True}]}, "only a supergroup"),
        ("/world", {"channels": [{"title": "x", "creator": ADA, "discussion": FILMS}]}, "links a channel to a super"),
        ("/world", {"channels": [{"title": "x", "creator": ADA, "id": 2**60}]}, "id is a number from 0 to"),
    ],
)
async def test_what_no_client_could_send_is_refused_with_a_sentence(
    told: Emulator, http: httpx.AsyncClient, path: str, body: dict[str, Any], words: str
) -> None:
    before = [chat.journal.pts for chat in told.world.chats.values() if isinstance(chat, Channel)]
    response = await http.post(path, json=body)
    assert (response.status_code, words in response.json()["error"]) == (400, True), response.text
    assert [chat.journal.pts for chat in told.world.chats.values() if isinstance(chat, Channel)] == before


async def test_a_link_to_the_bot_is_opened_and_the_button_in_its_answer_pressed(desk: Desk) -> None:
    @desk.bot.on_callback_query()  # type: ignore[untyped-decorator]  # the library is untyped
    async def pressed(_: Any, query: Any) -> None:
        await query.answer(f"pressed {query.data}", show_alert=True)

    sent = await desk.tell("/start", user=ADA, bot=4242, parameter="login_0A-z")
    assert sent["text"] == "/start login_0A-z"
    message = await desk.next()
    assert (message.from_user.id, message.text) == (ADA, "/start login_0A-z")
    row = [
        InlineKeyboardButton("47", callback_data="login:47"),
        InlineKeyboardButton("Open", url="https://tv.example.org"),
    ]
    await desk.bot.send_message(ADA, "which?", reply_markup=InlineKeyboardMarkup([row]))
    held = (await desk.http.get("/messages", params={"account": ADA})).json()["messages"]
    [asked] = [one for one in held if one["text"] == "which?"]
    assert asked["buttons"] == [
        [
            {"text": "47", "url": None, "data": "login:47"},
            {"text": "Open", "url": "https://tv.example.org", "data": None},
        ]
    ]
    given = await desk.tell("/press", user=ADA, account=ADA, message=asked["id"], data="login:47")
    assert given == {"message": "pressed login:47", "alert": True, "url": None}
    refused = await desk.http.post("/start", json={"user": ADA, "bot": 4242, "parameter": "a b"})
    assert (refused.status_code, "START_PARAM_INVALID" in refused.text) == (400, True)
    assert (await desk.http.post("/start", json={"user": ADA, "bot": ADA})).status_code == 400
