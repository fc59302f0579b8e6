"""What mirrors see of a raw message: its kind, and what a copy of it holds."""

import hashlib
from collections.abc import Mapping
from typing import Any

from pyrogram import raw, utils

from streamvault.leech.mirror.posts import Seen
from streamvault.telegram import message_media

_types = raw.types
_KINDS: Mapping[type[Any], str] = {
    _types.MessageMediaPaidMedia: "paid",
    _types.MessageMediaInvoice: "invoice",
    _types.MessageMediaGame: "game",
    _types.MessageMediaDice: "dice",
    _types.MessageMediaGiveaway: "giveaway",
    _types.MessageMediaGiveawayResults: "giveaway",
    _types.MessageMediaStory: "story",
    _types.MessageMediaGeoLive: "live location",
    _types.MessageMediaVideoStream: "live stream",
    _types.MessageMediaToDo: "list of tasks",
    _types.MessageMediaUnsupported: "unsupported",
    _types.MessageMediaContact: "contact",
    _types.MessageMediaGeo: "place",
    _types.MessageMediaVenue: "place",
    _types.MessageMediaWebPage: "text",
    _types.MessageMediaEmpty: "text",
    type(None): "text",
}


def seen(message: Any, *, protected: bool = False) -> Seen:
    """A raw Message or MessageService. `protected`: its chat is."""
    if not isinstance(message, _types.Message):
        return Seen(message.id, "service", date=message.date)
    file = message_media.describe(message)
    text = message.message or ""
    return Seen(
        message.id,
        kind_of(message),
        date=message.date,
        album=message.grouped_id,
        reply_to=_answered(message),
        text=text,
        signature=signature_of(message),
        content=_content(message),
        protected=protected or bool(message.noforwards),
        expires=bool(message.ttl_period),
        file=file,
        raw=message,
    )


def kind_of(message: Any) -> str:
    """One of leech.mirror.posts.LEFT_OUT, or what it is."""
    media = message.media
    if isinstance(media, _types.MessageMediaPhoto | _types.MessageMediaDocument):
        if media.ttl_seconds:
            return "view once"
        held = media.photo if isinstance(media, _types.MessageMediaPhoto) else media.document
        return "file" if isinstance(held, _types.Photo | _types.Document) else "expired"
    if isinstance(media, _types.MessageMediaPoll):
        return "quiz" if media.poll.quiz else "poll"
    return _KINDS.get(type(media), "unsupported")


def signature_of(message: Any) -> str:
    """Equal for a message and its copy: of a document its size and name, else the type of what it holds."""
    found = message_media.raw_media(message)
    if isinstance(found, _types.Document):
        names = (one.file_name for one in found.attributes if isinstance(one, _types.DocumentAttributeFilename))
        return f"document {found.size} {next(names, '')}"
    kind = kind_of(message)
    return "" if kind == "text" else "photo" if isinstance(found, _types.Photo) else kind


def _content(message: Any) -> str:
    """A digest of the text, its entities and the file; not of views, reactions and keyboards."""
    found = message_media.raw_media(message)
    entities = [str(entity) for entity in message.entities or ()]
    whole = repr((message.message or "", entities, found and found.id, kind_of(message)))
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:24]


def _answered(message: Any) -> int | None:
    """The message of the same chat that it answers; the first message of a topic counts as none."""
    header = message.reply_to
    if not isinstance(header, _types.MessageReplyHeader) or header.reply_to_msg_id is None:
        return None
    other = header.reply_to_peer_id
    if other is not None and utils.get_peer_id(other) != utils.get_peer_id(message.peer_id):
        return None
    if header.forum_topic and header.reply_to_top_id is None:
        return None
    return int(header.reply_to_msg_id)
