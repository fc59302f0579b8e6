"""Makes the raw.types.DocumentAttribute* of documents."""

from typing import Any

from pyrogram import raw


def video(duration: float, width: int, height: int, *, silent: bool = False, round_message: bool = False) -> Any:
    """A video of `duration` seconds, size in pixels; `silent`: without sound; `round_message`: a video note."""
    return raw.types.DocumentAttributeVideo(
        duration=duration,
        w=width,
        h=height,
        supports_streaming=True,
        nosound=silent or None,
        round_message=round_message or None,
    )


def audio(duration: int, *, title: str = "", performer: str = "") -> Any:
    """Music of `duration` seconds."""
    return raw.types.DocumentAttributeAudio(duration=duration, title=title or None, performer=performer or None)


def voice(duration: int) -> Any:
    """A voice message of `duration` seconds."""
    return raw.types.DocumentAttributeAudio(duration=duration, voice=True)


def image_size(width: int, height: int) -> Any:
    """The size of a picture in pixels."""
    return raw.types.DocumentAttributeImageSize(w=width, h=height)


def animated() -> Any:
    """Marks a silent video as an animation (a "GIF")."""
    return raw.types.DocumentAttributeAnimated()


def sticker(emoji: str) -> Any:
    """A sticker of no set that stands for `emoji`."""
    return raw.types.DocumentAttributeSticker(alt=emoji, stickerset=raw.types.InputStickerSetEmpty())
