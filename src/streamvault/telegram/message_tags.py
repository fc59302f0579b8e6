"""The hashtags that Telegram's entities mark in the text of a raw message."""

from typing import Any

from pyrogram import raw

from streamvault.media.hashtags import hashtags, marked_hashtags

_HIDING = (
    raw.types.MessageEntityCode,
    raw.types.MessageEntityPre,
    raw.types.MessageEntityUrl,
    raw.types.MessageEntityTextUrl,
    raw.types.MessageEntityEmail,
)
"""Entities inside of which Telegram looks for no hashtags."""


def marked_tags(message: Any) -> tuple[str, ...] | None:
    """What entities mark, see Sent.tags: None where the rule finds the same."""
    text, entities = message.message or "", message.entities or ()
    marked, hidden = (
        [(one.offset, one.length) for one in entities if isinstance(one, kinds)]
        for kinds in (raw.types.MessageEntityHashtag, _HIDING)
    )
    found = marked_hashtags(text, marked, hidden)
    return None if found == hashtags(text) else tuple(found)
