"""Files as they are uploaded to Telegram: parts, limits, and the message that holds one; pure."""

from dataclasses import dataclass
from typing import Any

PART = 512 * 1024
"""Bytes of an uploaded part: the largest that Telegram takes (core.telegram.org/api/files#uploading-files)."""
REQUESTS_PER_CONNECTION = 8
"""Parts on their way over one connection at a time, at most."""
SMALL_FILE = 10 * 1024 * 1024
"""Bytes up to which a file goes by upload.saveFilePart; above, and where the size is unknown, by saveBigFilePart."""

MAX_THUMB = 200_000
"""Bytes of a thumbnail; Telegram ignores larger ones (core.telegram.org/bots/api#inputfile)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the account may do now. `parts`: of one file (4,000; 8,000 with Premium); `connections`: to upload by."""

    parts: int
    connections: int

    @property
    def piece(self) -> int:
        """Bytes of the largest file that one message holds."""
        return self.parts * PART


@dataclass(frozen=True, slots=True)
class Video:
    """How a video is shown: seconds, and its size in pixels as it is displayed."""

    duration: float | None
    width: int
    height: int
    streaming: bool
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Audio:
    """How a piece of music is listed; seconds."""

    duration: float | None
    title: str | None = None
    performer: str | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that Telegram shows, and makes smaller; it goes without a name. `width` and `height` in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Original:
    """How another message shows the file, for a post that shows it the same; values of Telegram that only telegram/
    makes and reads. `attributes`: of a document, None for what the post says; `entities`: of the caption.
    """

    attributes: tuple[Any, ...] | None = None
    entities: tuple[Any, ...] = ()
    spoiler: bool = False
    caption_above: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """Messages `ids` of the chat `source` that are sent to `chat_id` anew, without their sender, at once. `keys`: one
    for each, as in Post. `files`: the file_unique_id of each. `since`: as in Post.
    """

    chat_id: int
    source: int
    ids: tuple[int, ...]
    keys: tuple[str, ...]
    files: tuple[str, ...]
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Post:
    """One message with an uploaded file. `parts`: how many there are. `big`: it went by saveBigFilePart. `key`: equal
    for the same message, however often it is sent; Telegram's random_id is made of it. `caption` is plain text.
    `thumb`: a baseline JPEG of at most 320 pixels and 200 kB, left out where it is not. `since`: when the upload began
    (Unix seconds), so that no older message can be this one; 0 where nobody knows. `original`: None for a file that
    comes from no message.
    """

    chat_id: int
    key: str
    file_id: int
    parts: int
    big: bool
    name: str
    size: int
    mime_type: str
    caption: str = ""
    shown_as: Video | Audio | Photo | None = None
    thumb: bytes | None = None
    reply_to: int | None = None
    since: float = 0.0
    original: Original | None = None
