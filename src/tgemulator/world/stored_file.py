"""A stored file and its thumbnails as plain data; files.py makes and finds them, media.py puts them into TL."""

from dataclasses import dataclass, field
from typing import Any

from tgemulator.world.content import Content


@dataclass(frozen=True, slots=True)
class Thumb:
    """A smaller picture of a file: `type` is Telegram's size letter (s, m, x, y; i for stripped bytes)."""

    type: str
    width: int
    height: int
    content: Content


@dataclass(slots=True, eq=False)
class StoredFile:
    """One file: its DC, content and description. `kind` is "document" or "photo".

    `cdn`: clients that support it are redirected to the CDN DC. `hashed`: upload.getFileHashes and the CDN methods
    return its hashes. `epoch` grows as references expire.
    """

    id: int
    dc_id: int
    content: Content
    mime_type: str
    kind: str
    date: int
    name: str = ""
    attributes: list[Any] = field(default_factory=list)
    thumbs: list[Thumb] = field(default_factory=list)
    cdn: bool = False
    hashed: bool = True
    epoch: int = 0

    @property
    def size(self) -> int:
        """Length of the content in bytes."""
        return self.content.size
