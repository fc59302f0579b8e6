"""The requests that post copies, and what their answers say."""

from collections.abc import Sequence
from typing import Any

from pyrogram import raw

from streamvault.leech.mirror.ports import Posted
from streamvault.leech.mirror.posts import Seen
from streamvault.telegram import message_media
from streamvault.telegram.mirroring.texts import MOST_CAPTION, MOST_TEXT, Part, parts_of

_types, _messages = raw.types, raw.functions.messages


def parts(post: Seen) -> list[Part]:
    """The text of a message as it can be sent anew, beside a file or alone."""
    entities = [entity for entity in post.raw.entities or () if not isinstance(entity, _types.MessageEntityMentionName)]
    return parts_of(post.text, entities, first=MOST_CAPTION if post.kind == "file" else MOST_TEXT)


def text(target: Any, part: Part, *, random_id: int, answers: int | None, post: Seen | None = None) -> Any:
    """messages.sendMessage."""
    shows_page = post is not None and isinstance(post.raw.media, _types.MessageMediaWebPage)
    return _messages.SendMessage(
        peer=target, message=part[0], entities=part[1] or None, random_id=random_id, reply_to=reply(answers),
        silent=True, no_webpage=not shows_page or None, reply_markup=keyboard(post),
    )  # fmt: skip


def media(target: Any, held: Any, part: Part, *, random_id: int, answers: int | None, post: Seen) -> Any:
    """messages.sendMedia of an InputMedia."""
    return _messages.SendMedia(
        peer=target, media=held, message=part[0], entities=part[1] or None, random_id=random_id,
        reply_to=reply(answers), silent=True, invert_media=post.raw.invert_media, reply_markup=keyboard(post),
    )  # fmt: skip


def album(
    target: Any, held: Sequence[Any], texts: Sequence[Part], random_ids: Sequence[int], answers: int | None
) -> Any:
    """messages.sendMultiMedia."""
    members = [
        _types.InputSingleMedia(media=one, message=part[0], entities=part[1] or None, random_id=random_id)
        for one, part, random_id in zip(held, texts, random_ids, strict=True)
    ]
    return _messages.SendMultiMedia(peer=target, multi_media=members, reply_to=reply(answers), silent=True)


def edit(target: Any, message_id: int, part: Part, *, held: Any, post: Seen) -> Any:
    """messages.editMessage; `held`: the InputMedia of another file, None where it stays."""
    shows_page = isinstance(post.raw.media, _types.MessageMediaWebPage)
    return _messages.EditMessage(
        peer=target, id=message_id, message=part[0], entities=part[1] or None, media=held,
        no_webpage=not shows_page or None, reply_markup=keyboard(post), invert_media=post.raw.invert_media,
    )  # fmt: skip


def stored(found: Any, *, spoiler: bool | None = None) -> Any:
    """The InputMedia of a raw Document or Photo."""
    fields = {"id": found.id, "access_hash": found.access_hash, "file_reference": found.file_reference}
    if isinstance(found, _types.Document):
        return _types.InputMediaDocument(id=_types.InputDocument(**fields), spoiler=spoiler)
    return _types.InputMediaPhoto(id=_types.InputPhoto(**fields), spoiler=spoiler)


def reply(answers: int | None) -> Any:
    """InputReplyTo."""
    return None if answers is None else _types.InputReplyToMessage(reply_to_msg_id=answers)


def keyboard(post: Seen | None) -> Any:
    """The buttons of a message, where all are addresses: others belong to the bot that has sent them."""
    markup = None if post is None else post.raw.reply_markup
    if not isinstance(markup, _types.ReplyInlineMarkup):
        return None
    buttons = [button for row in markup.rows for button in row.buttons]
    return markup if all(isinstance(button.type, _types.InlineButtonTypeUrl) for button in buttons) else None


def posted(answer: Any, random_ids: Sequence[int]) -> list[Posted | None]:
    """For each random_id the message in the answer."""
    updates = getattr(answer, "updates", ())
    ids = {one.random_id: one.id for one in updates if isinstance(one, _types.UpdateMessageID)}
    files = {}
    for one in updates:
        message = getattr(one, "message", None)
        if isinstance(message, _types.Message):
            files[message.id] = message_media.describe(message)
    found = (ids.get(random_id) for random_id in random_ids)
    return [None if id is None else Posted(id, files.get(id)) for id in found]
