"""Blocks of bytes regrouped into parts of one size, one of them held back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from streamvault.media.uploads import PART


@dataclass(frozen=True, slots=True)
class Part:
    """PART bytes, or the rest of the file; `last`: the file ends with it."""

    data: bytes
    last: bool


async def regroup(blocks: AsyncIterator[bytes]) -> AsyncIterator[Part]:
    """Parts of PART bytes, the last one with what is left; none for a file without bytes.

    A part is given out when a byte behind it has come, or the end: Telegram has to be told of the last part that it is
    the last, and takes none without bytes.
    """
    held = bytearray()
    async for block in blocks:
        view = memoryview(block)
        while len(view):
            if len(held) == PART:
                yield Part(bytes(held), last=False)
                held.clear()
            room = PART - len(held)
            held += view[:room]
            view = view[room:]
    if held:
        yield Part(bytes(held), last=True)
