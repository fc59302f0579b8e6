"""Describes the media of a raw message: kind, name, size, and the location to fetch it from."""

import math
from dataclasses import replace
from typing import Any

from pyrogram import raw, utils
from pyrogram.file_id import FileUniqueId, FileUniqueType

from streamvault.media.classification import classify
from streamvault.media.model import FileKey, Kind, MediaFile, Origin, Sent
from streamvault.media.placeholder import expand
from streamvault.telegram.message_tags import marked_tags


def raw_media(message: Any) -> Any:
    """The raw Document or Photo of a message, or None; web page previews and expired media do not count."""
    held = getattr(message, "media", None)
    if isinstance(held, raw.types.MessageMediaDocument) and isinstance(held.document, raw.types.Document):
        return held.document
    if isinstance(held, raw.types.MessageMediaPhoto) and isinstance(held.photo, raw.types.Photo):
        return held.photo if _sizes(held.photo) else None
    return None


def unique_id(media: Any) -> str:
    """Telegram's file_unique_id, the same for every account, as the Bot API and Kurigram write it."""
    return str(FileUniqueId(file_unique_type=FileUniqueType.DOCUMENT, media_id=media.id).encode())


def size_of(media: Any) -> int:
    """Size in bytes; of a photo, that of its largest picture."""
    return int(media.size if isinstance(media, raw.types.Document) else _sizes(media)[-1][3])


def input_location(media: Any, thumb_size: str) -> Any:
    """The InputFileLocation of the file itself (`thumb_size` ""), or of one of its thumbnails."""
    kind = raw.types.InputDocumentFileLocation
    if isinstance(media, raw.types.Photo):
        kind, thumb_size = raw.types.InputPhotoFileLocation, thumb_size or _sizes(media)[-1][0]
    return kind(id=media.id, access_hash=media.access_hash, file_reference=media.file_reference, thumb_size=thumb_size)


def describe(message: Any) -> MediaFile | None:
    """The file of a raw message, with what it is decided to be; None when it has none."""
    media = raw_media(message)
    if media is None:
        return None
    common: dict[str, Any] = {
        "key": FileKey(unique_id(media)),
        "origin": Origin(utils.get_peer_id(message.peer_id), message.id),
        "dc_id": media.dc_id,
        "size": size_of(media),
        "date": message.date,
        "edit_date": None if getattr(message, "edit_hide", False) else message.edit_date,
        "caption": message.message or "",
        "album": message.grouped_id,
        "views": message.views,
        "forwarded_from": _forwarded_from(message),
        "in_group": not message.post and message.from_id is not None,  # a post has no sender, or the flag
        "stripped": _stripped(media),
    }
    file = _photo(media, common) if isinstance(media, raw.types.Photo) else _document(media, common)
    if file.sent is not None and (tags := marked_tags(message)) is not None:
        file = replace(file, sent=replace(file.sent, tags=tags))
    return classify(file)


def _forwarded_from(message: Any) -> int | None:
    """The channel that a message was forwarded from; None for people, who are not stored."""
    source = getattr(message.fwd_from, "from_id", None)
    return int(utils.get_peer_id(source)) if isinstance(source, raw.types.PeerChannel) else None


def _photo(photo: Any, common: dict[str, Any]) -> MediaFile:
    sizes = _sizes(photo)
    _, width, height, _ = sizes[-1]
    return MediaFile(
        **common,
        **_sent("photo", "", "image/jpeg"),
        width=width,
        height=height,
        thumb_sizes=tuple(size[0] for size in sizes[:-1] or sizes),  # the last is the photo itself
    )


def _document(document: Any, common: dict[str, Any]) -> MediaFile:
    attributes = {type(item): item for item in document.attributes}
    video = attributes.get(raw.types.DocumentAttributeVideo)
    audio = attributes.get(raw.types.DocumentAttributeAudio)
    frame = video or attributes.get(raw.types.DocumentAttributeImageSize)
    name = getattr(attributes.get(raw.types.DocumentAttributeFilename), "file_name", "")
    timed = video or audio
    return MediaFile(
        **common,
        **_sent(_kind(attributes), name or "", document.mime_type or ""),
        duration=_seconds(timed.duration) if timed is not None else None,
        width=frame.w if frame is not None else None,
        height=frame.h if frame is not None else None,
        title=(audio.title or "") if audio is not None else "",
        performer=(audio.performer or "") if audio is not None else "",
        thumb_sizes=tuple(size[0] for size in _sizes(document)),
    )


def _seconds(duration: float) -> float | None:
    """A duration as a client stated it; None for NaN and infinity, which any client can send."""
    return float(duration) if math.isfinite(duration) else None


def _sent(kind: Kind, name: str, mime_type: str) -> dict[str, Any]:
    return {"kind": kind, "name": name, "mime_type": mime_type, "sent": Sent(kind, name, mime_type)}


def _kind(attributes: dict[type[Any], Any]) -> Kind:
    """The kind as in Telegram's clients: the most specific attribute decides."""
    video = attributes.get(raw.types.DocumentAttributeVideo)
    audio = attributes.get(raw.types.DocumentAttributeAudio)
    if raw.types.DocumentAttributeSticker in attributes:
        return "sticker"
    if raw.types.DocumentAttributeAnimated in attributes:
        return "animation"
    if video is not None:
        return "video_note" if video.round_message else "video"
    if audio is not None:
        return "voice" if audio.voice else "audio"
    return "document"


def _sizes(media: Any) -> list[tuple[str, int, int, int]]:
    """(letter, width, height, bytes) of the pictures that can be fetched, small to large.

    Stripped, cached and path sizes are inside the message and are not files. The largest of a progressive JPEG's sizes
    is the whole picture.
    """
    found = []
    for size in _all_sizes(media):
        if isinstance(size, raw.types.PhotoSize):
            found.append((size.type, size.w, size.h, size.size))
        elif isinstance(size, raw.types.PhotoSizeProgressive):
            found.append((size.type, size.w, size.h, max(size.sizes)))
    return sorted(found, key=lambda size: (size[1] * size[2], size[3]))


def _stripped(media: Any) -> bytes:
    """The stripped thumbnail inside the message, or b"" if it cannot be shown."""
    tiny = next((size.bytes for size in _all_sizes(media) if isinstance(size, raw.types.PhotoStrippedSize)), b"")
    return bytes(tiny) if expand(tiny) else b""


def _all_sizes(media: Any) -> list[Any]:
    return list((media.sizes if isinstance(media, raw.types.Photo) else media.thumbs) or [])
