"""Files that were cut into pieces: which names are pieces of which whole, and which files make one whole; pure.

Only a complete set makes a whole: its numbers run from 0 or 1 without a gap, and all pieces have the size of the first
one, except that the last may be smaller. Until a smaller piece arrives, the set counts as complete as it is and grows
with each further piece; names with a total (001-of-003) and a manifest beside the pieces (media/manifest.py) settle it.

"Film Part 1.mkv" is more often a film of its own than a piece, and "notes.txt.01" a version. Where the name is
ambiguous, the set must look like the output of a splitter: no piece but the first has a duration, two or more pieces
have the same size, or a single one has a round size, and the second piece does not begin like a file of its own.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto

from streamvault.media.manifest import Manifest
from streamvault.media.model import FileKey, MediaFile, Part, Sent
from streamvault.media.part_names import STYLES, PartName, part_name
from streamvault.media.types import UNKNOWN, kind_of, type_of

VERSION = 2
"""Of the rules below and of those for names: what was joined by an older version is joined again."""
_MIB = 1 << 20


class Fit(Enum):
    """Whether pieces make a whole; DOUBTFUL: if the second one does not begin like a file of its own."""

    NONE = auto()
    DOUBTFUL = auto()
    CERTAIN = auto()


def _assumed(_: MediaFile) -> bool:
    return True


def whole_of(file: MediaFile) -> str:
    """The name of the whole that `file` is a piece of, or that `file` is; "" if it is neither."""
    found = part_name(file.parts[0].name if file.parts else file.name)
    return found.whole if found else ""


def held_by(file: MediaFile) -> tuple[str, ...]:
    """The file_unique_ids found at the message of a stored file: its own, and of a whole its first piece's."""
    first = file.parts[:1]
    return (file.key.file_unique_id, *(part.key.file_unique_id for part in first))


def as_posted(file: MediaFile) -> MediaFile:
    """`file` as its own message shows it: the first piece of a whole, and a piece without its link to the whole.

    Of a whole, kind and type are as they were sent (see classification.py).
    """
    if file.parts:
        return replace(piece(file, 0), thumb_sizes=file.thumb_sizes, part_of=None)
    return replace(file, part_of=None) if file.part_of else file


def piece(file: MediaFile, number: int) -> MediaFile:
    """The piece at `number` (from 0) of a whole, as a file to be read; an uncut file is its own only piece."""
    if not file.parts:
        return file
    part = file.parts[number]
    return replace(
        file,
        key=part.key,
        origin=part.origin,
        dc_id=part.dc_id,
        kind=part.kind,
        name=part.name,
        size=part.size,
        mime_type=part.mime_type,
        thumb_sizes=(),
        parts=(),
        part_of=file.origin,
        sent=Sent(part.kind, part.name, part.mime_type, part.tags),
    )


def join(
    files: Iterable[MediaFile],
    manifests: Sequence[Manifest] = (),
    *,
    continues: Callable[[MediaFile], bool] = _assumed,
) -> MediaFile | None:
    """The whole that some of `files` make; all are of one chat and have names of pieces of it.

    None if no set is complete. Pieces that a manifest lists are joined as it says or not at all; the first manifest
    whose pieces are all there is used. Files that were joined before count as what their messages show. `continues` is
    asked for the second piece of a DOUBTFUL set: whether it begins in the middle of a file.
    """
    pieces = [as_posted(file) for file in files]
    for manifest in manifests:
        listed = _listed(pieces, manifest)
        if listed:
            return _whole(listed, manifest.name)
    claimed = {part.file_unique_id for manifest in manifests for part in manifest.parts}
    left = [one for one in pieces if one.key.file_unique_id not in claimed]
    for name, numbered in _named(left):
        for candidate in _candidates(numbered):
            ordered = _ordered(candidate)
            match fit(ordered, name):
                case Fit.CERTAIN:
                    return _whole(ordered, name.whole)
                case Fit.DOUBTFUL if continues(ordered[1]):
                    return _whole(ordered, name.whole)
    return None


def fit(pieces: Sequence[MediaFile], name: PartName) -> Fit:
    """Whether these pieces, in order, with names like `name`, make a whole."""
    if len(pieces) < 2 or any(one.size <= 0 for one in pieces):
        return Fit.NONE
    if name.total is not None:
        return Fit.CERTAIN if len(pieces) == name.total else Fit.NONE
    size, known = pieces[0].size, type_of(name.whole) != UNKNOWN
    if pieces[-1].size > size or any(one.size != size for one in pieces[:-1]):
        return Fit.NONE
    if name.style in ("chunk", "numbered") or (name.style == "last" and known):
        return Fit.CERTAIN
    cut = len(pieces) > 2 or size % 1000 == 0 or size % 1024 == 0
    if name.style == "short" and not known:
        cut = len(pieces) > 2 and size >= _MIB
    return Fit.DOUBTFUL if cut and all(one.duration is None for one in pieces[1:]) else Fit.NONE


def _named(pieces: Iterable[MediaFile]) -> Iterator[tuple[PartName, list[tuple[int, MediaFile]]]]:
    """The numbered pieces of each way to name them, in the order of STYLES, with the name of one of them."""
    found: defaultdict[tuple[int, int], list[tuple[PartName, MediaFile]]] = defaultdict(list)
    for one in pieces:
        name = part_name(one.name)
        if name is not None and name.style in STYLES:
            found[STYLES.index(name.style), name.total or 0].append((name, one))
    for _, named in sorted(found.items(), key=lambda item: item[0]):
        yield named[0][0], [(name.number, one) for name, one in named]


def _listed(pieces: Iterable[MediaFile], manifest: Manifest) -> list[MediaFile]:
    """The pieces that the manifest names, in its order; empty when one of them is missing."""
    held: dict[tuple[str, int], MediaFile] = {}
    named = {part.message_id for part in manifest.parts}
    for one in sorted(pieces, key=lambda one: (one.origin.message_id in named, one.origin.message_id)):
        held[one.key.file_unique_id, one.size] = one
    found = [held.get((part.file_unique_id, part.size)) for part in manifest.parts]
    complete = [one for one in found if one is not None]
    return complete if len(complete) == len(found) else []


def _candidates(numbered: Sequence[tuple[int, MediaFile]]) -> Iterator[Mapping[int, MediaFile]]:
    """Sets to try: the newest piece of each number, and each series of increasing numbers, the newest first.

    A single piece that was posted again replaces the older one; a set that is posted again is not mixed with the one
    before, whose bytes may differ.
    """
    series: list[dict[int, MediaFile]] = []
    for number, one in sorted(numbered, key=lambda item: item[1].origin.message_id):
        if not series or number in series[-1]:
            series.append({})
        series[-1][number] = one
    newest = {number: one for posted in series for number, one in posted.items()}
    again = bool(series) and min(newest) in series[-1]
    yield from ((*reversed(series), newest) if again else (newest, *reversed(series)))


def _ordered(by_number: Mapping[int, MediaFile]) -> list[MediaFile]:
    """Pieces from the first to the last; empty when the first or one between is missing."""
    numbers = sorted(by_number)
    if not numbers or numbers[0] > 1 or numbers[-1] - numbers[0] != len(numbers) - 1:
        return []
    return [by_number[number] for number in numbers]


def _whole(pieces: Sequence[MediaFile], name: str) -> MediaFile:
    mime_type = type_of(name)
    parts = tuple(_part(one, one.sent or Sent(one.kind, one.name, one.mime_type)) for one in pieces)
    return replace(
        pieces[0],
        key=_key(parts),
        kind=kind_of(mime_type),
        name=name,
        size=sum(one.size for one in pieces),
        mime_type=mime_type,
        parts=parts,
        sent=None,
    )


def _part(one: MediaFile, sent: Sent) -> Part:
    return Part(
        one.key, one.origin, one.dc_id, one.name, one.size, sent.kind, sent.mime_type,
        modified=one.modified, tags=sent.tags,
    )  # fmt: skip


def _key(parts: Iterable[Part]) -> FileKey:
    """The key of a whole: the same for these pieces in any chat; no file_unique_id, since those begin with Ag."""
    names = "\0".join(part.key.file_unique_id for part in parts)
    digest = hashlib.blake2b(names.encode(), digest_size=16).digest()
    return FileKey("j" + base64.urlsafe_b64encode(digest).decode().rstrip("="))
