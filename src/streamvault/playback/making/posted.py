"""Looks into a file that is about to be posted: what it holds, its title, and a picture of it."""

from collections.abc import Iterable, Mapping
from typing import Any

import av
from PIL import Image

from streamvault.playback.making.opened import open_file, probe_other
from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Facts
from streamvault.playback.packing import facts_to_json
from streamvault.reading.frames.extraction import MOST_PIXELS, QUALITY, taken, to_jpeg
from streamvault.reading.sandbox.model import BoundedFile, Call

MOST_TEXT = 200
"""Characters of a title."""


def look(call: Call) -> Mapping[str, Any]:
    """A JobFunction: writes a JPEG, or nothing; `{"facts": see facts_to_json, "title": text, "performer": text}`.

    Its argument `held` are the spans (start, end) of the file that there are; elsewhere it reads as if it ended.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    file = HeldFile(call.file, [(int(start), int(end)) for start, end in call.arguments["held"]])
    facts = _facts(file)
    tags = _tags(file) if facts.container and facts.video is None else {}
    picture = taken(file, facts.duration or 0.0) if facts.container else None
    if picture is not None:
        call.write(to_jpeg(picture.convert("RGB"), quality=QUALITY))
    title, performer = tags.get("title", ""), tags.get("artist", "") or tags.get("album_artist", "")
    return {"facts": facts_to_json(facts), "title": title, "performer": performer}


class HeldFile:
    """A BoundedFile of which only some spans can be read."""

    def __init__(self, file: BoundedFile, spans: Iterable[tuple[int, int]]) -> None:
        self.size = file.size
        self._file = file
        self._spans = list(spans)

    @property
    def most(self) -> int:
        """See BoundedFile."""
        return self._file.most

    @most.setter
    def most(self, most: int) -> None:
        self._file.most = most

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes, b"" where there are none."""
        at = self._file.tell()
        end = max((end for start, end in self._spans if start <= at < end), default=at)
        return self._file.read(end - at if count < 0 else min(count, end - at)) if end > at else b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """As io's."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As io's."""
        return self._file.tell()


def _facts(file: HeldFile) -> Facts:
    """What it holds; with container "" where it cannot be read."""
    found = probe_file(file).facts
    if found.container:
        return found
    try:
        with open_file(file) as container:
            return probe_other(container).facts
    except av.FFmpegError:
        return found


def _tags(file: HeldFile) -> dict[str, str]:
    """Tags of the file and its tracks, by their names in small letters; those of the file count."""
    try:
        with open_file(file) as container:
            sources = [*(stream.metadata for stream in list(container.streams)[:8]), container.metadata]
    except av.FFmpegError:
        return {}
    return {name.lower(): _printable(value) for metadata in sources for name, value in metadata.items()}


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:MOST_TEXT]
