"""The thumbnails that Telegram adds to a file: the stripped one of the largest picture, and an uploaded one."""

from tgemulator.errors import RpcError
from tgemulator.world.content import BytesContent, Content
from tgemulator.world.images import image_size
from tgemulator.world.stored_file import Thumb
from tgemulator.world.stripped_thumbnails import stripped_thumbnail

MOST_PHOTO = 10_000_000
MOST_PHOTO_SIDES, MOST_PHOTO_RATIO = 10_000, 20
"""Pixels of a photo's width and height together, and the most of one side against the other."""
MOST_THUMB, MOST_THUMB_SIDE = 200_000, 320


def picture_size(content: Content) -> tuple[int, int] | None:
    """(width, height) in pixels of a picture, from its first 256 KiB; None if it is none."""
    return image_size(content.read(0, 256 * 1024))


def check_photo(content: Content) -> None:
    """RpcError 400 IMAGE_PROCESS_FAILED, PHOTO_INVALID_DIMENSIONS, or PHOTO_SAVE_FILE_INVALID for one above 10 MB."""
    size = picture_size(content)
    if size is None:
        raise RpcError(400, "IMAGE_PROCESS_FAILED")
    if sum(size) > MOST_PHOTO_SIDES or max(size) > MOST_PHOTO_RATIO * min(size):
        raise RpcError(400, "PHOTO_INVALID_DIMENSIONS")
    if content.size > MOST_PHOTO:
        raise RpcError(400, "PHOTO_SAVE_FILE_INVALID")


def uploaded_thumbs(content: Content) -> list[Thumb]:
    """An uploaded thumbnail, under the letter of pictures up to 320 pixels.

    None where it is no JPEG, or larger than MOST_THUMB_SIDE pixels or MOST_THUMB bytes: Telegram ignores it.
    """
    size = picture_size(content)
    jpeg = content.read(0, 2) == b"\xff\xd8"
    if size is None or not jpeg or max(size) > MOST_THUMB_SIDE or content.size > MOST_THUMB:
        return []
    return [Thumb(type="m", width=size[0], height=size[1], content=content)]


def with_stripped(thumbs: list[Thumb]) -> list[Thumb]:
    """The thumbnails, preceded by the stripped form of the largest one."""
    if not thumbs or any(thumb.type == "i" for thumb in thumbs):
        return thumbs
    largest = thumbs[-1]
    return [*stripped_thumbs(largest.content, largest.width, largest.height), *thumbs]


def stripped_thumbs(content: Content, width: int, height: int) -> list[Thumb]:
    """The stripped thumbnail of a picture as a list; empty if none can be made."""
    tiny = stripped_thumbnail(content.read(0, content.size))
    return [Thumb("i", width, height, BytesContent(tiny))] if tiny else []
