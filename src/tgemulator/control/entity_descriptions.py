"""Entities of a text as JSON: {"type": "hashtag", "offset": 0, "length": 5}, in UTF-16 code units."""

from collections.abc import Sequence
from typing import Any

from pyrogram import raw

from tgemulator.control.json_object import JsonObject
from tgemulator.services.entities import complete, utf16_length

_PLAIN: dict[str, type[Any]] = {
    "hashtag": raw.types.MessageEntityHashtag,
    "cashtag": raw.types.MessageEntityCashtag,
    "mention": raw.types.MessageEntityMention,
    "bot_command": raw.types.MessageEntityBotCommand,
    "url": raw.types.MessageEntityUrl,
    "email": raw.types.MessageEntityEmail,
    "phone": raw.types.MessageEntityPhone,
    "bold": raw.types.MessageEntityBold,
    "italic": raw.types.MessageEntityItalic,
    "underline": raw.types.MessageEntityUnderline,
    "strike": raw.types.MessageEntityStrike,
    "spoiler": raw.types.MessageEntitySpoiler,
    "code": raw.types.MessageEntityCode,
    "blockquote": raw.types.MessageEntityBlockquote,
    "unknown": raw.types.MessageEntityUnknown,
}
TYPES = (*_PLAIN, "pre", "text_url", "mention_name")


def entities_of(item: JsonObject, text: str) -> list[Any]:
    """The entities under `entities`, exactly; those that Telegram detects in `text` if there is no such key."""
    if not item.has("entities"):
        return complete(text, [])
    length = utf16_length(text)
    return sorted((_entity(one, length) for one in item.items("entities")), key=lambda entity: entity.offset)


def described(entities: Sequence[Any]) -> list[dict[str, Any]]:
    """Entities as JSON; those of types that cannot be given have the name of their constructor."""
    names = {made: name for name, made in _PLAIN.items()}
    return [
        {"type": names.get(type(one), type(one).__name__), "offset": one.offset, "length": one.length}
        for one in entities
    ]


def _entity(item: JsonObject, length: int) -> Any:
    kind = item.text("type")
    if kind not in TYPES:
        raise item.wrong(f"type is one of {', '.join(sorted(TYPES))}")
    where = {"offset": item.number("offset"), "length": item.number("length", low=1)}
    if where["offset"] + where["length"] > length:
        raise item.wrong(f"it ends behind the text, which has {length} UTF-16 code units")
    if kind == "pre":
        made = raw.types.MessageEntityPre(**where, language=item.text("language", ""))
    elif kind == "text_url":
        made = raw.types.MessageEntityTextUrl(**where, url=item.text("url"))
    elif kind == "mention_name":
        made = raw.types.MessageEntityMentionName(**where, user_id=item.number("user", low=1, high=2**53))
    else:
        made = _PLAIN[kind](**where)
    item.finish()
    return made
