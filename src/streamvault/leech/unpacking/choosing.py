"""Which files of an archive are posted, in which order, and what is said of the others; pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamvault.errors import SourceRefused
from streamvault.leech.file_names import clean_name
from streamvault.leech.unpacking.model import Entry, Kind, Member
from streamvault.leech.unpacking.names import texts_of

MOST_FILES = 2_000
"""Files that one job posts: each is a message."""
RATIO, SMALL = 200, 64 << 20
"""An archive of this many times its size, and more than SMALL bytes, is one that is made to fill disks."""
METHODS = (0, 8, 12)
"""Of ZIP: stored, deflate, bzip2."""
REREAD = 4
"""A compressed tar is read again for files that are not in order, up to as many times as it is long."""
_NAMED = 3
"""Files that a note names."""

EMPTY, LEFTOVER, EXTRA, OUTSIDE = "empty", "left by an unfinished download", "made by macOS", "with a path out of it"
LINK, SPECIAL, METHOD = "a link", "neither a file nor a folder", "compressed in a way that is not read here"
DAMAGED = "damaged"
_LEFTOVER = re.compile(r"\.(?:!qb|!ut|!bt|aria2|part|crdownload|ytdl)\Z", re.IGNORECASE)
_EXTRA = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store\Z|\._[^/]*\Z)")
_OUTSIDE = re.compile(r"^(?:/|[A-Za-z]:)|(?:^|/)\.\.(?:/|\Z)")
_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is posted of an archive, in order, and why how many others are not; `notes` for people."""

    members: tuple[Member, ...]
    left_out: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all that is posted."""
        return sum(member.entry.size for member in self.members)


def contents_of(entries: Sequence[Entry], kind: Kind, packed: int, *, most: int) -> Contents:
    """Of an archive of `packed` bytes; `most`: bytes of all its files. Raises SourceRefused where it is too large, or
    where nothing is left to be posted.
    """
    found: list[Member] = []
    left_out: dict[str, list[str]] = {}
    for number, (entry, path) in enumerate(zip(entries, texts_of([entry.path for entry in entries]), strict=True)):
        path = path.replace("\\", "/")
        why = why_not(entry, path, kind)
        if why:
            left_out.setdefault(why, []).append(path)
        elif entry.kind == "file":
            found.append(Member(number, path, clean_name(path), entry))
    _check_sizes(found, packed, most)
    contents = Contents((), {why: tuple(paths) for why, paths in left_out.items()})
    if not found:
        raise SourceRefused("; ".join(["nothing in this archive is posted", *left_out_notes(contents.left_out)]))
    members, notes = ordered(found, kind)
    return Contents(tuple(members), contents.left_out, notes)


def ordered(members: Sequence[Member], kind: Kind) -> tuple[list[Member], tuple[str, ...]]:
    """In natural order; as they stand in a compressed tar that had to be read too often for that, with a note."""
    natural = sorted(members, key=lambda member: (natural_key(member.path), member.number))
    if kind in ("zip", "tar") or _read(natural) <= max(REREAD * _end(natural), SMALL):
        return natural, ()
    return sorted(members, key=lambda member: member.number), ("posted in the order of the archive",)


def natural_key(path: str) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """Folder by folder, without regard to case, numbers by their values."""
    return tuple(tuple(_token(token) for token in _DIGITS.split(part.casefold())) for part in path.split("/"))


def left_out_notes(left_out: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A sentence for each reason, with a few names."""
    return tuple(f"left out: {_counted(paths, why)}" for why, paths in left_out.items())


def why_not(entry: Entry, path: str, kind: Kind) -> str:
    """ "" for what is posted, and for folders."""
    if entry.kind == "folder":
        return ""
    if entry.kind != "file":
        return LINK if entry.kind == "link" else SPECIAL
    if _OUTSIDE.search(path):
        return OUTSIDE
    if _EXTRA.search(path):
        return EXTRA
    if _LEFTOVER.search(path):
        return LEFTOVER
    if kind == "zip" and entry.method not in METHODS:
        return METHOD
    return "" if entry.size else EMPTY


def _check_sizes(members: Sequence[Member], packed: int, most: int) -> None:
    total = sum(member.entry.size for member in members)
    if len(members) > MOST_FILES:
        raise SourceRefused(f"this archive has {len(members):,} files, and at most {MOST_FILES:,} are posted")
    if total > most:
        raise SourceRefused(
            f"the files in this archive have {total:,} bytes, and at most {most:,} are taken (LEECH_MAX_SIZE)"
        )
    if total > max(SMALL, packed * RATIO):
        raise SourceRefused(
            f"this archive of {packed:,} bytes says that it holds {total:,}, as one that is made to fill disks does: "
            "it is not unpacked"
        )


def _read(members: Sequence[Member]) -> int:
    """Bytes that are read to come to each of the members in turn, where there is no way back but from the start."""
    at = total = 0
    for member in members:
        begins, ends = member.entry.at, member.entry.at + member.entry.size
        total += ends - (at if at <= begins else 0)
        at = ends
    return total


def _end(members: Sequence[Member]) -> int:
    return max(member.entry.at + member.entry.size for member in members)


def _token(token: str) -> tuple[int, int, str]:
    if not token.isdigit():
        return (1, 0, token)
    digits = token.lstrip("0")
    return (0, len(digits), digits)


def _counted(paths: Sequence[str], why: str) -> str:
    counted = Counter(clean_name(path) for path in paths)
    named = ", ".join(list(counted)[:_NAMED])
    more = ", ..." if len(counted) > _NAMED else ""
    return f"{len(paths):,} {why} ({named}{more})"
