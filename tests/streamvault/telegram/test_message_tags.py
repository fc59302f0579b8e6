"""R: the hashtags of messages, as Telegram's entities mark them."""

from typing import Any

import pytest
from pyrogram import raw

from streamvault.telegram.message_media import describe
from streamvault.telegram.message_tags import marked_tags
from tgemulator.services.entities import complete

Hashtag, Code, Bold = raw.types.MessageEntityHashtag, raw.types.MessageEntityCode, raw.types.MessageEntityBold


def message(text: str, *entities: Any) -> Any:
    document = raw.types.Document(
        id=1, access_hash=2, file_reference=b"ref", date=1, mime_type="video/mp4", size=10, dc_id=4, attributes=[]
    )
    return raw.types.Message(
        id=7, peer_id=raw.types.PeerChannel(channel_id=55), date=1000, message=text, entities=list(entities),
        media=raw.types.MessageMediaDocument(document=document),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "entities", "tags"),
    [
        ("😀 #a #b", [], None),
        ("😀 #a #b", [Hashtag(offset=3, length=2), Hashtag(offset=6, length=2)], None),
        ("😀 #a #b", [Hashtag(offset=6, length=2)], ("b",)),
        ("😀 #a #b", [Bold(offset=3, length=2)], None),
        ("😀 #a #b", [Code(offset=3, length=2)], ("b",)),
        ("#a", [raw.types.MessageEntityTextUrl(offset=0, length=2, url="https://x.org")], ()),
        ("#सि", [Hashtag(offset=0, length=2)], None),
        ("", [], None),
    ],
)
def test_entities_that_say_what_the_rule_says_are_not_kept(
    text: str, entities: list[Any], tags: tuple[str, ...] | None
) -> None:
    assert marked_tags(message(text, *entities)) == tags
    file = describe(message(text, *entities))
    assert file is not None
    assert file.sent is not None
    assert (file.caption, file.sent.tags) == (text, tags)


@pytest.mark.parametrize(
    "text",
    [
        "#सिनेमा #ภาพยนตร์ #می‌سازیम #ドラマ #Größe",
        "#தமிழ் #සිංහල #한국영화 #ട്രെയിൻ #col·lecció",
        "#snake_case #2nd, #1 https://example.org/#part a#b",
    ],
)
def test_what_the_emulator_marks_is_what_the_rule_finds(text: str) -> None:
    assert marked_tags(message(text, *complete(text, []))) is None
