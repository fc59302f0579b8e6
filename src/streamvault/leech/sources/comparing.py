"""Whether a source still holds the file that was begun."""

import hashlib

from streamvault.errors import SourceFailed
from streamvault.leech.sources.base import Checkpoint, SourceChanged
from streamvault.leech.sources.hosts import Hosts
from streamvault.leech.sources.stream import Body, Stream
from streamvault.leech.sources.wire import Cut

AGAIN = 60.0
"""Seconds after which a file that was still being written is asked for again."""


async def take_before(stream: Stream[Body], start: int, offset: int, host: str) -> bytes:
    """The bytes from `start` up to `offset`, fewer where the answer ends before. Raises SourceFailed."""
    try:
        await stream.skip(start - stream.position)
        return await stream.take(offset - start)
    except Cut as error:
        raise SourceFailed(f"{host} {error} before the byte to go on from") from None


def check_tail(before: bytes, checkpoint: Checkpoint, *, certain: bool, host: str) -> None:
    """Raises SourceChanged unless `before` are the bytes whose hash was kept. `certain`: whether it is the same file
    by what the server says, which decides where none was kept.
    """
    size, digest = checkpoint.tail or (0, "")
    if not (hashlib.sha256(before).hexdigest() == digest if size else certain):
        raise SourceChanged(f"the file at {host} holds other bytes than before")


def refuse_total(hosts: Hosts, *, key: str, host: str, size: int, total: int) -> None:
    """The error for a file of `size` bytes that has `total` now: SourceFailed as long as it grows from one question
    to the next, else SourceChanged. `key`: what stands for its address.
    """
    if total > size and hosts.grows(key, total):
        raise SourceFailed(f"the file is still being written at {host}", retry_after=AGAIN)
    raise SourceChanged(f"the file at {host} has another size than before")
