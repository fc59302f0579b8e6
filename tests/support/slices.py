"""Contents of files that are pieces of one content, for the emulated Telegram."""

from collections.abc import Sequence
from dataclasses import dataclass

from tgemulator.world.content import Content


@dataclass(frozen=True, slots=True)
class Slice:
    """`size` bytes of another content, from `start` on."""

    whole: Content
    start: int
    size: int

    def read(self, offset: int, limit: int) -> bytes:
        """See Content.read."""
        return self.whole.read(self.start + offset, max(0, min(limit, self.size - offset)))


def sliced(whole: Content, sizes: Sequence[int]) -> list[Slice]:
    """`whole` cut into pieces of these sizes."""
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    return [Slice(whole, start, size) for start, size in zip(starts, sizes, strict=True)]
