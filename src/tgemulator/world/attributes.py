"""How a document is described, without the caller having to know TL: DocumentAttribute* by plain words."""

from typing import Any

from pyrogram import raw


def video(duration: float, width: int, height: int, *, silent: bool = False, round_message: bool = False) -> Any:
    """A film of `duration` seconds; pixels; `silent`: without sound; `round_message`: a video note."""
    return raw.types.DocumentAttributeVideo(
        duration=duration,
        w=width,
        h=height,
        supports_streaming=True,
        nosound=silent or None,
        round_message=round_message or None,
    )


def audio(duration: int, *, title: str = "", performer: str = "") -> Any:
    """A song of `duration` seconds."""
    return raw.types.DocumentAttributeAudio(duration=duration, title=title or None, performer=performer or None)


def voice(duration: int) -> Any:
    """A voice message of `duration` seconds."""
    return raw.types.DocumentAttributeAudio(duration=duration, voice=True)


def image_size(width: int, height: int) -> Any:
    """The pixels of a picture."""
    return raw.types.DocumentAttributeImageSize(w=width, h=height)


def animated() -> Any:
    """Makes a silent film an animation (a "GIF")."""
    return raw.types.DocumentAttributeAnimated()


def sticker(emoji: str) -> Any:
    """A sticker of no set that stands for `emoji`."""
    return raw.types.DocumentAttributeSticker(alt=emoji, stickerset=raw.types.InputStickerSetEmpty())
