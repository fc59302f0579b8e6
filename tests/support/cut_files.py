"""Files and pieces of files as senders post them, and what a catalog lists of them."""

from collections.abc import Sequence
from typing import Any

from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.media.classification import classify
from streamvault.media.manifest import ListedPart, Manifest, write_manifest
from streamvault.media.model import MediaFile
from tests.support.files import media_file

MIB = 1 << 20


def document(message_id: int, name: str, size: int = MIB, **changes: Any) -> MediaFile:
    plain: dict[str, Any] = {"kind": "document", "mime_type": "application/octet-stream", "duration": None}
    return classify(media_file(message_id, name=name, size=size, **{**plain, **changes}))


def film(*sizes: int, first: int = 1, name: str = "Film.mkv.{:03}") -> list[MediaFile]:
    return [document(first + i, name.format(1 + i), size) for i, size in enumerate(sizes)]


async def listed(catalog: Catalog) -> dict[str, int]:
    """Sizes by name of what a list shows."""
    return {entry.file.name: entry.file.size for entry in (await catalog.page(CatalogQuery())).items}


def manifest_of(pieces: Sequence[MediaFile], message_id: int = 20) -> tuple[MediaFile, bytes]:
    """A manifest as a file, and its bytes."""
    listed = tuple(ListedPart(one.origin.message_id, one.size, one.key.file_unique_id) for one in pieces)
    data = write_manifest(Manifest("The whole name.mkv", sum(one.size for one in pieces), listed))
    return document(message_id, "Film.mkv.parts.json", len(data)), data
