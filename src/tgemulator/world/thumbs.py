"""The thumbnails that Telegram adds to a file: the stripped one of the largest picture, and an uploaded one."""

from tgemulator.world.content import BytesContent, Content
from tgemulator.world.images import image_size
from tgemulator.world.stored_file import Thumb
from tgemulator.world.stripped_thumbnails import stripped_thumbnail


def picture_size(content: Content) -> tuple[int, int] | None:
    """(width, height) in pixels of a picture, from its first 256 KiB; None if it is none."""
    return image_size(content.read(0, 256 * 1024))


def uploaded_thumb(content: Content) -> Thumb:
    """An uploaded thumbnail, under the letter that Telegram gives to pictures up to 320 pixels."""
    width, height = picture_size(content) or (320, 180)
    return Thumb(type="m", width=width, height=height, content=content)


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
