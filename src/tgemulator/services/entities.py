"""Entities of a message's text: checks those that the client sent and adds those that Telegram detects.

Offsets and lengths are in UTF-16 code units (core.telegram.org/api/entities).
"""

import re
import unicodedata
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError

_MARKS = "".join(chr(code) for code in range(0x300, 0xFFFF) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_IN_HASHTAG = rf"[\w{_MARKS}\u00b7\u200c\u200d]"  # vowel signs, the middle dot and joiners are part of words
_DETECTED: tuple[tuple[re.Pattern[str], type[Any]], ...] = (
    (re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?"), raw.types.MessageEntityBotCommand),
    (re.compile(r"https?://[^\s<>\"]+[^\s<>\".,:;!?)]"), raw.types.MessageEntityUrl),
    (re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}"), raw.types.MessageEntityMention),
    (re.compile(rf"(?<!{_IN_HASHTAG[:-1]}#])#(?=\w*[^\W\d]){_IN_HASHTAG}+"), raw.types.MessageEntityHashtag),
)


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def complete(text: str, given: list[Any]) -> list[Any]:
    """The given entities and those detected in the rest of the text, in order of offset.

    RpcError 400 ENTITY_BOUNDS_INVALID.
    """
    length = utf16_length(text)
    for entity in given:
        if entity.offset < 0 or entity.length <= 0 or entity.offset + entity.length > length:
            raise RpcError(400, "ENTITY_BOUNDS_INVALID")
    entities = [_stored(entity) for entity in given]
    taken = [(entity.offset, entity.offset + entity.length) for entity in entities]
    for pattern, make in _DETECTED:
        for match in pattern.finditer(text):
            start = utf16_length(text[: match.start()])
            stop = start + utf16_length(match.group())
            if all(stop <= low or high <= start for low, high in taken):
                taken.append((start, stop))
                entities.append(make(offset=start, length=stop - start))
    return sorted(entities, key=lambda entity: (entity.offset, -entity.length))


def _stored(entity: Any) -> Any:
    """The output form of an entity that has an input form of its own."""
    if isinstance(entity, raw.types.InputMessageEntityMentionName):
        return raw.types.MessageEntityMentionName(
            offset=entity.offset, length=entity.length, user_id=getattr(entity.user_id, "user_id", 0)
        )
    return entity
