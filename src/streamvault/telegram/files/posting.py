"""The message of an uploaded file: what is sent, and how it is found again."""

import contextlib
import copy
from collections.abc import Iterable, Sequence
from typing import Any

from pyrogram import raw, utils

from streamvault.media.uploads import MAX_THUMB, Audio, Original, Photo, Post, Video
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.dialogs import store_channels

_OF_ANY = {raw.types.DocumentAttributeFilename, raw.types.DocumentAttributeImageSize}
"""Attributes of documents that are shown as such."""


async def input_peer(account: Account, chat_id: int) -> Any:
    """The InputPeer of a chat. Raises as Account.call.

    A user account that has not met the chat reads its list of chats; Telegram accepts no access hash from a bot.
    """
    storage = account.client.storage
    with contextlib.suppress(KeyError):
        return await storage.get_peer_by_id(chat_id)
    if chat_id < 0 and not await storage.is_bot():
        await store_channels(account.client, account.call)
        with contextlib.suppress(KeyError):
            return await storage.get_peer_by_id(chat_id)
    if chat_id > 0:
        return raw.types.InputPeerUser(user_id=chat_id, access_hash=0)
    if chat_id > utils.ZERO_CHANNEL_ID:
        return raw.types.InputPeerChat(chat_id=-chat_id)
    return raw.types.InputPeerChannel(channel_id=utils.get_channel_id(chat_id), access_hash=0)


def forward(source: Any, target: Any, ids: Sequence[int], random_ids: Sequence[int], *, silent: bool = False) -> Any:
    """messages.forwardMessages without author."""
    return raw.functions.messages.ForwardMessages(
        from_peer=source, to_peer=target, id=list(ids), random_id=list(random_ids), drop_author=True,
        silent=silent or None,
    )  # fmt: skip


def request(post: Post, peer: Any, *, random_id: int, thumb: Any) -> Any:
    """messages.sendMedia; `thumb` is the InputFile of the uploaded thumbnail, or None."""
    reply_to = None if post.reply_to is None else raw.types.InputReplyToMessage(reply_to_msg_id=post.reply_to)
    photo = isinstance(post.shown_as, Photo)
    original = post.original or Original()
    media = raw.types.InputMediaUploadedPhoto(file=_input_file(post)) if photo else _document(post, thumb)
    media.spoiler = original.spoiler or None
    return raw.functions.messages.SendMedia(
        peer=peer, media=media, message=whole_characters(post.caption), random_id=random_id, reply_to=reply_to,
        entities=_entities(post.caption, original) or None, invert_media=original.caption_above or None,
    )  # fmt: skip


def _entities(caption: str, original: Original) -> list[Any]:
    """Those within the caption, which may have been cut; in UTF-16 units."""
    units, found = len(whole_characters(caption).encode("utf-16-le")) // 2, []
    for entity in original.entities:
        if entity.offset < units:
            found.append(kept := copy.copy(entity))
            kept.length = min(entity.length, units - entity.offset)
    return found


def _document(post: Post, thumb: Any) -> Any:
    attributes = _attributes(post)
    kinds = {type(attribute) for attribute in attributes}
    animated, shown = raw.types.DocumentAttributeAnimated in kinds, kinds - _OF_ANY
    return raw.types.InputMediaUploadedDocument(
        file=_input_file(post),
        mime_type=post.mime_type,
        attributes=attributes,
        thumb=thumb,
        # a film without sound would become an animation without a seek bar
        nosound_video=(raw.types.DocumentAttributeVideo in kinds and not animated) or None,
        force_file=not shown or None,
    )


def fits(thumb: bytes | None) -> bool:
    """Whether Telegram takes it as a thumbnail: a JPEG, and not too large."""
    return thumb is not None and thumb.startswith(b"\xff\xd8") and len(thumb) <= MAX_THUMB


def sent_id(answer: Any, random_id: int) -> int | None:
    """The id of the message in the answer to messages.sendMedia; None where it does not say."""
    updates: Iterable[Any] = getattr(answer, "updates", ())
    named = (one.id for one in updates if isinstance(one, raw.types.UpdateMessageID) and one.random_id == random_id)
    return next(named, None)


def with_document(messages: Sequence[Any], *, name: str, size: int) -> list[Any]:
    """Those of raw messages that are the account's own, or posts of a channel, and hold such a document."""
    return [
        message
        for message in messages
        if (message.out or message.post) and _document_of(message) == (whole_characters(name), size)
    ]


def with_photo(messages: Sequence[Any], photo: Photo, *, caption: str) -> list[Any]:
    """Those of raw messages that are the account's own, or posts of a channel, and hold a photo of this shape with this
    caption.
    """
    return [
        message
        for message in messages
        if (message.out or message.post)
        and message.message.strip() == whole_characters(caption).strip()
        and _is_of_shape(message, photo)
    ]


def _is_of_shape(message: Any, photo: Photo) -> bool:
    """Whether it is a photo with the same proportions, perhaps smaller, or turned as its camera was."""
    sizes = getattr(getattr(message.media, "photo", None), "sizes", ())
    sides = [sorted((one.w, one.h)) for one in sizes if getattr(one, "w", 0) and getattr(one, "h", 0)]
    if not sides:
        return False
    (less, more), (low, high) = max(sides), sorted((photo.width, photo.height))
    return bool(abs(less * high - more * low) <= max(more, high) * 2)


def whole_characters(text: str) -> str:
    """`text` with halves of surrogate pairs joined, or replaced where the other half is missing."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _input_file(post: Post) -> Any:
    name = whole_characters(post.name)
    if post.big:
        return raw.types.InputFileBig(id=post.file_id, parts=post.parts, name=name)
    return raw.types.InputFile(id=post.file_id, parts=post.parts, name=name, md5_checksum="")


def _attributes(post: Post) -> list[Any]:
    named = raw.types.DocumentAttributeFilename(file_name=whole_characters(post.name))
    if post.original is not None and post.original.attributes is not None:
        others = (one for one in post.original.attributes if not isinstance(one, raw.types.DocumentAttributeFilename))
        return [*others, named]
    match post.shown_as:
        case Video() as video:
            shown = raw.types.DocumentAttributeVideo(
                duration=video.duration or 0.0,
                w=video.width,
                h=video.height,
                supports_streaming=video.streaming or None,
                nosound=not video.sound or None,
            )
        case Audio() as audio:
            shown = raw.types.DocumentAttributeAudio(
                duration=max(1, round(audio.duration)) if audio.duration else 0,
                title=audio.title,
                performer=audio.performer,
            )
        case _:
            return [named]
    return [shown, named]


def _document_of(message: Any) -> tuple[str, int] | None:
    """Name and size of a message's document."""
    document = getattr(message.media, "document", None)
    if not isinstance(document, raw.types.Document):
        return None
    names = (one.file_name for one in document.attributes if isinstance(one, raw.types.DocumentAttributeFilename))
    return next(names, ""), document.size
