"""A source as the ZIP archive of its file.

What a later reading needs stands in the checkpoint's state: what the source said of the file, the name that it has in
the archive, and the CRC-32 at the places from which it may go on. Where that is not known for a place (Telegram lost
the parts of a message that began long before), the file is read again from the last place of which it is.
"""

import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace

from streamvault.errors import SourceFailed
from streamvault.leech.file_names import LONGEST, clean_name, posted_name, shortened
from streamvault.leech.model import Described
from streamvault.leech.packing.checksums import Checksums
from streamvault.leech.packing.framing import ENDING, Framing
from streamvault.leech.sources.base import Checkpoint, Opened, Source, SourceChanged
from streamvault.media.uploads import PART

MIME_TYPE = "application/zip"
FILE, NAMES, SUMS, WHOLE = "zip_file", "zip_names", "zip_sums", "zip_whole"
"""Keys of the state: Described of the file; its name and the archive's; Checksums; size and CRC-32 of all of it."""


@dataclass(frozen=True, slots=True)
class _Archive:
    """What was begun. `described` is of the file."""

    described: Described
    name: str
    archive_name: str

    @property
    def framing(self) -> Framing:
        return Framing(self.name, self.described.size)

    @property
    def shown(self) -> Described:
        """The archive as a file."""
        return replace(self.described, name=self.archive_name, size=self.framing.whole, mime_type=MIME_TYPE)

    @property
    def state(self) -> dict[str, str]:
        return {FILE: json.dumps(asdict(self.described)), NAMES: json.dumps([self.name, self.archive_name])}

    @staticmethod
    def of(state: dict[str, str]) -> "_Archive":
        return _Archive(Described(**json.loads(state[FILE])), *json.loads(state[NAMES]))


class ZipSource:
    """See the module. `wished`: the name of the file or the archive that somebody wants."""

    def __init__(self, source: Source, wished: str | None = None) -> None:
        self._source = source
        self._wished = wished

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open."""
        if checkpoint is None:
            async with self._source.open(None) as opened:
                archive = _Archive(opened.described, *packed_names(opened.described.name, self._wished))
                sums = Checksums(len(archive.framing.head))
                yield _opened(archive, opened, _Writing(archive.framing, sums, opened.state), 0)
            return
        state = checkpoint.state or {}
        if FILE not in state:
            raise SourceChanged
        archive = _Archive.of(state)
        if WHOLE in state and checkpoint.offset >= len(archive.framing.head) + _whole(state)[0]:
            yield Opened(
                archive.shown, checkpoint.offset, _rest(archive.framing, state, checkpoint.offset), dict(state)
            )
            return
        async with self._continued(archive, checkpoint, state) as opened:
            yield opened

    @asynccontextmanager
    async def _continued(
        self, archive: _Archive, checkpoint: Checkpoint, state: dict[str, str]
    ) -> AsyncIterator[Opened]:
        head = len(archive.framing.head)
        sums = Checksums.read(head, state.get(SUMS, ""))
        wanted = max(0, checkpoint.offset - head)
        at, crc = sums.before(wanted)
        tail = checkpoint.tail if at == wanted and checkpoint.tail and checkpoint.tail[0] <= at else None
        async with self._source.open(Checkpoint(archive.described, at, tail, state)) as opened:
            if opened.offset != at or not _is_same(opened.described, archive.described):
                raise SourceChanged
            opened.state[SUMS] = str(sums)
            writing = _Writing(archive.framing, sums, opened.state, at, crc)
            yield _opened(archive, opened, writing, checkpoint.offset)


class _Writing:
    """The bytes of an archive from a place in its file on, before which `size` bytes have this CRC-32."""

    def __init__(self, framing: Framing, sums: Checksums, state: dict[str, str], size: int = 0, crc: int = 0) -> None:
        self._framing, self._sums, self._state = framing, sums, state
        self._head = len(framing.head)
        self.size, self.crc = size, crc

    @property
    def position(self) -> int:
        """Where in the archive it begins."""
        return self._head + self.size if self.size else 0

    async def blocks(self, file: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Raises SourceFailed for a file of another size than was told."""
        if not self.size:
            yield self._framing.head
        async for block in file:
            view = memoryview(block)
            while len(view):
                part = view[: PART - (self._head + self.size) % PART]
                self._count(part)
                yield bytes(part)
                view = view[len(part) :]
        if self._framing.size not in (None, self.size):
            raise SourceFailed(f"the file has {self.size:,} bytes, and not the {self._framing.size:,} that were told")
        self._state[WHOLE] = f"{self.size} {self.crc}"
        yield self._framing.tail(self.size, self.crc)

    def _count(self, part: memoryview) -> None:
        self.crc = zlib.crc32(part, self.crc)
        self.size += len(part)
        number, over = divmod(self._head + self.size, PART)
        if not over:
            self._sums.add(number, self.crc)
            self._state[SUMS] = str(self._sums)


def packed_names(told: str, wished: str | None) -> tuple[str, str]:
    """The name of a file in its archive, and that of the archive."""
    wanted = clean_name(wished or "", fallback="")
    if wanted.lower().endswith(ENDING):
        return clean_name(told), wanted
    name = shortened(posted_name(told, wished), LONGEST - len(ENDING))
    return name, name + ENDING


def _opened(archive: _Archive, opened: Opened, writing: _Writing, offset: int) -> Opened:
    opened.state.update(archive.state)
    blocks = _from(writing.blocks(opened.blocks), offset - writing.position)
    return Opened(archive.shown, offset, blocks, opened.state)


async def _from(blocks: AsyncIterator[bytes], left_out: int) -> AsyncIterator[bytes]:
    """Without the first bytes."""
    async for block in blocks:
        if left_out < len(block):
            yield block[left_out:]
        left_out = max(0, left_out - len(block))


async def _rest(framing: Framing, state: dict[str, str], offset: int) -> AsyncIterator[bytes]:
    size, crc = _whole(state)
    yield framing.tail(size, crc)[offset - len(framing.head) - size :]


def _whole(state: dict[str, str]) -> tuple[int, int]:
    size, crc = state[WHOLE].split()
    return int(size), int(crc)


def _is_same(now: Described, before: Described) -> bool:
    return now.size == before.size or before.size is None
