"""The manifest of a cut file: a list of its pieces, posted beside them as `<whole>.parts.json`; pure.

    {"streamvault": 1, "name": "Film.mkv", "size": 3145728000, "sha256": null,
     "parts": [{"message_id": 41, "size": 2097152000, "file_unique_id": "AgAD..."}, ...]}

Pieces are identified by file_unique_id and size, so the manifest stays valid where all of it is forwarded to;
`message_id` decides where several messages hold the same piece. `sha256` (hexadecimal) is that of the whole. `name` may
be the full name where Telegram truncated the names of the pieces. Unknown fields are ignored.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

SUFFIX = ".parts.json"
MAX_MANIFEST = 256 * 1024
"""Bytes; a larger file is not read as a manifest."""
MAX_NAME = 1024

_DIGEST = re.compile(r"[0-9a-f]{64}")


class BadManifest(ValueError):
    """The text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ListedPart:
    """One piece; `size` in bytes."""

    message_id: int
    size: int
    file_unique_id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Two pieces or more, in order; `size` in bytes is their sum."""

    name: str
    size: int
    parts: tuple[ListedPart, ...]
    sha256: str | None = None


def read_manifest(data: bytes) -> Manifest:
    """The manifest that `data` holds. Raises BadManifest."""
    if len(data) > MAX_MANIFEST:
        raise BadManifest(f"it has {len(data)} bytes, which are more than {MAX_MANIFEST}")
    return parse_manifest(data)


def parse_manifest(data: bytes) -> Manifest:
    """The same for the output of `write_manifest`, without a limit of size. Raises BadManifest."""
    try:
        given = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise BadManifest("it is not JSON") from error
    match given:
        case {"streamvault": int(version), "name": str(name), "size": int(size), "parts": list(parts)} if (
            version is not True and version == 1
        ):
            manifest = Manifest(name, size, tuple(map(_listed, parts)), sha256=given.get("sha256"))
        case _:
            raise BadManifest("it does not have the fields of version 1")
    _check(manifest)
    return manifest


def write_manifest(manifest: Manifest) -> bytes:
    """The bytes that `read_manifest` reads; sent as a document called `manifest.name` + SUFFIX."""
    fields = {"streamvault": 1, "name": manifest.name, "size": manifest.size, "sha256": manifest.sha256}
    parts = [{"message_id": p.message_id, "size": p.size, "file_unique_id": p.file_unique_id} for p in manifest.parts]
    return json.dumps({**fields, "parts": parts}, ensure_ascii=False).encode()


def _listed(given: Any) -> ListedPart:
    match given:
        case {"message_id": int(message_id), "size": int(size), "file_unique_id": str(unique_id)} if (
            0 < message_id < 1 << 31 and size > 0 and unique_id
        ):
            return ListedPart(message_id, size, unique_id)
        case _:
            raise BadManifest("one of its pieces lacks a message_id, size or file_unique_id that makes sense")


def _check(manifest: Manifest) -> None:
    if not 0 < len(manifest.name) <= MAX_NAME:
        raise BadManifest(f"its name is empty or longer than {MAX_NAME} characters")
    if len(manifest.parts) < 2:
        raise BadManifest("it names fewer than two pieces")
    if len({part.message_id for part in manifest.parts}) < len(manifest.parts):
        raise BadManifest("it names a message twice")
    if not sum(part.size for part in manifest.parts) == manifest.size < 1 << 63:
        raise BadManifest("its size is not the sum of its pieces' sizes")
    digest: Any = manifest.sha256
    if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        raise BadManifest("its sha256 is not 64 hexadecimal digits")
    try:
        write_manifest(manifest)
    except UnicodeEncodeError as error:
        raise BadManifest("it holds what is no text") from error
