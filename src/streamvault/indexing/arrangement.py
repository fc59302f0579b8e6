"""The rows for the pieces of one name: wholes, hidden pieces and other files; pure.

What was read for it is kept in marks of the catalog: `manifest/CHAT/MESSAGE` is the content of a manifest, "" for an
invalid one; `start/CHAT/MESSAGE` says of the second piece of a doubtful set (media/parts.py) how it begins: CONTINUES,
BEGINS, or UNREAD.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from streamvault.media.classification import classify, posted
from streamvault.media.manifest import MAX_MANIFEST, BadManifest, Manifest, read_manifest, write_manifest
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.part_names import MANIFEST, part_name
from streamvault.media.parts import join

log = logging.getLogger(__name__)

MAX_WHOLES = 16
"""Wholes of one name in one chat, and manifests that are considered, at most; older ones stay in pieces."""
CONTINUES, BEGINS, UNREAD = "continues", "begins", "unread"
_START = "start/"


def arrange(
    files: Iterable[MediaFile], manifests: Mapping[Origin, Manifest], *, continues: Callable[[MediaFile], bool]
) -> list[MediaFile]:
    """The rows for all files whose names belong to one whole, each file once: wholes, hidden pieces and other files.

    `manifests` are the manifests that were read, by message; `continues` as in media.parts.join.
    """
    rows = {file.origin: posted(file) for file in files}
    left = {origin: file for origin, file in rows.items() if not is_manifest(file)}
    wholes: list[MediaFile] = []
    while len(wholes) < MAX_WHOLES and (whole := join(left.values(), list(manifests.values()), continues=continues)):
        whole = classify(whole)
        wholes.append(whole)
        for part in whole.parts:
            left.pop(part.origin, None)
            rows[part.origin] = replace(rows[part.origin], part_of=whole.origin)
        rows[whole.origin] = whole
    for origin, manifest in manifests.items():
        names = [part.file_unique_id for part in manifest.parts]
        for whole in wholes:
            if [part.key.file_unique_id for part in whole.parts] == names:
                rows[origin] = replace(rows[origin], part_of=whole.origin)
    return list(rows.values())


def is_manifest(file: MediaFile) -> bool:
    """Whether it is one by its name."""
    named = part_name(file.name)
    return named is not None and named.number == MANIFEST


def manifest_mark(file: MediaFile) -> str:
    """The name of the mark that holds the content of a manifest."""
    return f"manifest/{file.origin.chat_id}/{file.origin.message_id}"


def start_mark(origin: Origin) -> str:
    """The name of the mark that says how the piece in this message begins."""
    return f"{_START}{origin.chat_id}/{origin.message_id}"


def unread_starts(marks: Mapping[str, str]) -> list[Origin]:
    """The messages of the pieces whose first bytes have to be read."""
    names = [name.removeprefix(_START) for name, value in marks.items() if value == UNREAD and name.startswith(_START)]
    return [Origin(int(chat), int(message)) for chat, _, message in (name.partition("/") for name in names)]


def second_pieces(files: Iterable[MediaFile]) -> dict[Origin, FileKey]:
    """The second piece of each whole."""
    return {file.parts[1].origin: file.parts[1].key for file in files if file.parts}


class Starts:
    """What is known of the starts of pieces, and the pieces that were asked for before it was."""

    def __init__(self) -> None:
        self.known: dict[Origin, bool] = {}
        self.asked: list[MediaFile] = []

    def continues(self, piece: MediaFile) -> bool:
        """Whether a piece continues another one, as far as it is known."""
        if piece.origin not in self.known:
            self.asked.append(piece)
        return self.known.get(piece.origin, False)


def manifest_text(file: MediaFile, data: bytes) -> str:
    """The content that the catalog stores of a manifest; "" for an invalid one."""
    try:
        if file.size > MAX_MANIFEST:
            raise BadManifest(f"it has {file.size} bytes, which are more than {MAX_MANIFEST}")
        return write_manifest(read_manifest(data)).decode()
    except BadManifest as error:
        where = file.origin
        log.warning("%r in %d/%d is not a valid manifest: %s", file.name, where.chat_id, where.message_id, error)
        return ""
