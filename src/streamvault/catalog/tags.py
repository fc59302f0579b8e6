"""The #hashtags of files, as spelt; the same for every database."""

from streamvault.catalog.words import fold
from streamvault.media.hashtags import hashtags
from streamvault.media.model import MediaFile, Sent

MAX_TAGS = 20


def tags_of(file: MediaFile, text: str) -> tuple[str, ...]:
    """The tags of a file whose text, its own or that of its album, is `text` (Entry.text)."""
    return tags(text, file.sent if file.caption else None)


def tags(caption: str, sent: Sent | None = None) -> tuple[str, ...]:
    """The #hashtags of a caption as spelt, in order, at most MAX_TAGS; of those that fold alike the first.

    `sent` says which they are where Telegram marked others than its rule would.
    """
    found: dict[str, str] = {}
    for tag in hashtags(caption) if sent is None or sent.tags is None else sent.tags:
        found.setdefault(fold(tag), tag)
    return tuple(found.values())[:MAX_TAGS]
