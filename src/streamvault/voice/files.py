"""Which files of the library can be played in a call, and as what they are queued."""

import re

from streamvault.media.model import MediaFile, Origin
from streamvault.voice.model import Item

_KINDS = frozenset({"video", "audio", "voice", "animation", "video_note"})
_PICTURES = frozenset({"video", "animation", "video_note"})
_OURS = re.compile(r"^/(?:watch|stream)/(-?[0-9]{1,19})/([0-9]{1,19})(?:/|$)")


def is_playable(file: MediaFile) -> bool:
    """Whether a call can play it."""
    return file.kind in _KINDS or file.mime_type.startswith(("audio/", "video/"))


def has_picture(file: MediaFile) -> bool:
    """Whether it has moving pictures."""
    return file.kind in _PICTURES or file.mime_type.startswith("video/")


def item_of(file: MediaFile, *, id: str, video: bool = False, track: int = 0, person: int | None = None) -> Item:
    """A file as an entry of a queue, with its picture where that is wished and there is one."""
    origin = file.origin
    return Item(
        id, origin.chat_id, origin.message_id, name_of(file), file.duration or None,
        video=video and has_picture(file), track=track, person=person,
    )  # fmt: skip


def name_of(file: MediaFile) -> str:
    """What people call it."""
    if file.title:
        return f"{file.performer} – {file.title}" if file.performer else file.title
    return file.name


def origin_in(path: str) -> Origin | None:
    """The message in the path of a page or stream of this server; None in others."""
    found = _OURS.match(path)
    return None if found is None else Origin(int(found[1]), int(found[2]))
