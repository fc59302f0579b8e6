"""What mirrors see of messages: their kinds, what they answer, and when they have changed."""

from typing import Any

from pyrogram import raw

from streamvault.leech.mirror.posts import LEFT_OUT
from streamvault.telegram.mirroring.requests import keyboard
from streamvault.telegram.mirroring.seeing import kind_of, seen

types = raw.types
CHANNEL = types.PeerChannel(channel_id=5)


def message(**fields: Any) -> Any:
    given = {"id": 7, "peer_id": CHANNEL, "date": 1, "message": "", **fields}
    return types.Message(**given)


def document(id: int = 1, name: str = "a.pdf") -> Any:
    held = types.Document(
        id=id, access_hash=1, file_reference=b"", date=1, mime_type="application/pdf", size=5, dc_id=2,
        attributes=[types.DocumentAttributeFilename(file_name=name)],
    )  # fmt: skip
    return types.MessageMediaDocument(document=held)


def poll(*, quiz: bool) -> Any:
    asked = types.Poll(id=1, question=types.TextWithEntities(text="?", entities=[]), answers=[], quiz=quiz, hash=0)
    return types.MessageMediaPoll(poll=asked, results=types.PollResults())


def test_kinds_and_what_is_left_out() -> None:
    once = document()
    once.ttl_seconds = 3
    geo = types.GeoPoint(long=1.0, lat=1.0, access_hash=1)
    table: tuple[tuple[Any, str], ...] = (
        (None, "text"),
        (types.MessageMediaWebPage(webpage=types.WebPageEmpty(id=1)), "text"),
        (document(), "file"),
        (once, "view once"),
        (types.MessageMediaDocument(), "expired"),
        (types.MessageMediaPhoto(), "expired"),
        (poll(quiz=True), "quiz"),
        (poll(quiz=False), "poll"),
        (types.MessageMediaDice(value=1, emoticon="x"), "dice"),
        (types.MessageMediaGeo(geo=geo), "place"),
        (types.MessageMediaGeoLive(geo=geo, period=60), "live location"),
        (types.MessageMediaUnsupported(), "unsupported"),
        (types.MessageMediaPaidMedia(stars_amount=1, extended_media=[]), "paid"),
        (types.MessageMediaStory(peer=CHANNEL, id=1), "story"),
    )
    for media, kind in table:
        assert kind_of(message(media=media)) == kind
    assert {kind for _, kind in table} - {"text", "file", "poll", "place"} <= LEFT_OUT.keys()
    service = types.MessageService(id=7, peer_id=CHANNEL, date=1, action=types.MessageActionPinMessage())
    assert seen(service).kind == "service"


def test_an_edit_that_changes_nothing_that_is_copied_changes_no_content() -> None:
    before = seen(message(message="a", media=document(), views=1)).content
    keys = types.ReplyInlineMarkup(rows=[])
    assert seen(message(message="a", media=document(), views=9, edit_date=5, reply_markup=keys)).content == before
    bold = types.MessageEntityBold(offset=0, length=1)
    for other in ({"message": "b"}, {"media": document(2)}, {"entities": [bold]}):
        assert seen(message(**{"message": "a", "media": document(), **other})).content != before


def test_what_a_message_answers() -> None:
    other = types.PeerChannel(channel_id=6)
    header = types.MessageReplyHeader
    table: tuple[tuple[Any, int | None], ...] = (
        (None, None),
        (header(reply_to_msg_id=3), 3),
        (header(reply_to_msg_id=3, reply_to_peer_id=other), None),
        (header(reply_to_msg_id=3, reply_to_peer_id=CHANNEL), 3),
        (header(reply_to_msg_id=3, forum_topic=True), None),
        (header(reply_to_msg_id=3, forum_topic=True, reply_to_top_id=2), 3),
    )
    for given, answered in table:
        assert seen(message(reply_to=given)).reply_to == answered


def test_a_copy_of_other_bytes_is_found_by_size_name_and_text() -> None:
    assert seen(message(message="x ", media=document())).mark == seen(message(message="x", media=document(9))).mark
    assert seen(message(media=document())).mark != seen(message(media=document(name="b.pdf"))).mark
    assert seen(message(noforwards=True)).protected
    assert seen(message(), protected=True).protected


def test_buttons_that_belong_to_another_bot_are_not_taken_along() -> None:
    url = types.KeyboardInlineButton(text="a", type=types.InlineButtonTypeUrl(url="https://example.org"))
    call = types.KeyboardInlineButton(text="b", type=types.InlineButtonTypeCallback(data=b"x"))
    for buttons, kept in (([url], True), ([url, call], False)):
        markup = types.ReplyInlineMarkup(rows=[types.KeyboardInlineButtonRow(buttons=buttons)])
        assert (keyboard(seen(message(reply_markup=markup))) is markup) is kept
    assert keyboard(None) is None
