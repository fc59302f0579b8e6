"""Pieces of files, and the messages of what was joined of them."""

from collections.abc import Sequence
from typing import Any

from streamvault.media.model import MediaFile
from tests.support.files import media_file

MIB = 1 << 20


def one(message_id: int, name: str, size: int = MIB, **changes: Any) -> MediaFile:
    plain: dict[str, Any] = {"kind": "document", "mime_type": "application/octet-stream", "duration": None}
    return media_file(message_id, name=name, size=size, **{**plain, **changes})


def pieces(name: str, sizes: Sequence[int], *, first: int = 1, message: int = 1, **changes: Any) -> list[MediaFile]:
    """Pieces called `name` (with {} for the number), one message after the other."""
    return [one(message + i, name.format(first + i), size, **changes) for i, size in enumerate(sizes)]


def messages(file: MediaFile | None) -> list[int]:
    assert file is not None
    return [part.origin.message_id for part in file.parts]
