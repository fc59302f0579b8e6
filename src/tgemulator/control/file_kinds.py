"""The kinds of files in a world file, and the document attributes of each."""

from collections.abc import Callable
from typing import Any

from tgemulator.control.json_object import JsonObject
from tgemulator.world import attributes


def _video(item: JsonObject) -> list[Any]:
    return [attributes.video(*_video_size(item))]


def _video_note(item: JsonObject) -> list[Any]:
    return [attributes.video(*_video_size(item), round_message=True)]


def _animation(item: JsonObject) -> list[Any]:
    return [attributes.animated(), attributes.video(*_video_size(item), silent=True)]


def _audio(item: JsonObject) -> list[Any]:
    duration = int(item.real("duration", 0))
    return [attributes.audio(duration, title=item.text("title", ""), performer=item.text("performer", ""))]


def _voice(item: JsonObject) -> list[Any]:
    return [attributes.voice(int(item.real("duration", 0)))]


def _sticker(item: JsonObject) -> list[Any]:
    size = attributes.image_size(item.number("width", 512), item.number("height", 512))
    return [size, attributes.sticker(item.text("emoji", ""))]


def _video_size(item: JsonObject) -> tuple[float, int, int]:
    """Duration in seconds, width and height in pixels."""
    return item.real("duration", 0.0), item.number("width", 0), item.number("height", 0)


def _nothing(item: JsonObject) -> list[Any]:
    return []


KINDS: dict[str, Callable[[JsonObject], list[Any]]] = {
    "document": _nothing,
    "photo": _nothing,
    "video": _video,
    "video_note": _video_note,
    "animation": _animation,
    "audio": _audio,
    "voice": _voice,
    "sticker": _sticker,
}


def attributes_of(kind: str, item: JsonObject) -> list[Any]:
    """The raw.types.DocumentAttribute* of a file of that kind, without its name."""
    return KINDS[kind](item)
