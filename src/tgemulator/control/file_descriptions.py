"""Stores the files that world files and the control API describe."""

import base64
import binascii
import mimetypes
from pathlib import Path
from typing import Any

from tgemulator.control.file_kinds import KINDS, attributes_of
from tgemulator.control.json_object import JsonObject
from tgemulator.emulator import Emulator
from tgemulator.world.content import BytesContent, Content, DiskContent, SyntheticContent
from tgemulator.world.images import image_size
from tgemulator.world.stored_file import StoredFile, Thumb
from tgemulator.world.thumbs import with_stripped

MAX_SIZE = 2**40
_SOURCES = ("path", "size", "base64")
_DEFAULT_MIME = {
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg",
    "photo": "image/jpeg",
    "sticker": "image/webp",
    "document": "application/octet-stream",
}


class FileDescriptions:
    """Stores described files. `folder`: where relative paths begin; None refuses paths (the control API)."""

    def __init__(self, emulator: Emulator, folder: Path | None) -> None:
        self._emulator = emulator
        self._folder = folder

    def under(self, item: JsonObject, key: str) -> StoredFile:
        """The file under this key: the id of a stored one, or the description of a new one."""
        return self._of(item, item.value(key))

    def all_under(self, item: JsonObject, key: str) -> list[StoredFile]:
        """The files of the list under this key; each as in `under`."""
        return [self._of(item, value, at=f"{key}[{number}]") for number, value in enumerate(item.array(key))]

    def _of(self, item: JsonObject, value: Any, at: str = "file") -> StoredFile:
        if isinstance(value, int) and not isinstance(value, bool):
            stored = self._emulator.files.files.get(value)
            if stored is None:
                raise item.wrong(f"{at}: there is no file {value}")
            return stored
        return self._new(item.inner(at, value))

    def _new(self, item: JsonObject) -> StoredFile:
        kind = item.text("kind", "document")
        if kind not in KINDS:
            raise item.wrong(f"kind is one of {', '.join(sorted(KINDS))}")
        content, default_name = self._content(item)
        name = item.text("name", default_name)
        mime_type = item.text("mime_type", mimetypes.guess_type(name)[0] or _DEFAULT_MIME[kind])
        dc_id = item.number("dc", self._emulator.config.dcs[0].id)
        if dc_id not in [dc.id for dc in self._emulator.config.dcs if not dc.cdn]:
            raise item.wrong(f"there is no DC {dc_id}")
        thumbs = with_stripped([self._thumb(item)] if item.has("thumb") else [])
        attributes, cdn = attributes_of(kind, item), item.flag("cdn")
        item.finish()
        return self._emulator.files.add(
            content,
            dc_id=dc_id,
            name=name,
            mime_type=mime_type,
            kind="photo" if kind == "photo" else "document",
            attributes=attributes,
            thumbs=thumbs,
            cdn=cdn,
        )

    def _content(self, item: JsonObject) -> tuple[Content, str]:
        """The content of a file, and a name for it if none is given."""
        given = [key for key in _SOURCES if item.has(key)]
        if len(given) != 1:
            raise item.wrong("needs one of path, size, base64")
        if given == ["path"]:
            path = item.text("path")
            return self._disk(item, path), Path(path).name
        if given == ["base64"]:
            return BytesContent(_decoded(item, "base64")), ""
        size, seed = item.number("size", high=MAX_SIZE), item.number("seed", 0, high=2**64 - 1)
        return SyntheticContent(size, seed), "" if self._folder is None else f"synthetic-{seed}.bin"

    def _thumb(self, item: JsonObject) -> Thumb:
        """A JPEG: a path in a world file, base64 in the control API."""
        if self._folder is None:
            content: Content = BytesContent(_decoded(item, "thumb"))
        else:
            content = self._disk(item, item.text("thumb"))
        width, height = image_size(content.read(0, 256 * 1024)) or (320, 180)
        return Thumb(type="m", width=width, height=height, content=content)

    def _disk(self, item: JsonObject, path: str) -> DiskContent:
        if self._folder is None:
            raise item.wrong("a path is for world files only: give the content as base64, or a size")
        try:
            return DiskContent(self._folder / path)
        except OSError as error:
            raise item.wrong(f"cannot read {self._folder / path}: {error.strerror}") from error


def _decoded(item: JsonObject, key: str) -> bytes:
    """The bytes of the base64 text under this key."""
    try:
        return base64.b64decode(item.text(key), validate=True)
    except (binascii.Error, ValueError):
        raise item.wrong(f"{key} is not base64") from None
