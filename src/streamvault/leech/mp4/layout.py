"""A file with its index at the front, in terms of the file as its source has it; pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes from `start` of the new file on: `data`, or `length` bytes from `source` on of the old one."""

    start: int
    length: int
    source: int = 0
    data: bytes | None = field(default=None, repr=False)

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Layout:
    """The old file has `old_size` bytes, and at `old_start` an index of `old_length`; the new one has `moov` at `front`
    instead.
    """

    front: int
    old_start: int
    old_length: int
    old_size: int
    moov: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the new file."""
        return self.old_size - self.old_length + len(self.moov)

    def stretches(self, offset: int = 0) -> Iterator[Stretch]:
        """What the new file is made of from `offset` on; those of the old file are in its order."""
        behind = self.front + len(self.moov)
        old_end = self.old_start + self.old_length
        for whole in (
            Stretch(0, self.front),
            Stretch(self.front, len(self.moov), data=self.moov),
            Stretch(behind, self.old_start - self.front, self.front),
            Stretch(behind + self.old_start - self.front, self.old_size - old_end, old_end),
        ):
            skipped = max(0, offset - whole.start)
            if skipped < whole.length:
                data = whole.data if whole.data is None else whole.data[skipped:]
                yield Stretch(whole.start + skipped, whole.length - skipped, whole.source + skipped, data)
