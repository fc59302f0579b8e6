"""The kinds of files that a world file knows, as attributes of a document."""

from collections.abc import Callable
from typing import Any

from tgemulator.control.described import Described
from tgemulator.world import attributes


def _video(item: Described) -> list[Any]:
    return [attributes.video(*_film(item))]


def _video_note(item: Described) -> list[Any]:
    return [attributes.video(*_film(item), round_message=True)]


def _animation(item: Described) -> list[Any]:
    return [attributes.animated(), attributes.video(*_film(item), silent=True)]


def _audio(item: Described) -> list[Any]:
    duration = int(item.real("duration", 0))
    return [attributes.audio(duration, title=item.text("title", ""), performer=item.text("performer", ""))]


def _voice(item: Described) -> list[Any]:
    return [attributes.voice(int(item.real("duration", 0)))]


def _sticker(item: Described) -> list[Any]:
    size = attributes.image_size(item.number("width", 512), item.number("height", 512))
    return [size, attributes.sticker(item.text("emoji", ""))]


def _film(item: Described) -> tuple[float, int, int]:
    """Duration in seconds, width and height in pixels."""
    return item.real("duration", 0.0), item.number("width", 0), item.number("height", 0)


def _nothing(item: Described) -> list[Any]:
    return []


KINDS: dict[str, Callable[[Described], list[Any]]] = {
    "document": _nothing,
    "photo": _nothing,
    "video": _video,
    "video_note": _video_note,
    "animation": _animation,
    "audio": _audio,
    "voice": _voice,
    "sticker": _sticker,
}


def described_attributes(kind: str, item: Described) -> list[Any]:
    """The raw.types.DocumentAttribute* of a file of that kind, without its name."""
    return KINDS[kind](item)
