"""Values that describe one file in Telegram; they carry no connection and no account."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["video", "audio", "voice", "animation", "photo", "sticker", "video_note", "document"]


@dataclass(frozen=True, slots=True)
class FileKey:
    """Identifies a file for every account and in every message; the key of the caches.

    A thumbnail shares the file_unique_id of its file, so `thumb_size` tells them apart ("" is the file itself).
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

    `kind` and `mime_type` are the message's own, so that a whole can be split again; `tags` as in Sent. `modified` in
    Unix seconds.
    """

    key: FileKey
    origin: Origin
    dc_id: int
    name: str
    size: int
    kind: Kind = "document"
    mime_type: str = "application/octet-stream"
    modified: int = 0
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What the message itself says: Telegram's kind, the sender's file name ("" if none) and MIME type ("" if none).

    `tags`: the hashtags that Telegram marked in its text; None where they are those of the rule (hashtags.py).
    """

    kind: Kind
    name: str
    mime_type: str
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file as a message shows it. `size` in bytes, `date` and `edit_date` in Unix seconds (UTC).

    `name` is the sender's, or a generated one with the right extension; it may hold any character. `duration` is in
    seconds. `thumb_sizes` are the letters of Telegram's thumbnails, small to large. `album` is the id of the group of
    messages that were posted together; `views` as last reported by Telegram; `forwarded_from` is a chat id.
    `in_group`: somebody sent it to a group; it is no post of a channel.
    `stripped` is the stripped thumbnail that Telegram sends with the message (see placeholder.py), b"" if none.
    `parts`, in order: the pieces of a cut file whose first piece is in this message; `key` is then the whole's own.
    `part_of`: this is such a piece, and lists show the whole at that message instead.
    `kind`, `name` and `mime_type` are decided (classification.py) from `sent`, which is None for joined files, and for
    those that were stored before it was kept.
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
    sent: Sent | None = None
    in_group: bool = False

    @property
    def modified(self) -> int:
        """Unix seconds: the latest of date, edit_date and those of all pieces (for Last-Modified)."""
        return max(self.date, self.edit_date or 0, *(part.modified for part in self.parts))

    @property
    def telegram_kind(self) -> Kind:
        """What Telegram sent it as; of a joined file, its first piece."""
        if self.sent is not None:
            return self.sent.kind
        return self.parts[0].kind if self.parts else self.kind

    @property
    def messages(self) -> tuple[Origin, ...]:
        """The messages that hold it: one for each piece, or its own."""
        return tuple(part.origin for part in self.parts) or (self.origin,)
