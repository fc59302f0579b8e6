"""Stored files in TL form: documents, photos, and the sizes of their pictures."""

from dataclasses import dataclass
from typing import Any

from pyrogram import raw

from tgemulator.world.content import Content
from tgemulator.world.images import image_size
from tgemulator.world.stored_file import StoredFile, Thumb

# The longest side, in pixels, up to which a size letter is used (core.telegram.org/api/files#image-thumbnail-types).
_SIZE_LETTERS = ((100, "s"), (320, "m"), (800, "x"), (1280, "y"))


@dataclass(frozen=True, slots=True)
class Keys:
    """The access_hash and current file_reference with which one account reads a file."""

    access_hash: int
    file_reference: bytes


def message_media(file: StoredFile, keys: Keys) -> Any:
    """MessageMediaPhoto or MessageMediaDocument, with the flags that Telegram derives from attributes."""
    if file.kind == "photo":
        return raw.types.MessageMediaPhoto(photo=photo(file, keys))
    video = _attribute(file, raw.types.DocumentAttributeVideo)
    audio = _attribute(file, raw.types.DocumentAttributeAudio)
    return raw.types.MessageMediaDocument(
        document=document(file, keys),
        video=video is not None or None,
        round=bool(video is not None and video.round_message) or None,
        voice=bool(audio is not None and audio.voice) or None,
    )


def paid_preview(file: StoredFile) -> Any:
    """A file of paid media that the viewer has not bought: its size in pixels and its duration."""
    video = _attribute(file, raw.types.DocumentAttributeVideo)
    width, height = photo_dimensions(file) if file.kind == "photo" else (video.w, video.h) if video else (0, 0)
    return raw.types.MessageExtendedMediaPreview(
        w=width, h=height, video_duration=int(video.duration) if video is not None else None
    )


def document(file: StoredFile, keys: Keys) -> Any:
    """The file as raw.types.Document."""
    return raw.types.Document(
        id=file.id,
        access_hash=keys.access_hash,
        file_reference=keys.file_reference,
        date=file.date,
        mime_type=file.mime_type,
        size=file.size,
        dc_id=file.dc_id,
        attributes=file.attributes,
        thumbs=[_photo_size(thumb) for thumb in file.thumbs] or None,
    )


def photo(file: StoredFile, keys: Keys) -> Any:
    """The file as raw.types.Photo; its own content is the largest size."""
    width, height = photo_dimensions(file)
    sizes = [_photo_size(thumb) for thumb in file.thumbs]
    sizes.append(raw.types.PhotoSize(type=photo_letter(file), w=width, h=height, size=file.size))
    return raw.types.Photo(
        id=file.id,
        access_hash=keys.access_hash,
        file_reference=keys.file_reference,
        date=file.date,
        sizes=sizes,
        dc_id=file.dc_id,
    )


def photo_dimensions(file: StoredFile) -> tuple[int, int]:
    """(width, height) from a DocumentAttributeImageSize, else from the picture itself, else 1280 x 720."""
    given = _attribute(file, raw.types.DocumentAttributeImageSize)
    if given is not None:
        return given.w, given.h
    return image_size(file.content.read(0, 256 * 1024)) or (1280, 720)


def photo_letter(file: StoredFile) -> str:
    """The size letter of a photo's own content, other than those of its thumbnails."""
    longest = max(photo_dimensions(file))
    taken = {thumb.type for thumb in file.thumbs}
    letters = [letter for limit, letter in _SIZE_LETTERS if longest <= limit and letter not in taken]
    return letters[0] if letters else "w"


def content_of(file: StoredFile, thumb_size: str) -> Content | None:
    """The content of a location's thumb_size, "" for a document or a letter; None if there is no such size."""
    if file.kind == "document" and thumb_size == "":
        return file.content
    for thumb in file.thumbs:
        if thumb.type == thumb_size:
            return thumb.content
    return file.content if file.kind == "photo" and thumb_size == photo_letter(file) else None


def storage_type(file: StoredFile, content: Content) -> Any:
    """The storage.FileType of an upload.file: by MIME type, JPEG for thumbnails."""
    if content is not file.content:
        return raw.types.storage.FileJpeg()
    return _STORAGE_TYPES.get(file.mime_type, raw.types.storage.FileUnknown)()


def _photo_size(thumb: Thumb) -> Any:
    """A thumbnail as PhotoSize, or PhotoStrippedSize for the letter i."""
    if thumb.type == "i":
        return raw.types.PhotoStrippedSize(type="i", bytes=thumb.content.read(0, thumb.content.size))
    return raw.types.PhotoSize(type=thumb.type, w=thumb.width, h=thumb.height, size=thumb.content.size)


def _attribute(file: StoredFile, kind: type[Any]) -> Any:
    """The file's first attribute of one type, or None."""
    return next((item for item in file.attributes if isinstance(item, kind)), None)


_STORAGE_TYPES: dict[str, type[Any]] = {
    "image/jpeg": raw.types.storage.FileJpeg,
    "image/png": raw.types.storage.FilePng,
    "image/gif": raw.types.storage.FileGif,
    "image/webp": raw.types.storage.FileWebp,
    "application/pdf": raw.types.storage.FilePdf,
    "audio/mpeg": raw.types.storage.FileMp3,
    "video/quicktime": raw.types.storage.FileMov,
    "video/mp4": raw.types.storage.FileMp4,
}
