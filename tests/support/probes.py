"""Probes in memory, and a source of the bytes of real files, whole or cut into pieces."""

import dataclasses
from collections.abc import Collection, Mapping
from pathlib import Path

from streamvault.catalog.probes import MOST_LISTED, StoredProbe
from streamvault.errors import CatalogError
from streamvault.media.model import FileKey, MediaFile, Origin, Part
from tests.support.files import media_file


class MemoryProbes:
    """Probes over a dictionary; every call fails while `away`."""

    def __init__(self) -> None:
        self.rows: dict[str, StoredProbe] = {}
        self.queries = 0
        self.away = False

    async def get(self, file_unique_id: str) -> StoredProbe | None:
        self._check()
        return self.rows.get(file_unique_id)

    async def facts(self, file_unique_ids: Collection[str], *, version: int) -> Mapping[str, str]:
        self._check()
        self.queries += 1
        rows = ((key, row) for key, row in self.rows.items() if key in file_unique_ids)
        return {key: row.facts for key, row in rows if row.version == version and len(row.facts) <= MOST_LISTED}

    async def put(self, file_unique_id: str, probe: StoredProbe) -> None:
        self._check()
        self.rows[file_unique_id] = probe

    def _check(self) -> None:
        if self.away:
            raise CatalogError("the database does not answer")


class FilmSource:
    """A ChunkSource of real files, by file_unique_id."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.fetched = 0

    def whole(self, path: Path) -> MediaFile:
        """A message that holds the file."""
        data = path.read_bytes()
        file = media_file(1, size=len(data), name=path.name, key=FileKey(f"whole {path.name}"))
        self.data[file.key.file_unique_id] = data
        return file

    def cut(self, path: Path, size: int) -> MediaFile:
        """The file in pieces of `size` bytes, joined."""
        data, parts = path.read_bytes(), []
        for number, start in enumerate(range(0, len(data), size)):
            key, piece = FileKey(f"piece {number} {path.name}"), data[start : start + size]
            self.data[key.file_unique_id] = piece
            parts.append(Part(key, Origin(media_file(1).origin.chat_id, 1 + number), 2, f"{number}", len(piece)))
        whole = media_file(1, size=len(data), name=path.name, key=FileKey(f"joined {path.name}"))
        return dataclasses.replace(whole, parts=tuple(parts))

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        piece = self.data[file.key.file_unique_id][offset : offset + limit]
        self.fetched += len(piece)
        return piece
