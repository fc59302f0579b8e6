"""Uploaded parts of files, kept on disk until a message uses them or they expire.

Each part has a slot of the largest part size in a sparse file, so that parts may arrive in any order
before their size is known. Rules: core.telegram.org/api/files#uploading-files.
"""

import hashlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tgemulator.errors import RpcError
from tgemulator.world.content import BytesContent, Content

MAX_PART = 524_288
SMALL_FILE = 10 * 1024 * 1024
_IN_MEMORY = 256 * 1024


@dataclass(slots=True, eq=False)
class Upload:
    """The parts of one file so far: sizes in bytes by part number; `total` parts, None while unknown."""

    path: Path
    touched: float
    total: int | None = None
    sizes: dict[int, int] = field(default_factory=dict)


class UploadedContent:
    """A finished upload, read from its slots. See Content."""

    def __init__(self, path: Path, *, part_size: int, size: int) -> None:
        self._path = path
        self._part_size = part_size
        self._size = size

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._size

    def read(self, offset: int, limit: int) -> bytes:
        """See Content.read."""
        stop = min(offset + limit, self._size)
        pieces: list[bytes] = []
        with self._path.open("rb", buffering=0) as file:
            while offset < stop:
                part, within = divmod(offset, self._part_size)
                length = min(self._part_size - within, stop - offset)
                pieces.append(os.pread(file.fileno(), length, part * MAX_PART + within))
                offset += length
        return b"".join(pieces)


class UploadStore:
    """Unfinished uploads of all accounts; one expires `lifetime` seconds after its last part.

    `folder`: where parts are kept; None makes a temporary one. Either is removed by `close()`.
    """

    def __init__(self, clock: Callable[[], float], *, folder: Path | None = None) -> None:
        self.lifetime = 3600.0
        self._clock = clock
        self._folder = folder
        self._cleanup: weakref.finalize[..., Any] | None = None
        self._uploads: dict[tuple[int, int, bool], Upload] = {}
        self._made = 0

    def save(self, key: tuple[int, int, bool], part: int, *, data: bytes, total: int | None, most: int) -> None:
        """Store one part of (account, file_id, big); at most `most` parts.

        RpcError 400 FILE_PART_EMPTY, _TOO_BIG, _INVALID, FILE_PARTS_INVALID, and those of check_part_sizes.
        """
        self._forget_old()
        if not data:
            raise RpcError(400, "FILE_PART_EMPTY")
        if len(data) > MAX_PART:
            raise RpcError(400, "FILE_PART_TOO_BIG")
        if total is not None and not 1 <= total <= most:
            raise RpcError(400, "FILE_PARTS_INVALID")
        if not 0 <= part < (total or most):
            raise RpcError(400, "FILE_PART_INVALID")
        upload = self._uploads.get(key) or Upload(self._new_path(), self._clock())
        self._check(upload, part, length=len(data), total=total, big=key[2])
        self._uploads[key] = upload
        upload.sizes[part] = len(data)
        upload.total = upload.total or total
        upload.touched = self._clock()
        _write_slot(upload.path, part, data=data)

    def finish(self, account_id: int, input_file: Any, *, big: bool, most: int) -> Content:
        """Take the content that an InputFile or InputFileBig names; a later part of its id begins a new upload."""
        content = self.look(account_id, input_file, big=big, most=most)
        return _in_memory(content, self._uploads.pop((account_id, input_file.id, big)).path)

    def look(self, account_id: int, input_file: Any, *, big: bool, most: int) -> Content:
        """The content that an InputFile or InputFileBig names; the upload remains.

        RpcError 400 FILE_PART_X_MISSING, FILE_PARTS_INVALID, MD5_CHECKSUM_INVALID.
        """
        self._forget_old()
        key = (account_id, input_file.id, big)
        upload = self._uploads.get(key)
        if not 1 <= input_file.parts <= most:
            raise RpcError(400, "FILE_PARTS_INVALID")
        sizes = upload.sizes if upload else {}
        missing = next((part for part in range(input_file.parts) if part not in sizes), None)
        if missing is not None:
            raise RpcError(400, f"FILE_PART_{missing}_MISSING")
        if upload is None or len(sizes) > input_file.parts or upload.total not in (None, input_file.parts):
            raise RpcError(400, "FILE_PARTS_INVALID")
        content = UploadedContent(upload.path, part_size=sizes[0], size=sum(sizes.values()))
        if not big and input_file.md5_checksum and input_file.md5_checksum.lower() != _md5(content):
            raise RpcError(400, "MD5_CHECKSUM_INVALID")
        return content

    def expire(self) -> None:
        """Drop every part of every unfinished upload."""
        self._forget(self._uploads)

    def close(self) -> None:
        """Drop every part and remove the folder."""
        self._uploads.clear()
        if self._cleanup is not None:
            self._cleanup()
            self._cleanup = None

    def _check(self, upload: Upload, part: int, *, length: int, total: int | None, big: bool) -> None:
        """RpcError 400 unless one more part fits the parts that are there."""
        if upload.total is not None and total is not None and upload.total != total:
            raise RpcError(400, "FILE_PARTS_INVALID")
        sizes = {number: size for number, size in upload.sizes.items() if number != part}
        if not big and sum(sizes.values()) + length > SMALL_FILE:
            raise RpcError(400, "FILE_PARTS_INVALID")
        check_part_sizes(sizes, part, length=length, total=total or upload.total)

    def _forget_old(self) -> None:
        """Drop uploads that got no part for `lifetime` seconds."""
        oldest = self._clock() - self.lifetime
        self._forget(key for key, upload in self._uploads.items() if upload.touched < oldest)

    def _forget(self, keys: Iterable[tuple[int, int, bool]]) -> None:
        for key in list(keys):
            self._uploads.pop(key).path.unlink(missing_ok=True)

    def _new_path(self) -> Path:
        """A path for the next upload, in a folder that is removed with this store."""
        if self._cleanup is None:
            self._folder = _empty_folder(self._folder)
            self._cleanup = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        assert self._folder is not None
        self._made += 1
        return self._folder / f"{self._made}.parts"


def check_part_sizes(sizes: dict[int, int], part: int, *, length: int, total: int | None) -> None:
    """Every part but the last has the same legal size: a multiple of 1024 that divides 524,288.

    While `total` is unknown, the highest part seen counts as the last. RpcError 400 FILE_PART_SIZE_INVALID,
    FILE_PART_TOO_SMALL or FILE_PART_SIZE_CHANGED.
    """
    known = {**sizes, part: length}
    last = total - 1 if total is not None else max(known)
    full = {size for number, size in known.items() if number != last}
    if part != last and length < 1024:
        raise RpcError(400, "FILE_PART_TOO_SMALL")
    if part != last and (length % 1024 or MAX_PART % length):
        raise RpcError(400, "FILE_PART_SIZE_INVALID")
    if len(full) > 1 or any(known.get(last, 0) > size or size % 1024 or MAX_PART % size for size in full):
        raise RpcError(400, "FILE_PART_SIZE_CHANGED")


def _empty_folder(folder: Path | None) -> Path:
    """The given folder, emptied of what an earlier process left there; or a new temporary one."""
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="tgemulator-"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def _write_slot(path: Path, part: int, *, data: bytes) -> None:
    """Write one part into its slot of the sparse file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        written = os.pwrite(descriptor, data, part * MAX_PART)
    finally:
        os.close(descriptor)
    if written != len(data):
        raise RpcError(500, "FILE_WRITE_FAILED")


def _md5(content: Content) -> str:
    """Hexadecimal MD5, which is what the API asks for; it is no protection against attacks."""
    digest = hashlib.md5(usedforsecurity=False)
    for offset in range(0, content.size, MAX_PART):
        digest.update(content.read(offset, MAX_PART))
    return digest.hexdigest()


def _in_memory(content: Content, path: Path) -> Content:
    """Move a small file into memory: thumbnails and photos may be many."""
    if content.size > _IN_MEMORY:
        return content
    data = content.read(0, content.size)
    path.unlink()
    return BytesContent(data)
