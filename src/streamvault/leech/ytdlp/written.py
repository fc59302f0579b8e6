"""A video that yt-dlp has written to the disk: which files are complete, and the video as a Source.

Only what the child reported as complete is posted. That is kept in a file beside it, so that a worker that takes over
neither posts what was being written when the other one was killed, nor fetches again what was complete.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from streamvault.errors import SourceFailed
from streamvault.leech.model import Described
from streamvault.leech.sources.base import Checkpoint, Opened, SourceChanged
from streamvault.leech.ytdlp.lines import Beside, Entry, Written
from streamvault.leech.ytdlp.naming import video_name
from streamvault.media.types import type_of

MARK = "complete.json"
_BLOCK = 1 << 20
_UNFINISHED = re.compile(r"\.(?:part|ytdl)\Z|\.part-Frag|\Afile\.f[^.]+\.[^.]+\Z")
"""What yt-dlp goes on with."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A complete video in a folder: what it is called, its file's name in the folder, and what tells that file from
    another; subtitles and picture likewise.
    """

    id: str
    name: str
    path: str
    size: int
    changed: int
    subtitles: tuple[Beside, ...] = ()
    picture: str | None = None


def keep(folder: Path, entry: Entry, written: Written) -> Kept:
    """Note what is complete. Raises SourceFailed for a file that is none of the folder."""
    path = _inside(folder, written.path)
    found = path.stat()
    ending = path.suffix.removeprefix(".")
    sides = [one for one in written.subtitles if one.path is not None and (folder / Path(one.path).name).is_file()]
    subtitles = tuple(Beside(one.language, one.ext, None, _inside(folder, one.path or "").name) for one in sides)
    pictures = [_inside(folder, one).name for one in written.pictures if (folder / Path(one).name).is_file()]
    kept = Kept(
        entry.id, video_name(entry, ending), path.name, found.st_size, found.st_mtime_ns, subtitles,
        next(iter(pictures), None),
    )  # fmt: skip
    (folder / f"{MARK}.new").write_text(json.dumps(asdict(kept)))
    (folder / f"{MARK}.new").rename(folder / MARK)
    return kept


def kept_in(folder: Path) -> Kept | None:
    """What was noted as complete and is still so; without that, what may have been cut off is removed."""
    try:
        value: dict[str, Any] = json.loads((folder / MARK).read_text())
        kept = Kept(**(value | {"subtitles": tuple(Beside(**one) for one in value["subtitles"])}))
        found = (folder / kept.path).stat()
        if (found.st_size, found.st_mtime_ns) == (kept.size, kept.changed):
            return kept
    except (OSError, ValueError, TypeError, KeyError):
        pass
    if folder.is_dir():
        for path in folder.iterdir():
            if path.is_file() and not _UNFINISHED.search(path.name):
                path.unlink()
    return None


class WrittenVideo:
    """`kept` in `folder` as a Source."""

    def __init__(self, folder: Path, kept: Kept) -> None:
        self._path = folder / kept.path
        self._kept = kept

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open."""
        kept = self._kept
        state = {"ytdlp": kept.id, "changed": str(kept.changed)}
        offset = 0
        if checkpoint is not None:
            known = checkpoint.state or {}
            if {name: known.get(name) for name in state} != state or checkpoint.described.size != kept.size:
                raise SourceChanged
            offset, state = checkpoint.offset, {**known, **state}
        described = Described(kept.name, kept.size, type_of(kept.name), resumable=True)
        yield Opened(described, offset, self._blocks(offset), state)

    async def _blocks(self, offset: int) -> AsyncIterator[bytes]:
        with await asyncio.to_thread(self._path.open, "rb") as file:
            await asyncio.to_thread(file.seek, offset)
            while block := await asyncio.to_thread(file.read, _BLOCK):
                yield block


def _inside(folder: Path, name: str) -> Path:
    """A regular file in a folder. Raises SourceFailed for another one."""
    path = folder / Path(name).name
    if path.is_symlink() or not path.is_file() or (folder / name).resolve() != path.resolve():
        raise SourceFailed("yt-dlp reported a file that it did not write")
    return path
