"""Whether a source still holds the file that was begun."""

import hashlib

from streamvault.errors import SourceFailed
from streamvault.leech.sources.base import Checkpoint, SourceChanged
from streamvault.leech.sources.hosts import Hosts
from streamvault.leech.sources.stream import Body, Stream
from streamvault.leech.sources.wire import Cut

AGAIN = 60.0
"""Seconds after which a file that was still being written is asked for again."""


async def compare_tail(stream: Stream[Body], checkpoint: Checkpoint, *, certain: bool, host: str) -> bytes:
    """Read up to the checkpoint and return the bytes before it, whose hash is the one that was kept. `certain`:
    whether it is the same file by what the server says, which decides where none was kept. Raises SourceChanged,
    SourceFailed.
    """
    size, digest = checkpoint.tail or (0, "")
    try:
        await stream.skip(checkpoint.offset - size - stream.position)
        before = await stream.take(size)
    except Cut as error:
        raise SourceFailed(f"{host} {error} before the byte to go on from") from None
    same = hashlib.sha256(before).hexdigest() == digest if size else certain
    if not same or stream.position != checkpoint.offset:
        raise SourceChanged(f"the file at {host} holds other bytes than before")
    return before


def refuse_total(hosts: Hosts, *, key: str, host: str, size: int, total: int) -> None:
    """The error for a file of `size` bytes that has `total` now: SourceFailed as long as it grows from one question
    to the next, else SourceChanged. `key`: what stands for its address.
    """
    if total > size and hosts.grows(key, total):
        raise SourceFailed(f"the file is still being written at {host}", retry_after=AGAIN)
    raise SourceChanged(f"the file at {host} has another size than before")
