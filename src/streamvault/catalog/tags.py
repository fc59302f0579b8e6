"""The #hashtags of files, as spelt; the same for every database."""

from collections.abc import Sequence

from streamvault.catalog.words import fold
from streamvault.media.hashtags import hashtags
from streamvault.media.model import MediaFile

MAX_TAGS = 20


def tags_of(file: MediaFile, text: str) -> tuple[str, ...]:
    """The tags of a file whose text, its own or that of its album, is `text` (Entry.text)."""
    told = file.parts[0] if file.parts else file.sent
    return tags(text, told.tags if told and file.caption else None)


def tags(caption: str, marked: Sequence[str] | None = None) -> tuple[str, ...]:
    """The #hashtags of a caption as spelt, in order, at most MAX_TAGS; of those that fold alike the first.

    `marked` are those that Telegram marked, where they are others than those of its rule.
    """
    found: dict[str, str] = {}
    for tag in hashtags(caption) if marked is None else marked:
        found.setdefault(fold(tag), tag)
    return tuple(found.values())[:MAX_TAGS]
