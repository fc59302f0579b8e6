"""Values that describe one file in Telegram; they carry no connection and no account."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["video", "audio", "voice", "animation", "photo", "sticker", "video_note", "document"]


@dataclass(frozen=True, slots=True)
class FileKey:
    """What stays the same for every account and message: the cache key of a file.

    A thumbnail carries its file's own file_unique_id, hence `thumb_size` ("" is the file itself).
    """

    file_unique_id: str
    thumb_size: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The chat (as Telegram's clients write it, `-100...` for channels) and message of a file."""

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a file that was cut: a file of its own in a message of its own; `size` in bytes.

    With `kind` and `mime_type` as that message shows them, a whole can be taken apart again. `modified` in Unix
    seconds.
    """

    key: FileKey
    origin: Origin
    dc_id: int
    name: str
    size: int
    kind: Kind = "document"
    mime_type: str = "application/octet-stream"
    modified: int = 0


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file as a message shows it. `size` in bytes, `date` and `edit_date` in Unix seconds (UTC).

    `name` is what the sender called it, or a made-up one with the right extension; it may hold any
    character. `duration` is in seconds. `thumb_sizes` are the letters Telegram offers, small to large.
    `album` groups messages that were posted together; `views` as Telegram last told; `forwarded_from` is a chat.
    `stripped` is the tiny picture that Telegram sends with the message (see placeholder.py), b"" if there is none.
    `parts`, in order: the pieces of a file that was cut, whose first piece is in this message; the key is the
    whole's own then. `part_of`: this is such a piece, and the whole is listed at that message in its place.
    """

    key: FileKey
    origin: Origin
    dc_id: int
    kind: Kind
    name: str
    size: int
    mime_type: str
    date: int
    edit_date: int | None = None
    caption: str = ""
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    title: str = ""
    performer: str = ""
    thumb_sizes: tuple[str, ...] = ()
    stripped: bytes = b""
    album: int | None = None
    views: int | None = None
    forwarded_from: int | None = None
    parts: tuple[Part, ...] = ()
    part_of: Origin | None = None

    @property
    def modified(self) -> int:
        """Unix seconds of the latest of date, edit_date and the same of all pieces (Last-Modified)."""
        return max(self.date, self.edit_date or 0, *(part.modified for part in self.parts))
