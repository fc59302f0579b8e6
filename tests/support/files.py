"""Files to put into catalogs and under links."""

import dataclasses
from typing import Any

from streamvault.indexing.messages import MessageSource
from streamvault.media.model import FileKey, MediaFile, Origin

CHANNEL = -1001500000001


async def file_at(messages: MessageSource, place: tuple[int, int]) -> MediaFile:
    """The file of one message."""
    chat_id, message_id = place
    return (await messages.read(chat_id, [message_id]))[message_id]


def media_file(message_id: int = 1, *, chat_id: int = CHANNEL, **changes: Any) -> MediaFile:
    """A video in a channel; `changes` are fields of MediaFile."""
    file = MediaFile(
        key=FileKey(f"unique-{chat_id}-{message_id}"),
        origin=Origin(chat_id, message_id),
        dc_id=2,
        kind="video",
        name=f"film {message_id}.mp4",
        size=1_000_000 + message_id,
        mime_type="video/mp4",
        date=1_700_000_000 + message_id,
        duration=61.5,
        width=1920,
        height=1080,
        thumb_sizes=("m",),
    )
    return dataclasses.replace(file, **changes)
